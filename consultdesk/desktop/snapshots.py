"""The list of backups in a folder, as both who makes them and who restores one sees it."""

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem

from consultdesk.desk.backup import Snapshot
from consultdesk.desktop.words import moment, tr

_NAME = int(Qt.ItemDataRole.UserRole)


def fill_snapshots(tree: QTreeWidget, found: tuple[Snapshot, ...], chosen: str = "") -> None:
    """Show these; the one of that name is chosen, where it is among them."""
    tree.clear()
    tree.setHeaderLabels([tr("Made"), tr("By"), tr("Files"), tr("Size"), tr("Read back and whole")])
    locale = QLocale()
    for one in found:
        verified = moment(one.verified) if one.verified else tr("not yet, or not whole")
        size = locale.formattedDataSize(one.size)
        shown = [moment(one.at), one.by, locale.toString(one.files), size, verified]
        item = QTreeWidgetItem(tree, shown)
        item.setData(0, _NAME, one.name)
        if one.name == chosen:
            item.setSelected(True)
    for column in range(tree.columnCount()):
        tree.resizeColumnToContents(column)


def chosen_snapshot(tree: QTreeWidget) -> str:
    """The name of the backup that was chosen, "" where none is."""
    items = tree.selectedItems()
    return str(items[0].data(0, _NAME)) if items else ""
