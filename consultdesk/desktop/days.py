"""Days as a person types them, understood by their own locale and kept as ISO."""

import re

from PySide6.QtCore import QDate, QLocale
from PySide6.QtWidgets import QLabel, QLineEdit

from consultdesk.desktop.case_words import day
from consultdesk.desktop.words import tr

_WORDED = ("d MMM yyyy", "d MMMM yyyy", "MMM d yyyy", "MMMM d yyyy", "d. MMMM yyyy")


def read_day(typed: str) -> str | None:
    """The ISO day of what was typed; "" for nothing, None for what is no day.

    "1972-05-03" is always understood; of figures alone the locale says which is the month.
    """
    text = " ".join(typed.replace(",", " ").split())
    if not text:
        return ""
    numbers = re.fullmatch(r"(\d{1,4})[-./ ](\d{1,2})[-./ ](\d{1,4})", text)
    found = _numbers(*numbers.groups()) if numbers else _worded(text)
    if found is None or not found.isValid() or not 1850 <= found.year() <= 2200:
        return None
    return found.toString("yyyy-MM-dd")


def _numbers(first: str, second: str, third: str) -> QDate | None:
    if len(first) == 4:
        return QDate(int(first), int(second), int(third))
    if len(third) != 4:
        return None
    one, two = int(first), int(second)
    month_first = _month_first()
    if month_first and one > 12 or not month_first and two > 12:
        month_first = not month_first
    month, on = (one, two) if month_first else (two, one)
    return QDate(int(third), month, on)


def _month_first() -> bool:
    short = QLocale().dateFormat(QLocale.FormatType.ShortFormat)
    return short.find("M") < short.find("d")


def _worded(text: str) -> QDate | None:
    for locale in (QLocale(), QLocale(QLocale.Language.English)):
        for pattern in _WORDED:
            found = locale.toDate(text, pattern)
            if found.isValid():
                return found
    return None


def read_aloud(field: QLineEdit, label: QLabel) -> None:
    """Say beside a field which day was understood, as it is typed."""

    def say() -> None:
        found = read_day(field.text())
        if found is None:
            label.setText(tr("Not a day yet. Write it as 1972-05-03."))
        else:
            label.setText(day(found) if found else "")
        label.setVisible(bool(label.text()))

    field.textChanged.connect(say)
    say()
