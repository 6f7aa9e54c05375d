"""The worker of `attacks.fuzz --guided`: inputs that come to new places are kept and changed again.

Guided by atheris (`pip install atheris`), which is libFuzzer for Python: it counts the branches of what is
imported under its eyes. Half of the changes are its own, half those of `attacks/victims.py`, which know the
formats.
"""

import argparse
import random
import zlib
from pathlib import Path

import atheris

from attacks.fuzz import HANGS_S, MEMORY_BYTES, Findings, bound

READERS = (
    "rnnviz.text",
    "rnnviz.training.checkpoint",
    "rnnviz.training.tensor_file",
    "rnnviz.training.resuming",
    "rnnviz.training.settings",
    "rnnviz.training.setting",
    "rnnviz.probes.golden",
    "numpy.lib",
    "zipfile",
)

with atheris.instrument_imports(include=list(READERS)):
    import rnnviz.one_blas_thread  # noqa: F401  # as the program does
    from attacks.victims import VICTIMS, Victim

OWN_CHANGES = 0.5


def guide(kind: str, n: int, seed: int, folder: Path) -> None:
    """Try so many inputs of a kind; does not return. What was found is left in the folder."""
    victim, findings = VICTIMS[kind](folder), Findings()
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, content in enumerate(victim.valid):
        (corpus / str(number)).write_bytes(content)
    longest = 2 * max(len(content) for content in victim.valid)

    def one(content: bytes) -> None:
        chance = random.Random(zlib.crc32(content))
        findings.try_one(lambda: victim.use(content, chance), victim.refusals)
        if findings.tried % 100 == 0 or findings.tried >= n or findings.wrong:
            findings.leave(folder)

    def change(content: bytes, longest: int, seed: int) -> bytes:
        return _changed(victim, content, longest, random.Random(seed))

    options: dict[str, object] = {
        "runs": n,
        "seed": seed + 1,
        "max_len": longest,
        "timeout": HANGS_S,
        "len_control": 0,
    }
    options |= {"rss_limit_mb": MEMORY_BYTES >> 20, "artifact_prefix": f"{folder}/"}
    arguments = [f"-{name}={value}" for name, value in options.items()]
    atheris.Setup(["guided", *arguments, str(corpus)], one, custom_mutator=change)
    bound()
    atheris.Fuzz()


def _changed(victim: Victim, content: bytes, longest: int, chance: random.Random) -> bytes:
    if chance.random() < OWN_CHANGES:
        return bytes(atheris.Mutate(content, longest))
    try:
        return victim.broken(content, chance)[:longest]
    except Exception:  # a change that needs a valid file found one that is broken already
        return victim.broken(chance.choice(victim.valid), chance)[:longest]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--kind", required=True)
    parser.add_argument("--n", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--worker", type=Path, required=True)
    chosen = parser.parse_args()
    guide(chosen.kind, chosen.n, chosen.seed, chosen.worker)
