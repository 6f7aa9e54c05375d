"""Files written whole or not at all, and what killed writers leave beside them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnnviz.training.whole_file import remove_stale_parts, write_whole


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_pieces_of_any_kind_are_written_in_their_order(tmp_path: Path) -> None:
    write_whole(tmp_path / "x", [b"one ", memoryview(b"two "), b"", b"three"])
    assert (tmp_path / "x").read_bytes() == b"one two three"
    assert names(tmp_path) == ["x"]


def test_a_piece_that_cannot_be_made_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("old")

    def pieces():
        yield b"half"
        raise MemoryError

    with pytest.raises(MemoryError):
        write_whole(tmp_path / "x", pieces())
    assert (tmp_path / "x").read_text() == "old"
    assert names(tmp_path) == ["x"]


def test_parts_of_dead_writers_are_swept_and_only_those_of_this_file(tmp_path: Path) -> None:
    others = [".x.12.part", ".x.1-2.part.txt", ".xy.12-0.part", ".x.12-0.parts", "x.12-0.part"]
    for name in (".x.12-0.part", ".x.999999-14.part", *others):
        (tmp_path / name).write_text("left")
    assert remove_stale_parts(tmp_path / "x") == 2
    assert names(tmp_path) == sorted(others)


@pytest.mark.skipif(os.name == "nt", reason="there a file that is open cannot be removed")
def test_a_part_that_is_being_written_is_not_swept(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from rnnviz.training.whole_file import write_whole\n"
        "def pieces():\n"
        "    yield b'first, '\n"
        "    print('writing', flush=True)\n"
        "    sys.stdin.readline()\n"
        "    yield b'second'\n"
        "write_whole(Path(sys.argv[1]), pieces())\n"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "x")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with writer:
        assert writer.stdout is not None
        assert writer.stdin is not None
        assert writer.stdout.readline() == "writing\n"
        assert remove_stale_parts(tmp_path / "x") == 0
        write_whole(tmp_path / "x", [b"another's"])
        writer.stdin.write("go on\n")
        writer.stdin.close()
        assert writer.wait(30) == 0
    assert (tmp_path / "x").read_bytes() == b"first, second"
    assert names(tmp_path) == ["x"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such pipes")
def test_what_is_no_file_is_never_taken_for_a_part(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".x.1-0.part")
    (tmp_path / ".x.2-0.part").mkdir()
    (tmp_path / "elsewhere").write_text("somebody's")
    (tmp_path / ".x.3-0.part").symlink_to(tmp_path / "elsewhere")
    before = names(tmp_path)
    assert remove_stale_parts(tmp_path / "x") == 0
    assert names(tmp_path) == before


def test_a_name_of_the_greatest_length_can_be_saved(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 250)
    write_whole(path, [b"all"])
    assert path.read_bytes() == b"all"
