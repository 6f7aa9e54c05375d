"""The files that ship with the program: icons, sample texts and golden numbers.

A wheel carries them as `rnnviz/resources/`; in a checkout, and in an editable install of one, they stand
beside the package as `resources/`.
"""

from pathlib import Path

_PACKAGE = Path(__file__).parent
RESOURCES = next(p for p in (_PACKAGE / "resources", _PACKAGE.parent / "resources") if p.is_dir())
GOLDEN = RESOURCES / "golden"
SAMPLES = RESOURCES / "samples"
ICONS = RESOURCES / "icons"
