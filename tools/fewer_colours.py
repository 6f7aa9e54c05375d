"""Makes PNG files small by redrawing them in 256 colours: `python tools/fewer_colours.py FILE.png ...`

The colours kept are chosen one by one, each time the one that is worst served by those before, the frequent
ones weighing more; every other shade takes the nearest of them.
"""

import sys
from pathlib import Path

import numpy as np
from PySide6.QtGui import QImage, QImageWriter

COLOURS = 256


def redraw(path: Path) -> None:
    """Write one picture again, in few colours."""
    image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32)
    width, height = image.width(), image.height()
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(height, -1)[:, :width] | 0xFF000000
    colours, places, counts = np.unique(pixels, return_inverse=True, return_counts=True)
    rgb = np.stack([(colours >> shift) & 255 for shift in (16, 8, 0)], axis=1).astype(float)  # (N, 3)
    kept = [int(np.argmax(counts))]
    nearest = np.zeros(len(colours), dtype=np.uint8)
    distance = ((rgb - rgb[kept[0]]) ** 2).sum(axis=1)
    while len(kept) < min(COLOURS, len(colours)):
        worst = int(np.argmax(distance * np.sqrt(counts)))
        away = ((rgb - rgb[worst]) ** 2).sum(axis=1)
        nearest[away < distance] = len(kept)
        distance = np.minimum(distance, away)
        kept.append(worst)
    indexed = QImage(width, height, QImage.Format.Format_Indexed8)
    indexed.setColorTable([int(colours[one]) for one in kept])
    rows = np.frombuffer(indexed.bits(), np.uint8).reshape(height, -1)
    rows[:, :width] = nearest[places.reshape(height, width)]
    writer = QImageWriter(str(path), b"png")
    writer.setCompression(100)
    if not writer.write(indexed):
        raise SystemExit(f"{path} was not written: {writer.errorString()}")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        redraw(Path(name))
