"""The document of the benchmarks: a section that is written anew leaves the others as they are."""

from pathlib import Path

from benchmarks.__main__ import DOCUMENT, SECTIONS, marked, put

PAGE = "\n\n".join(["# Head", marked("start", "## Start, old"), marked("window", "## The window")]) + "\n"


def test_a_section_takes_the_place_of_its_predecessor_and_of_nothing_else() -> None:
    new = put(PAGE, "start", "## Start\n\nnew, with a \\1 in it")
    assert "old" not in new and "new, with a \\1 in it" in new
    assert new.startswith("# Head") and new.endswith("<!-- end of window -->\n")
    assert put(new, "start", "## Start, old") == PAGE


def test_a_section_that_was_not_there_comes_last() -> None:
    assert put(PAGE, "scale", "## Scale") == f"{PAGE}\n{marked('scale', '## Scale')}\n"


def test_the_sections_take_twenty_minutes_at_most() -> None:
    assert sum(section.budget_s for section in SECTIONS.values()) <= 20 * 60


def test_every_section_is_a_module_of_the_benchmarks() -> None:
    folder = Path(put.__code__.co_filename).parent
    assert all((folder / f"{name}.py").exists() for name in SECTIONS)
    assert "<!-- training -->" in DOCUMENT.read_text(encoding="utf-8")
