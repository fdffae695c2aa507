"""What is being written on the pages of an assessment, on its way to being kept."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from consultdesk.desktop.assessment_drafts import KEPT_WITHIN_MS, Drafts, Part
from consultdesk.desktop.assessment_pages import StepPages
from consultdesk.desktop.session import Session


class Writing(Drafts):
    """Takes what is written off the pages: soon after the first key, and when a field is left.

    `touched` comes at each edit. `number` is the case that is written on.
    """

    touched = Signal()

    def __init__(self, session: Session, pages: StepPages, pane: QWidget) -> None:
        super().__init__(session, pane)
        self.number = ""
        self.edits = 0
        self._pages = pages
        self._pane = pane
        self._dirty: set[Part] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(KEPT_WITHIN_MS)
        self._timer.timeout.connect(self.keep)
        pages.edited.connect(self.touch)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)

    @property
    def under_way(self) -> bool:
        """Whether anything that was written isn't kept yet."""
        return bool(self._dirty) or self.open

    def touches(self, part: Part) -> bool:
        """Whether a part has been written on and not been taken off its page yet."""
        return part in self._dirty

    def touch(self, part: Part) -> None:
        """Something was written: it is kept within two seconds of the first key."""
        self.edits += 1
        self._dirty.add(part)
        if not self._timer.isActive():
            self._timer.start()
        self.touched.emit()

    def collect(self) -> None:
        """Take off the pages what was written on them."""
        self._timer.stop()
        for part in tuple(self._dirty):
            if (value := self._pages.written(part)) is not None:
                self.put(self.number, part, value)
        self._dirty.clear()

    def keep(self) -> None:
        """Keep what was written, beside the window."""
        if self._dirty:
            self.collect()
            self.flush()

    def keep_now(self) -> bool:
        """Keep everything before this returns; false when it couldn't be kept."""
        self.collect()
        return self.flush_now() is None

    def forget(self) -> None:
        """Take nothing more off the pages: they are going."""
        self._timer.stop()
        self._dirty.clear()

    def _focus_moved(self, old: QWidget | None, new: QWidget | None) -> None:
        del new
        if self._dirty and old is not None and self._pane.isAncestorOf(old):
            self.keep()
