"""Start the window: `python main.py [FILE]`."""

import sys

from rnnviz.cli import main

sys.exit(main())
