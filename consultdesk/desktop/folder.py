"""A folder that a person chooses into a field; the lock can close the chooser."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget


def choose_folder(parent: QWidget, title: str, into: QLineEdit) -> None:
    """Ask for a folder, beginning at the one in the field, and put it there.

    It returns at once: a question that were waited for here would be waited for while locked.
    """
    dialog = QFileDialog(parent, title, into.text())
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly, on=True)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(into.setText)
    dialog.open()
