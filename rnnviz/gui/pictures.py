"""Pictures as bytes and in files: what a function paints, as PNG, SVG or PDF, written whole or not at all."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QIODevice,
    QMarginsF,
    QPoint,
    QRect,
    QSaveFile,
    QSize,
    QSizeF,
    Qt,
)
from PySide6.QtGui import QImage, QImageWriter, QPageLayout, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

POINTS_PER_INCH = 72
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


def pdf_of(paint: Paint, size: QSize) -> bytes:
    """What is painted, as a PDF of one page of that size, a point of the screen for a point of the page."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setCreator("rnnviz")
    writer.setResolution(POINTS_PER_INCH)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QSizeF(size), QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch),
            QPageLayout.Orientation.Portrait,
            QMarginsF(0, 0, 0, 0),
        )
    )
    painter = QPainter(writer)
    try:
        paint(painter)
    finally:
        painter.end()
    return bytes(buffer.data().data())


def png_of(paint: Paint, size: QSize, scale: float) -> bytes:
    """What is painted, as a PNG of `size` points with `scale` pixels each. Raises RenderError."""
    return as_png(image_of(paint, size, scale))


def as_png(image: QImage) -> bytes:
    """An image as a file. Raises RenderError."""
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
