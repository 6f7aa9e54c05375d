"""While the window's modules are loaded Python's own `import` is used, and PySide's before and after."""

import builtins
import subprocess
import sys

import pytest

from rnnviz.plain_imports import plain_imports

LOADS_A_MODULE = """
import sys
from rnnviz.plain_imports import plain_imports
with plain_imports():
    from rnnviz.gui.theme import Theme
seen = sys.modules["shibokensupport.feature"].pyside_feature_dict
from rnnviz.gui.clock import FramePace
print("rnnviz.gui.theme" in seen, "rnnviz.gui.clock" in seen)
"""


def test_pyside_looks_at_no_module_meanwhile_and_at_others_afterwards() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADS_A_MODULE], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == ["False", "True"]


def test_the_import_of_before_is_back_also_after_a_failure() -> None:
    with plain_imports():
        pass
    before = builtins.__import__
    with pytest.raises(ModuleNotFoundError), plain_imports():
        import rnnviz.no_such_module  # noqa: F401
    assert builtins.__import__ is before
