"""A stack of images before the eye: scroll, window and level, zoom, pan."""

import re
from typing import ClassVar

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from consultdesk.consultation.source import Frames, Window
from consultdesk.desktop.form import Forms
from consultdesk.desktop.viewer.canvas import Canvas
from consultdesk.desktop.viewer.stack import Stack
from consultdesk.desktop.viewer.windowing import Samples, first_window, picture
from consultdesk.desktop.words import tr
from consultdesk.desktop.work import Work
from consultdesk.errors import ConsultDeskError

_WAITED_MS = 400


class FilmView(QWidget):
    """Shows a `Frames` view. For review: it measures nothing and diagnoses nothing.

    `ready` comes with the first image, `failed` when one can't be shown; the others still can.
    """

    FORM: ClassVar[str] = "film"

    column: QVBoxLayout
    tools: QBoxLayout
    fields: QHBoxLayout
    buttons: QHBoxLayout
    image: QSpinBox
    of_images: QLabel
    level_label: QLabel
    level: QSpinBox
    width_label: QLabel
    width_of_window: QSpinBox
    presets: QToolButton
    invert: QToolButton
    smaller: QToolButton
    larger: QToolButton
    fit: QToolButton
    actual_size: QToolButton
    notice: QLabel

    place_changed = Signal(str)
    ready = Signal()
    failed = Signal(object)

    def __init__(
        self, forms: Forms, work: Work, frames: Frames, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        forms.load(self, self.FORM)
        self._frames = frames
        self._index = 0
        self._samples: Samples | None = None
        self._window: Window | None = None
        self._own_window = False
        self._seen_one = False
        self.canvas = Canvas(self)
        self.canvas.single = frames.count <= 1
        self.column.insertWidget(1, self.canvas, 1)
        self.main_part = self.canvas
        QWidget.setTabOrder(self.actual_size, self.canvas)
        self.stack = Stack(frames, work, self)
        self.stack.came.connect(self._take)
        self.stack.failed.connect(self._give_up)
        self.image.setMaximum(max(1, frames.count))
        self.of_images.setText(tr("of {n}").format(n=frames.count))
        self._set_up_presets()
        self._fit_fields()
        self._connect()
        self._say()
        self._waiting = QTimer(self)
        self._waiting.setSingleShot(True)
        self._waiting.setInterval(_WAITED_MS)
        self._waiting.timeout.connect(self._say_waiting)
        self._waiting.start()
        self.stack.stand_on(0)

    # --- the place, for evidence links ---------------------------------------------------------

    def place(self) -> str:
        """Where the eye is, e.g. "image 7"."""
        return f"image {self._index + 1}"

    def go_to(self, place: str) -> bool:
        """Bring a place like "image 7" into view; false when there is none such."""
        found = re.fullmatch(r"image (\d{1,6})", place.strip())
        if found is None or not 1 <= int(found.group(1)) <= self._frames.count:
            return False
        self._go_to(int(found.group(1)) - 1)
        return True

    # --- scrolling ---------------------------------------------------------------------------

    def step(self, by: int) -> None:
        """So many images on or back; stops at the ends."""
        self._go_to(self._index + by)

    def _go_to(self, index: int) -> None:
        index = min(self._frames.count - 1, max(0, index))
        if index == self._index:
            return
        self._index = index
        self.image.blockSignals(True)
        self.image.setValue(index + 1)
        self.image.blockSignals(False)
        self.stack.stand_on(index)
        self._say()
        self.place_changed.emit(self.place())

    def _take(self, index: int) -> None:
        samples = self.stack.samples(index)
        if index != self._index or samples is None:
            return
        self._samples = samples
        self.canvas.grey = samples.grey
        if self._window is None or not self._own_window:
            self._window = first_window(samples)
        for part in (self.level_label, self.level, self.width_label, self.width_of_window):
            part.setVisible(samples.grey)
        self.presets.setVisible(samples.grey)
        self._place_buttons()
        self._draw()
        if not self._seen_one:
            self._seen_one = True
            self.ready.emit()

    def _say_waiting(self) -> None:
        """A large image takes a while: a black field alone could be taken for the image."""
        if self._samples is None and not self.canvas.message:
            self.canvas.show_message(tr("Opening the image…"))

    def _give_up(self, index: int, error: ConsultDeskError) -> None:
        if index == self._index:
            self._samples = None
            self.canvas.show_message(str(error))
            self._say()
        self.failed.emit(error)

    # --- window and level -------------------------------------------------------------------

    @property
    def window_now(self) -> Window | None:
        """The window the image is seen through."""
        return self._window

    def see_through(self, window: Window) -> None:
        """Use this window for this image and those that follow."""
        self._own_window = True
        self._window = Window(window.centre, max(1.0, window.width), window.name)
        self._draw()

    def use_preset(self, number: int) -> None:
        """1…9 as listed; 0 gives back the window each image came with."""
        if self._samples is None or not self._samples.grey:
            return
        if number == 0:
            self._own_window = False
            self._window = first_window(self._samples)
            self._draw()
        elif number <= len(self._frames.presets):
            self.see_through(self._frames.presets[number - 1])

    def _drag_window(self, right: float, up: float) -> None:
        if self._window is None:
            return
        # A drag over 256 points spans the window once, so that CT and MR feel alike.
        speed = max(1.0, self._window.width) / 256
        centre = self._window.centre - up * speed
        self.see_through(Window(centre, self._window.width + right * speed))

    def _type_window(self) -> None:
        self.see_through(Window(float(self.level.value()), float(self.width_of_window.value())))

    def _set_up_presets(self) -> None:
        menu = QMenu(self)
        names = [(0, tr("As sent"))]
        names += [(n, p.name) for n, p in enumerate(self._frames.presets[:9], start=1)]
        for number, name in names:
            action = menu.addAction(f"{name}\t{number}")
            action.triggered.connect(lambda _on=False, number=number: self.use_preset(number))
        self.presets.setMenu(menu)
        self.presets.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    # --- drawing ----------------------------------------------------------------------------

    def _draw(self) -> None:
        if self._samples is None or self._window is None:
            return
        frame = self._samples.frame
        tall = 1.0
        if frame.spacing and min(frame.spacing) > 0:
            tall = frame.spacing[0] / frame.spacing[1]
        image = picture(self._samples, self._window, inverted=self.invert.isChecked())
        self.canvas.show_image(image, tall if 0.1 <= tall <= 10 else 1.0)
        for box, value in (
            (self.level, self._window.centre),
            (self.width_of_window, self._window.width),
        ):
            box.blockSignals(True)
            box.setValue(round(value))
            box.blockSignals(False)
        self._say()

    def _say(self) -> None:
        """Write what this is around the image, and tell it to who can't see it."""
        frame = self._samples.frame if self._samples else None
        where = tr("Image {n} of {all}").format(n=self._index + 1, all=self._frames.count)
        title = self._frames.title
        top = tuple(line for line in (title, *(frame.overlay if frame else ())) if line)
        self.canvas.show_words("top", top)
        left = [where]
        if frame is not None and self._window is not None and frame.channels == 1:
            seen = tr("Level {level:.0f}, width {width:.0f}")
            left.append(seen.format(level=self._window.centre, width=self._window.width))
            if self._own_window and self._window.name:
                left[-1] += f" ({self._window.name})"
        self.canvas.show_words("bottom_left", tuple(left))
        zoom = self.canvas.scale * self.canvas.devicePixelRatioF()
        right = [tr("{n} %").format(n=round(zoom * 100))] if frame is not None else []
        if frame is not None and frame.lossy:
            right.append(tr("Compressed with loss"))
        self.canvas.show_words("bottom_right", tuple(right))
        self.canvas.setAccessibleName(f"{title}, {where}" if title else where)

    def changeEvent(self, event: QEvent) -> None:
        """Draw marks anew when the colours change."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "image"):
            self._fit_fields()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons below the fields where both don't fit in one line."""
        super().resizeEvent(event)
        self._place_buttons()

    def _place_buttons(self) -> None:
        edges = self.tools.contentsMargins()
        wide = [part.minimumSize().width() for part in (self.fields, self.buttons)]
        around = edges.left() + edges.right()
        self.setMinimumWidth(max(wide) + around)
        fits = sum(wide) + self.tools.spacing() + around <= self.width()
        ways = QBoxLayout.Direction
        self.tools.setDirection(ways.LeftToRight if fits else ways.TopToBottom)

    def _fit_fields(self) -> None:
        """Fields as wide as the numbers they usually hold, so that a narrow pane has room."""
        digit = self.fontMetrics().horizontalAdvance("0")
        longest = len(str(self._frames.count))
        for box, digits in ((self.image, longest), (self.level, 5), (self.width_of_window, 5)):
            box.setFixedWidth(digit * digits + 42)

    def _connect(self) -> None:
        self.image.valueChanged.connect(lambda number: self._go_to(number - 1))
        self.level.valueChanged.connect(self._type_window)
        self.width_of_window.valueChanged.connect(self._type_window)
        self.invert.toggled.connect(self._draw)
        self.smaller.clicked.connect(self.canvas.zoom_out)
        self.larger.clicked.connect(self.canvas.zoom_in)
        self.fit.clicked.connect(self.canvas.fit)
        self.actual_size.clicked.connect(self.canvas.actual_size)
        self.canvas.stepped.connect(self.step)
        self.canvas.to_end.connect(lambda end: self._go_to(self._frames.count if end > 0 else 0))
        self.canvas.window_dragged.connect(self._drag_window)
        self.canvas.preset_asked.connect(self.use_preset)
        self.canvas.invert_asked.connect(self.invert.toggle)
        self.canvas.fit_asked.connect(self.canvas.fit)
        self.canvas.actual_size_asked.connect(self.canvas.actual_size)
        self.canvas.zoom_changed.connect(lambda _zoom: self._say())
        inside = Qt.ShortcutContext.WidgetWithChildrenShortcut
        for keys, act in (("Ctrl++", "larger"), ("Ctrl+=", "larger"), ("Ctrl+-", "smaller")):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(inside)
            shortcut.activated.connect(getattr(self, act).click)
