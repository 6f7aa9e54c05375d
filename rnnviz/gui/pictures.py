"""Pictures as bytes and in files: what a function paints, as PNG or SVG, written whole or not at all."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, QSaveFile, QSize, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator

Paint = Callable[[QPainter], object]


class RenderError(Exception):
    """A picture cannot be drawn; the message says what to do."""


def svg_of(paint: Paint, size: QSize) -> bytes:
    """What is painted, as SVG 1.1: the generator's default, Tiny 1.2, knows no clip paths."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRect(QPoint(0, 0), size))
    generator.setTitle("rnnviz")
    painter = QPainter(generator)
    try:
        paint(painter)
    finally:
        painter.end()
    return bytes(buffer.data().data())


def png_of(paint: Paint, size: QSize, scale: float) -> bytes:
    """What is painted, as a PNG of `size` points with `scale` pixels each. Raises RenderError."""
    image = image_of(paint, size, scale)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not QImageWriter(buffer, QByteArray(b"png")).write(image):
        raise RenderError("the picture could not be made into a PNG: lower --size or --scale.")
    return bytes(buffer.data().data())


def image_of(paint: Paint, size: QSize, scale: float) -> QImage:
    """What is painted, as an image. Raises RenderError."""
    image = QImage(round(size.width() * scale), round(size.height() * scale), QImage.Format.Format_RGB32)
    if image.isNull():
        raise RenderError("there is not enough memory for so large a picture: lower --size or --scale.")
    image.setDevicePixelRatio(scale)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    try:
        paint(painter)
    finally:
        painter.end()
    return image


def save_picture(path: Path, data: bytes) -> None:
    """Write the file whole or not at all. Raises RenderError."""
    file = QSaveFile(str(path))
    opened = file.open(QIODevice.OpenModeFlag.WriteOnly)
    if not opened or file.write(data) != len(data) or not file.commit():
        raise RenderError(f"{path} was not written ({file.errorString()}). Choose another place.")
