"""What docs/security.md promises: no code from data, no network, no programs, no writing elsewhere."""

import ast
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import rnnviz
from attacks import orphans
from tests.training.runs import until

PACKAGE = Path(rnnviz.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
FORBIDDEN = {
    "marshal", "shelve", "dill", "joblib", "cloudpickle", "runpy", "code", "ssl", "http", "urllib", "ftplib",
    "smtplib", "asyncio", "webbrowser", "subprocess", "pty", "socketserver", "xmlrpc", "requests",
}  # fmt: skip
ONLY_IN = {
    "pickle": {"training/apart/channel.py"},  # between our own processes, over a pipe without a name
    "socket": {"cli/display.py"},  # whether the display of this machine is there
    "ctypes": {
        "cli/display.py",  # whether Qt would find its libraries
        "training/workers/processors.py",  # which processor a thread is on
    },
    "importlib": {  # verbs, modules loaded late: by tables there
        "cli/command.py",
        "gui/views/slow_motion/__init__.py",
        "training/__init__.py",
    },
}
CALLS = {"eval", "exec", "compile", "__import__", "system", "popen", "startfile", "startDetached"}
QT = {"QNetworkAccessManager", "QTcpSocket", "QDesktopServices", "QProcess", "QWebSocket", "QQmlEngine"}


def _parts(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def _imported(path: Path) -> Iterator[str]:
    for node in _parts(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_module_can_run_what_it_reads_or_reach_outside(path: Path) -> None:
    here = path.relative_to(PACKAGE).as_posix()
    for name in _imported(path):
        top = name.split(".")[0]
        assert top not in FORBIDDEN, f"{here} imports {name}"
        assert here in ONLY_IN.get(top, {here}), f"{here} imports {name}"
        assert "QtNetwork" not in name and "QtWeb" not in name and "QtQml" not in name, f"{here}: {name}"
    for node in _parts(path):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in CALLS, f"{here}:{node.lineno} calls {node.func.id}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            calls = node.func.attr in CALLS - {"compile", "exec"}  # of patterns, and of Qt's event loop
            assert not calls, f"{here}:{node.lineno} calls {node.func.attr}"
            if node.func.attr == "load" and getattr(node.func.value, "id", "") == "np":
                flags = {word.arg: ast.unparse(word.value) for word in node.keywords}
                assert flags.get("allow_pickle") == "False", f"{here}:{node.lineno}"
        if isinstance(node, ast.Name | ast.Attribute):
            assert (node.id if isinstance(node, ast.Name) else node.attr) not in QT, f"{here}:{node.lineno}"


def test_the_places_of_the_exceptions_are_still_there() -> None:
    for name, places in ONLY_IN.items():
        for place in places:
            assert any(found.split(".")[0] == name for found in _imported(PACKAGE / place)), (name, place)


WATCHED = """
import json, os, sys
written, done = [], []
def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        mode, flags = arguments[1], arguments[2]
        opened = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
        if (mode and set(mode) & set("wax+")) or opened:
            written.append(os.path.abspath(arguments[0]))
    elif event in ("os.rename", "os.mkdir", "os.symlink", "os.link"):
        written.append(os.path.abspath(arguments[1] if event != "os.mkdir" else arguments[0]))
    elif event.startswith(("socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.", "os.system",
                           "os.exec", "os.posix_spawn", "os.fork", "pickle.", "ftplib", "urllib", "http")):
        done.append(event)
sys.addaudithook(hook)
sys.dont_write_bytecode = True
from rnnviz.cli import main
status = [main(argv) for argv in json.loads(sys.argv[1])]
print(json.dumps([status, written, done]), file=sys.stderr)
"""


def test_the_commands_write_what_was_named_and_do_nothing_else(tmp_path: Path) -> None:
    """Python itself is asked, by its audit events, while a text is learned, saved, resumed, asked, traced."""
    text, network, out = (
        tmp_path / "a.txt",
        tmp_path / "named" / "n.safetensors",
        tmp_path / "named" / "t.npz",
    )
    network.parent.mkdir()
    text.write_text("Napoleon was the Emperor of France . " * 60)
    small = ["--hidden", "4", "--window", "4", "--batch", "2"]
    commands = [
        ["train", str(text), *small, "--steps", "4", "--json", "--save", str(network), "--save-every", "2"],
        ["train", str(text), "--resume", str(network), "--steps", "6", "--json", "--save", str(network)],
        ["ask", str(network), "Napoleon was", "--json"],
        ["trace", str(network), "Napoleon was the", "--out", str(out)],
    ]
    run = subprocess.run(
        [sys.executable, "-c", WATCHED, json.dumps(commands)],
        capture_output=True, text=True, timeout=60, cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(PACKAGE.parent)},
    )  # fmt: skip
    status, written, done = json.loads(run.stderr.splitlines()[-1])
    assert status == [0, 0, 0, 0], run.stderr
    assert done == []
    outside = [place for place in written if Path(place).parent != network.parent and place != os.devnull]
    assert outside == []
    assert {str(network), str(out)} <= set(written)
    assert sorted(path.name for path in network.parent.iterdir()) == ["n.safetensors", "t.npz"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads what Linux tells of a process")
def test_all_processes_are_those_that_train_and_the_one_that_clears_up(tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text("Napoleon was the Emperor of France . " * 200)
    command = ["-m", "rnnviz", "train", str(text), "--hidden", "8", "--steps", "1000000", "--workers", "2"]
    child, mark = orphans.start_marked(command, tmp_path / "errors")
    try:
        until(lambda: any("spawn_main" in orphans.command_of(pid) for pid in orphans.marked(mark)))
        others = [orphans.command_of(pid) for pid in orphans.marked(mark) if pid != child.pid]
    finally:
        child.send_signal(signal.SIGINT)
        child.wait(60)
    names = "spawn", "resource_tracker"
    kinds = {one: [name for name in names if f"from multiprocessing.{name} import" in one] for one in others}
    assert sorted(kinds.values()) == [["resource_tracker"], ["spawn"]], others
    assert all(one.startswith(f"{sys.executable} ") for one in others), others
    assert orphans.wait_for_the_end(mark)[1] == []


DOCUMENT = (PACKAGE.parent / "docs" / "security.md").read_text(encoding="utf-8")


def test_every_test_that_the_document_names_is_there() -> None:
    named = set(re.findall(r"`(tests/[^`]*)`", DOCUMENT))
    assert len(named) > 10
    assert [name for name in sorted(named) if not (PACKAGE.parent / name).is_file()] == []


def test_every_attack_in_the_document_is_a_command_with_its_options() -> None:
    attacks = re.findall(r"`python -m attacks\.(\w+)([^`]*)`", DOCUMENT)
    assert len({name for name, _ in attacks}) > 8
    for name, options in attacks:
        source = (PACKAGE.parent / "attacks" / f"{name}.py").read_text(encoding="utf-8")
        assert 'if __name__ == "__main__":' in source, name
        for option in re.findall(r"--\w+", options):
            assert f'add_argument("{option}"' in source, (name, option)
