"""The same program without a window: one file a verb.

`main` is the `rnnviz` command. Nothing here imports NumPy or Qt before a verb needs it, so that `--help` and
`--version` answer at once.
"""

import rnnviz.one_blas_thread  # noqa: F401  # before anything that imports NumPy
from rnnviz.cli.command import main

__all__ = ["main"]
