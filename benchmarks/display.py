"""A screen for benchmarks where there is none: Xvfb with a window manager, or Qt's offscreen platform."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

OWN_DISPLAY = "RNNVIZ_OWN_DISPLAY"
"""Set while a benchmark has started its own screen; its processes may say so."""
SCREEN = "1920x1080x24"
ENDS_WITHIN_S = 5.0


@contextmanager
def own_display() -> Iterator[None]:
    """Meanwhile this process and those that it starts have a screen."""
    if any(os.environ.get(name) for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")):
        yield
        return
    if shutil.which("Xvfb") is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        yield
        return
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = [subprocess.Popen(command, pass_fds=(writing,), **quiet)]  # type: ignore[call-overload]
    os.close(writing)
    try:
        with os.fdopen(reading) as number:  # written when the screen is ready
            os.environ["DISPLAY"] = f":{number.readline().strip()}"
        os.environ[OWN_DISPLAY] = "1"
        if shutil.which("openbox") is not None:
            started.append(subprocess.Popen(["openbox"], **quiet))  # type: ignore[call-overload]
        yield
    finally:
        os.environ.pop("DISPLAY", None)
        os.environ.pop(OWN_DISPLAY, None)
        for process in reversed(started):
            process.terminate()
            process.wait(ENDS_WITHIN_S)
