"""Designer forms, loaded at run time into widgets that declare their children by annotation."""

from collections.abc import Iterable
from typing import get_type_hints

from PySide6 import QtWidgets
from PySide6.QtCore import QCoreApplication, QFile, QIODevice, QObject, Qt
from PySide6.QtUiTools import QUiLoader
from PySide6.QtWidgets import QWidget

from consultdesk import assets
from consultdesk.desktop import icons
from consultdesk.desktop.choice import Choice
from consultdesk.desktop.scrolling import steady
from consultdesk.desktop.style import pad_spin_boxes


class FormBroken(RuntimeError):
    """A form and the widget that loads it don't agree; a fault of the program, not of a person."""


class _Loader(QUiLoader):
    """Builds a form into a widget that is there already, and knows our own widgets by name."""

    def __init__(self, own: Iterable[type[QWidget]]) -> None:
        # Designer's plugins take longer to load than the lock screen, and no form asks for one.
        paths = QCoreApplication.libraryPaths()
        QCoreApplication.setLibraryPaths([])
        try:
            super().__init__()
        finally:
            QCoreApplication.setLibraryPaths(paths)
        self._own = {one.__name__: one for one in own}
        # Qt's own cuts its words in the middle of a letter
        self._own.setdefault("QComboBox", Choice)
        self._into: QWidget | None = None

    def fill(self, into: QWidget, name: str) -> None:
        file = QFile(str(assets.ui_file(name)))
        if not file.open(QIODevice.OpenModeFlag.ReadOnly):
            raise FormBroken(f"The form {name} can't be opened: {file.errorString()}")
        self._into = into
        try:
            self.load(file)
        except RuntimeError as error:
            raise FormBroken(f"The form {name} can't be read: {self.errorString()}") from error
        finally:
            self._into = None
            file.close()

    def createWidget(
        self,
        className: str,
        parent: QWidget | None = None,
        name: str = "",
    ) -> QWidget:
        """Qt asks for one widget of the form."""
        if parent is None and self._into is not None:
            self._into.setObjectName(name)
            return self._into
        # What Qt makes for itself, Python has to find the type of: it loads every type there is.
        kind = self._own.get(className) or getattr(QtWidgets, className, None)
        if kind is None:
            return super().createWidget(className, parent, name)
        widget: QWidget = kind(parent)
        widget.setObjectName(name)
        if isinstance(widget, QtWidgets.QPushButton):
            widget.setAutoDefault(True)  # Enter presses it in a window too, as in a dialog
        return widget


class Forms:
    """Loads forms: made once at start-up, then handed to every widget that has a form.

    `own` are our own widgets that forms may place; each is made with its parent alone.
    """

    def __init__(self, own: Iterable[type[QWidget]] = ()) -> None:
        self._loader = _Loader(own)

    def load(self, into: QWidget, name: str) -> None:
        """Fill `into` with the form `name` and bind the children its class declares.

        Each class-level annotation of a Qt type names a child of the form. Raises FormBroken
        when one is missing or of another type.
        """
        self._loader.fill(into, name)
        for child, wanted in declared(type(into)).items():
            found = into.findChild(QObject, child)
            if found is None:
                raise FormBroken(f"The form {name} has no {child}.")
            if not isinstance(found, wanted):
                kind = type(found).__name__
                raise FormBroken(f"{child} in the form {name} is a {kind}, no {wanted.__name__}.")
            setattr(into, child, found)
        # A form has a size; the place it also names would send each window into a corner.
        into.setAttribute(Qt.WidgetAttribute.WA_Moved, on=False)
        pad_spin_boxes(into)
        steady(into)
        icons.dress(into)


def declared(widget: type[QWidget]) -> dict[str, type[QObject]]:
    """The children a class declares: its class-level annotations of a Qt type."""
    ours = {
        name
        for one in widget.__mro__
        if one.__module__.split(".")[0] not in {"PySide6", "shiboken6", "Shiboken", "builtins"}
        for name in one.__dict__.get("__annotations__", {})
    }
    return {
        name: kind
        for name, kind in get_type_hints(widget).items()
        if name in ours and isinstance(kind, type) and issubclass(kind, QObject)
    }
