"""Rivals and this program, side by side: each benchmark names its rival and prints ratios."""

import rnnviz.one_blas_thread  # noqa: F401  # as the program runs
