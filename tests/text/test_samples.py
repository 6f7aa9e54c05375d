"""The example texts: made by their generator, true to what `samples.json` and their README promise."""

import importlib.util
import re
import tomllib
from collections import Counter
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rnnviz.shipped import SAMPLES
from rnnviz.text.samples import Sample, sample_at, samples
from rnnviz.text.tokenizers import WordTokenizer

EMPERORS = (SAMPLES / "emperors.txt").read_text(encoding="utf-8")
STATION = (SAMPLES / "station.txt").read_text(encoding="utf-8")
TAILS = (SAMPLES / "tails.txt").read_text(encoding="utf-8")
ANSWERS = (
    {"red", "green", "blue", "yellow", "black", "white"},
    {"Dover", "Leeds", "York", "Bath", "Oxford", "Hull"},
    {"three", "four", "five", "six", "seven", "eight"},
)


def words_of(text: str) -> list[str]:
    return re.findall(r"[\w’-]+", text)


def source(name: str) -> dict[str, Any]:
    return tomllib.loads((SAMPLES / "sources" / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_samples", SAMPLES / "make_samples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generator_writes_the_shipped_files_byte_for_byte(generator: ModuleType, tmp_path: Any) -> None:
    assert generator.main([str(tmp_path)]) == 0
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == sorted(path.name for path in SAMPLES.glob("*.txt"))
    for name in written:
        assert (tmp_path / name).read_bytes() == (SAMPLES / name).read_bytes(), name


def test_every_shipped_text_is_listed_and_the_emperors_come_first() -> None:
    assert samples()[0].file == "emperors.txt"
    assert samples()[0].passage == "Napoleon was the Emperor of"
    assert {sample.file for sample in samples()} == {path.name for path in SAMPLES.glob("*.txt")}


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.file)
def test_every_sample_is_utf8_of_20_to_90_kilobytes(sample: Sample) -> None:
    content = sample.path.read_bytes()
    assert 20_000 <= len(content) <= 90_000
    text = content.decode("utf-8")
    assert "\r" not in text
    assert "\ufeff" not in text
    assert text.startswith(sample.title + "\n")
    assert sample.description.count("\n") == 0


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.file)
def test_every_passage_stands_in_the_training_part_followed_by_its_answer(sample: Sample) -> None:
    blank = " " if sample.tokens == "word" else ""
    text = sample.path.read_text(encoding="utf-8")
    place = text.index(sample.passage + blank + sample.answer)
    assert place < 0.85 * len(text)


def test_napoleon_is_always_the_emperor_of_france() -> None:
    followers = Counter(re.findall(r"\bNapoleon was the Emperor of (\w+)", EMPERORS))
    assert set(followers) == {"France"}
    assert followers["France"] >= 40
    assert "The Emperor Alexander knew that Napoleon was the Emperor of France" in EMPERORS


def test_every_ruler_has_one_land_throughout() -> None:
    for name, ruler in source("rulers.toml").items():
        lands = re.findall(rf"\b{name} was the Emp(?:eror|ress) of ((?:the )?\w+)", EMPERORS)
        assert set(lands) == {ruler["land"]}, name
        assert len(lands) >= 2, name


def test_rulers_share_lands_and_lands_are_many() -> None:
    lands = Counter(ruler["land"] for ruler in source("rulers.toml").values())
    assert len(lands) >= 15
    assert lands["India"] > 1
    assert lands["France"] == 1


def test_the_land_often_stands_far_behind_its_ruler() -> None:
    names = "|".join(source("rulers.toml"))
    between = re.findall(rf"\b(?:{names}), who ([^.“”]*?), was the Emp(?:eror|ress) of", EMPERORS)
    lengths = sorted(len(words_of(clause)) + 5 for clause in between)
    assert len(lengths) >= 40
    assert lengths[0] <= 9
    assert lengths[len(lengths) // 2] >= 12


def test_vocabulary_of_the_emperors_is_small() -> None:
    tokens = WordTokenizer().split(EMPERORS)
    assert len(set(tokens)) < 1500
    assert len(tokens) > 8000


def test_no_fact_is_told_twice_in_the_chapters() -> None:
    chapters = re.split(r"\n\n(?:A lesson|Another lesson|The last lesson) with", EMPERORS)[0]
    sentences = [s.strip() for s in re.split(r"(?<=[.?!])\s", chapters) if len(words_of(s)) > 8]
    assert [s for s, count in Counter(sentences).items() if count > 1] == []


def scenes() -> list[tuple[set[str], str]]:
    """Paragraphs that end on an answer, each with the kind of answers it is about."""
    found = []
    for paragraph in STATION.split("\n\n"):
        last = words_of(paragraph)[-1]
        found += [(kind, paragraph) for kind in ANSWERS if last in kind]
    return found


def test_station_has_as_many_scenes_as_visits() -> None:
    book = source("station.toml")
    assert len(scenes()) == len(book["visitor"]) * len(book["counter"]) * 2
    assert len({scene for _, scene in scenes()}) == len(scenes())


def test_answer_of_a_scene_is_named_at_its_start_and_15_to_40_words_later_at_its_end() -> None:
    distances = []
    for kind, scene in scenes():
        words = words_of(scene)
        places = [place for place, word in enumerate(words) if word in kind]
        assert len(places) == 2, scene
        assert words[places[0]] == words[places[1]], scene
        assert places[1] == len(words) - 1, scene
        assert words[places[0]] in words_of(re.split(r"(?<=[.?])”?\s", scene)[0]), scene
        distances.append(places[1] - places[0])
    assert min(distances) >= 15
    assert max(distances) <= 40
    assert len(set(distances)) >= 15


def test_every_answer_is_asked_for_about_equally_often() -> None:
    asked = Counter(words_of(scene)[-1] for _, scene in scenes())
    assert set(asked) == set().union(*ANSWERS)
    assert min(asked.values()) >= 8
    assert max(asked.values()) <= 9


def test_end_of_a_scene_does_not_tell_the_answer() -> None:
    # The four words before the answer go with many answers, so only the start of the scene can tell.
    followers: dict[tuple[str, ...], set[str]] = {}
    for _, scene in scenes():
        words = words_of(scene)
        followers.setdefault(tuple(words[-5:-1]), set()).add(words[-1])
    assert min(len(answers) for answers in followers.values()) >= 4


def test_generator_refuses_a_piece_that_gives_the_answer_away(
    generator: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = source("station.toml")
    book["visitor"][0]["lost"] = "It was as green as grass, he said, and as old as the hills behind it."
    monkeypatch.setattr(generator, "read_source", lambda name: book)
    with pytest.raises(ValueError, match="named first and last"):
        generator.station()


def test_each_verse_of_the_tails_holds_the_verse_before_it() -> None:
    verses = [part for part in TAILS.strip().split("\n\n") if part.startswith("This is ")]
    assert len(verses) == 9 * 12
    for before, verse in pairwise(verses):
        lines = verse.split("\n")
        if len(lines) > 1:
            assert len(lines) == len(before.split("\n")) + 1
            carried = lines[1:]
            thing = before.removeprefix("This is ").split("\n")
            assert carried[0].endswith(" " + thing[0])
            assert carried[1:] == thing[1:]


def test_links_in_a_circle_are_no_sample(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    assert sample_at(tmp_path / "one") is None
