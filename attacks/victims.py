"""What the fuzzer attacks: for each kind how it is opened and used, and which errors are refusals."""

import io
import json
import math
import random
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from attacks.mutations import NASTY, mutated, with_nasty_value
from attacks.subject import SENTENCES, small_run, small_text
from rnnviz.engine import ACTIVATIONS, CELLS, next_token_probabilities
from rnnviz.probes import golden
from rnnviz.shipped import GOLDEN
from rnnviz.text import (
    Task,
    TextError,
    Vocabulary,
    build_corpus,
    read_text,
    read_vectors,
    samples,
    task_of,
)
from rnnviz.training import (
    SETTINGS,
    Diverged,
    Experiment,
    RunSettings,
    SettingError,
    TrainingError,
    checkpoint,
    is_checkpoint,
    prepare,
    suited,
)
from rnnviz.training.machine_memory import check_memory_of_lanes


@dataclass(frozen=True, slots=True)
class Victim:
    """A kind of file under attack."""

    valid: Sequence[bytes]
    broken: Callable[[bytes, random.Random], bytes]  # of a valid one
    use: Callable[[bytes, random.Random], str]  # write it to disk, open it and use it; what was done with it
    refusals: tuple[type[Exception], ...]  # what it may raise

    def attack(self, chance: random.Random) -> str:
        """Use one that is broken; what was done with it."""
        return self.use(self.broken(chance.choice(self.valid), chance), chance)


USED, TRAINED = "used", "trained"


LARGEST_PARAMETERS = 300_000
LARGEST_WINDOW = 20_000
"""Of the settings that are trained: those beyond are checked and not built, to keep to the time."""


def text(folder: Path) -> Victim:
    """Texts in some encodings, an example text, a memory task."""
    words = SENTENCES * 20
    valid = [words.encode(encoding) for encoding in ("utf-8", "utf-16", "utf-32", "latin-1", "cp1252")]
    valid += ["Здравствуй, мир. 你好，世界。\n".encode() * 30, samples()[0].path.read_bytes()[:6000]]
    valid += [Task(kind, 5, 30).text().encode() for kind in ("recall", "copy", "reber")]
    path = folder / "input"

    def use(content: bytes, chance: random.Random) -> str:
        path.write_bytes(content)
        is_checkpoint(path)
        found = read_text(path)
        shared = suited(RunSettings(), task_of(found)).experiment
        for tokens in ("word", "char"):
            corpus = build_corpus(
                found, tokens=tokens, vocabulary=shared.vocabulary, lowercase=chance.random() < 0.5,
                valid_fraction=0.1,
            )  # fmt: skip
            corpus.encode("".join(found.pieces())[:50])
        found.lines(0, 50)
        return USED

    return Victim(valid, mutated, use, (TextError,))


def checkpoints(folder: Path) -> Victim:
    """Checkpoints of every cell, of a race, of one that holds something: as bytes, and as trees of values."""
    path = folder / "input"
    valid = []
    for cell in CELLS:
        checkpoint.save(small_run(3, cell=cell, layers=2, dropout=0.2), path)
        valid.append(path.read_bytes())
    settings = small_run().settings
    race = settings.with_lanes([settings.lanes[0], settings.with_values({"cell": "gru"}).lanes[0]])
    checkpoint.save(prepare(small_text(), race), path)
    valid.append(path.read_bytes())

    def broken(one: bytes, chance: random.Random) -> bytes:
        return mutated(one, chance) if chance.random() < 0.5 else _with_nasty_header(one, chance)

    def use(content: bytes, _chance: random.Random) -> str:
        path.write_bytes(content)
        is_checkpoint(path)
        read = checkpoint.read(path)
        checkpoint.updates_in(path)
        model, _ = read.model()
        with np.errstate(all="ignore"):
            next_token_probabilities(model, np.array([1, 0]))
        experiment = read.experiment(small_text())
        experiment.update()
        return USED

    return Victim(valid, broken, use, (TrainingError, TextError))


def _with_nasty_header(valid: bytes, chance: random.Random) -> bytes:
    """The header's JSON, or that within its metadata, with a value that is none; lengths fit again."""
    length = struct.unpack("<Q", valid[:8])[0]
    header, body = json.loads(valid[8 : 8 + length]), valid[8 + length :]
    part = chance.choice(("header", "settings", "progress", "vocabulary"))
    if part == "header":
        header = with_nasty_value(header, chance)
    else:
        metadata = header["__metadata__"]
        metadata[part] = json.dumps(with_nasty_value(json.loads(metadata[part]), chance))
    text = json.dumps(header).encode("ascii")
    return struct.pack("<Q", len(text)) + text + body


def traces(folder: Path) -> Victim:
    """Files of arrays: the golden numbers that `rnnviz verify` opens."""
    path = folder / "input"
    valid = [file.read_bytes() for file in sorted(GOLDEN.glob("*.npz"))]

    def broken(one: bytes, chance: random.Random) -> bytes:
        return mutated(one, chance) if chance.random() < 0.5 else _with_nasty_arrays(one, chance)

    def use(content: bytes, chance: random.Random) -> str:
        path.write_bytes(content)
        # Gates tell an LSTM and a GRU; the activation of a plain RNN is in the file's name alone.
        named = folder / (
            "gates.npz" if b"gate/" in content else f"rnn_{chance.choice(list(ACTIVATIONS))}.npz"
        )
        named.write_bytes(content)
        with np.errstate(all="ignore"):
            golden.check_file(named)
        return USED

    return Victim(valid, broken, use, (golden.GoldenFileError,))


