"""Start the window: `python main.py [FILE]`."""

import sys

from rnnviz.cli import main

if __name__ == "__main__":  # processes that train in the background import this file
    sys.exit(main())
