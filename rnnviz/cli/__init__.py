"""The same program without a window: one file a verb."""


def main() -> int:
    """Run the `rnnviz` command and return its exit status."""
    from rnnviz import __version__

    print(f"rnnviz {__version__}")
    return 0
