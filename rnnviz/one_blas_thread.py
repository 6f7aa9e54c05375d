"""Importing this, before NumPy, gives each matrix product one thread, unless the environment says otherwise.

The products of a network of this size are too small to share: two threads gain nothing on an idle machine,
halve the speed on a busy one, where one thread spins while it waits for the other, and take the processor
from the window. The number can matter to the last bit of a result, so it is better the same everywhere.
"""

import os

for _variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_variable, "1")
