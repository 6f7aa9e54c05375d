"""What docs/security.md promises: no code from data, no network, no programs, no writing elsewhere."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import rnnviz

PACKAGE = Path(rnnviz.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
FORBIDDEN = {
    "marshal", "shelve", "dill", "joblib", "cloudpickle", "runpy", "code", "ssl", "http", "urllib", "ftplib",
    "smtplib", "asyncio", "webbrowser", "subprocess", "pty", "socketserver", "xmlrpc", "requests",
}  # fmt: skip
ONLY_IN = {
    "pickle": {"training/apart/channel.py"},  # between our own processes, over a pipe without a name
    "socket": {"cli/display.py"},  # whether the display of this machine is there
    "ctypes": {"cli/display.py"},  # whether Qt would find its libraries
    "importlib": {"cli/command.py", "training/__init__.py"},  # verbs, modules loaded late: by tables there
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


def test_every_path_in_the_document_is_there() -> None:
    document = (PACKAGE.parent / "docs" / "security.md").read_text(encoding="utf-8")
    for name in ("faults", "kills", "resume", "fuzz"):
        assert f"python -m attacks.{name}" in document
        assert (PACKAGE.parent / "attacks" / f"{name}.py").is_file()
