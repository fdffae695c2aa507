"""The keys of the desk on one sheet, and what this program is."""

from collections.abc import Iterable
from importlib import metadata
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from consultdesk.desktop.commands import NOTHING, VIEWER_KEYS, menus
from consultdesk.desktop.form import Forms
from consultdesk.desktop.words import tr


class ShortcutsDialog(QDialog):
    """Every command with its keys, menu by menu."""

    FORM: ClassVar[str] = "shortcuts"

    narrow: QLineEdit
    listed: QTreeWidget
    cancel: QPushButton

    def __init__(self, forms: Forms, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        forms.load(self, self.FORM)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._groups: list[QTreeWidgetItem] = []
        self.listed.setColumnCount(2)
        self.listed.header().setStretchLastSection(False)
        self.listed.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.listed.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        for title, commands in menus():
            lines = [
                (c.plain.rstrip("…"), shown(c.shown_keys)) for c in commands if c.key != NOTHING
            ]
            self._add(title.replace("&", ""), lines)
        self._add(tr("In a record"), [(tr(words), keys) for keys, words in VIEWER_KEYS])
        self.listed.expandAll()
        self.narrow.textChanged.connect(self._narrow)
        self.cancel.clicked.connect(self.reject)

    def _add(self, title: str, lines: Iterable[tuple[str, str]]) -> None:
        group = QTreeWidgetItem(self.listed, [title])
        self._groups.append(group)
        font = group.font(0)
        font.setBold(True)
        group.setFont(0, font)
        group.setFirstColumnSpanned(True)
        for words, keys in lines:
            line = QTreeWidgetItem(group, [words, keys])
            line.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{words}, {keys}")

    def _narrow(self, typed: str) -> None:
        wanted = typed.strip().casefold()
        for group in self._groups:
            lines = [x for n in range(group.childCount()) if (x := group.child(n))]
            left = 0
            for line in lines:
                fits = wanted in f"{line.text(0)} {line.text(1)}".casefold()
                line.setHidden(not fits)
                left += fits
            group.setHidden(not left)


def shown(keys: str) -> str:
    """Keys as this system writes them; the first is enough where several do the same."""
    first = keys.split(", ")[0] if keys else ""
    native = QKeySequence(first).toString(QKeySequence.SequenceFormat.NativeText)
    return native or first


class AboutDialog(QDialog):
    """What this program is, its version and its limits."""

    FORM: ClassVar[str] = "about"

    about_text: QLabel
    cancel: QPushButton

    def __init__(self, forms: Forms, store: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        forms.load(self, self.FORM)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.about_text.setText(
            "\n\n".join(
                (
                    tr("Version {version}").format(version=version()),
                    tr("Second opinions: received, read, signed, and released by consent."),
                    tr(
                        "The viewer is for review. It is no medical device for making a diagnosis "
                        "from images."
                    ),
                    tr("This store: {folder}").format(folder=store),
                    tr("Apache License 2.0. The fonts Inter and DejaVu have their own licences."),
                )
            )
        )
        self.cancel.clicked.connect(self.reject)
        self.adjustSize()


def version() -> str:
    """The installed version; a checkout that isn't installed says so."""
    try:
        return metadata.version("consultdesk")
    except metadata.PackageNotFoundError:
        return tr("from a checkout")
