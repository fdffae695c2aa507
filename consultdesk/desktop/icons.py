"""Icons in the colour of the words beside them, drawn from the SVGs in resources/icons."""

from collections.abc import Iterable
from functools import lru_cache

from PySide6.QtCore import QByteArray, QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QWidget

from consultdesk import assets
from consultdesk.desktop.style import tokens_of

_SIZES = (16, 20, 24, 32, 40, 48)
_BUTTON_SIZES = (16, 32, 64)  # as large as the usual text, twice, and twice on a sharp screen
LOOK_CHANGES = (QEvent.Type.PaletteChange, QEvent.Type.FontChange)
"""What a widget hears when its icons are to be drawn in another colour or size."""
ICON_NAME = "icon_name"
"""The property of a button or action, in code or in a form, that names its icon."""


@lru_cache(maxsize=128)
def _svg(name: str) -> bytes:
    return assets.resource("icons", f"{name}.svg").read_bytes()


def paint_icon(painter: QPainter, name: str, where: QRectF, colour: QColor) -> None:
    """Draw an icon into `where` in one colour. Raises FileNotFoundError for an unknown name."""
    drawing = _svg(name).replace(b"currentColor", colour.name().encode())
    QSvgRenderer(QByteArray(drawing)).render(painter, where)


def pixmap(name: str, colour: QColor, size: int, ratio: float = 1.0) -> QPixmap:
    """An icon as a picture of `size` logical pixels for a screen of `ratio`."""
    picture = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    picture.fill(Qt.GlobalColor.transparent)
    with QPainter(picture) as painter:
        paint_icon(painter, name, QRectF(0, 0, picture.width(), picture.height()), colour)
    picture.setDevicePixelRatio(ratio)
    return picture


def icon(
    name: str,
    palette: QPalette,
    role: QPalette.ColorRole = QPalette.ColorRole.ButtonText,
    sizes: Iterable[int] = _SIZES,
) -> QIcon:
    """An icon in the palette's own colours, also for what is disabled."""
    drawn = QIcon()
    group = QPalette.ColorGroup
    modes = {
        QIcon.Mode.Normal: palette.color(group.Active, role),
        QIcon.Mode.Disabled: palette.color(group.Disabled, role),
    }
    for mode, colour in modes.items():
        for size in sizes:
            drawn.addPixmap(pixmap(name, colour, size), mode)
    return drawn


def dress(root: QWidget) -> None:
    """Give every button and action below `root` the icon its `icon_name` property names."""
    for button in root.findChildren(QAbstractButton):
        _dress_button(button)
    if isinstance(root, QAbstractButton):
        _dress_button(root)
    for action in root.findChildren(QAction):
        if name := action.property(ICON_NAME):
            action.setIcon(icon(str(name), QGuiApplication.palette()))


def _dress_button(button: QAbstractButton) -> None:
    name = button.property(ICON_NAME)
    if not name:
        return
    palette = QGuiApplication.palette()
    role = QPalette.ColorRole.ButtonText
    if button.property("main"):
        colour = tokens_of(palette).colour("on_accent")
        palette.setColor(QPalette.ColorGroup.Active, role, colour)
    button.setIcon(icon(str(name), palette, role, _BUTTON_SIZES))