def _with_nasty_arrays(valid: bytes, chance: random.Random) -> bytes:
    """The same file with one to three of its arrays gone, cut, of another type or with other numbers."""
    with np.load(io.BytesIO(valid), allow_pickle=False) as file:
        arrays = {key: file[key] for key in file.files}
    for _ in range(chance.randint(1, 3)):
        key = chance.choice(list(arrays))
        array = arrays[key]
        match chance.randrange(6):
            case 0 if len(arrays) > 1:
                del arrays[key]
            case 1:
                arrays[key] = array[: chance.randrange(len(array) + 1)] if array.ndim else array[None]
            case 2:
                with np.errstate(all="ignore"):
                    arrays[key] = array.real.astype(chance.choice(("<i8", "<f4", "<c16", "?", "<U5", "S3")))
            case 3 if array.size:
                arrays[key] = np.full(array.shape, chance.choice((np.nan, np.inf, 1e300, -1, 0, 99)))
            case 4:
                arrays[key] = array[None]
            case _:
                arrays["another " + key] = array
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def vectors(folder: Path) -> Victim:
    """GloVe's text, word2vec's text and binary."""
    path = folder / "input"
    words = sorted(set(SENTENCES.split()))
    numbers = np.random.default_rng(0).normal(size=(len(words), 6)).astype(np.float32)
    lines = "".join(
        f"{w} {' '.join(f'{v:.5f}' for v in row)}\n" for w, row in zip(words, numbers, strict=True)
    )
    head = f"{len(words)} 6\n"
    binary = head.encode() + b"".join(
        word.encode() + b" " + row.tobytes() + b"\n" for word, row in zip(words, numbers, strict=True)
    )
    valid = [lines.encode(), (head + lines).encode(), binary]
    vocabulary = Vocabulary.from_tokens(["<unk>", *words])

    def use(content: bytes, _chance: random.Random) -> str:
        path.write_bytes(content)
        found = read_vectors(path, vocabulary)
        found.coverage(vocabulary)
        if not np.isfinite(found.rows).all():
            raise AssertionError("numbers that are none were let in")
        return USED

    return Victim(valid, mutated, use, (TextError,))


def settings(folder: Path) -> Victim:
    """Settings, each valid or not, on a text or a memory task: trained for a few updates."""
    texts = [small_text(8), small_text(1)]

    def use(_content: bytes, chance: random.Random) -> str:
        values = {name: _value(name, chance) for name in chance.sample(list(SETTINGS), chance.randint(1, 8))}
        (folder / "input").write_text(repr(values))
        base = RunSettings().with_values({"hidden": 6, "window": 5, "batch": 3})
        chosen = base.with_values(values)
        if chance.random() < 0.2:
            chosen = chosen.with_lanes([chosen.lanes[0], base.with_values({"cell": "gru"}).lanes[0]])
        source = Task("recall", 3, 40) if chance.random() < 0.3 else chance.choice(texts)
        if _is_large(chosen):
            check_memory_of_lanes(chosen, chosen.experiment.vocabulary)
            return "let in by the memory check, too large to be trained here"
        return _train(prepare(source, chosen, suit=chance.random() < 0.5))

    return Victim([b""], lambda one, _: one, use, (TextError, TrainingError, SettingError))


def _is_large(chosen: RunSettings) -> bool:
    shared = chosen.experiment
    for lane in chosen.lanes:
        width = max(lane.hidden, lane.embedding)
        if 12 * lane.layers * width * width + 60 * width > LARGEST_PARAMETERS:
            return True
    steps = shared.window * shared.batch * sum(lane.layers for lane in chosen.lanes)
    return steps > LARGEST_WINDOW


def _train(experiment: Experiment) -> str:
    try:
        for _ in range(3):
            experiment.update()
    except Diverged:
        return "trained until it diverged"
    for _ in experiment.validation():
        pass
    return TRAINED


def _value(name: str, chance: random.Random) -> Any:
    """Mostly what may be, at its limits and between; now and then what may not."""
    setting = SETTINGS[name]
    if chance.random() < 0.03:
        return chance.choice(NASTY)
    if setting.choices:
        return chance.choice(setting.choices)
    if isinstance(setting.default, bool):
        return chance.random() < 0.5
    if setting.is_path:
        return chance.choice(("", "nowhere.txt", "."))
    high = min(setting.high, 1e9)
    if chance.random() < 0.1:
        return chance.choice((setting.low, high, setting.low - 1, high * 2))
    low = max(setting.low, 1e-4 if isinstance(setting.default, float) else 1)
    value = math.exp(chance.uniform(math.log(low), math.log(min(high, 40.0) if high > low else low)))
    return value if isinstance(setting.default, float) else round(value)


VICTIMS: dict[str, Callable[[Path], Victim]] = {
    "text": text,
    "checkpoint": checkpoints,
    "trace": traces,
    "vectors": vectors,
    "settings": settings,
}
