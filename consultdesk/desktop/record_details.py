"""What is known of one record: its kind, date and source, its topics, and whose it is."""

from dataclasses import replace
from typing import ClassVar

from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from consultdesk.consultation.record import RecordItem, RecordKind, Sensitivity
from consultdesk.desk import cases
from consultdesk.desktop.ask import Ask
from consultdesk.desktop.case_words import kind_words, record_detail, sensitivity_words
from consultdesk.desktop.days import read_aloud, read_day
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import tr


class RecordDetailsDialog(Ask):
    """Lets a person correct what the desk read from a record."""

    FORM: ClassVar[str] = "record_details"

    record_name: QLabel
    record_about: QLabel
    kind: QComboBox
    event_date: QLineEdit
    event_date_read: QLabel
    came_from: QLineEdit
    whose: QComboBox
    topics: QWidget
    topic_list: QVBoxLayout
    entered_in_error: QCheckBox

    def __init__(
        self, session: Session, number: str, record: RecordItem, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, parent)
        self._number = number
        self._record = record
        self.record_name.setText(record.name)
        self.record_about.setText(record_detail(record))
        for kind in RecordKind:
            self.kind.addItem(kind_words(kind), kind.value)
        self.kind.setCurrentIndex(self.kind.findData(record.kind.value))
        self.event_date.setText(record.event_date)
        read_aloud(self.event_date, self.event_date_read)
        self.came_from.setText(record.source)
        for right, words in (
            (None, tr("Not decided yet")),
            (True, tr("This patient's")),
            (False, tr("Somebody else's")),
        ):
            self.whose.addItem(words, right)
        self.whose.setCurrentIndex((None, True, False).index(record.right_patient))
        self._topics = self._list_topics()
        self.entered_in_error.setChecked(record.entered_in_error)
        self.fit_to_screen()

    def try_it(self) -> None:
        """Keep what was corrected."""
        on = read_day(self.event_date.text())
        if on is None:
            self.say_problem(tr("Write the date as 2026-05-03."), self.event_date)
            return
        kind = RecordKind(str(self.kind.currentData()))
        source = self.came_from.text().strip()
        whose = (None, True, False)[self.whose.currentIndex()]
        topics = frozenset(topic for topic, box in self._topics.items() if box.isChecked())
        in_error = self.entered_in_error.isChecked()

        def change(record: RecordItem) -> RecordItem:
            return replace(
                record,
                kind=kind,
                event_date=on,
                source=source,
                right_patient=whose,
                sensitivities=topics,
                entered_in_error=in_error,
            )

        vault, number, record_id = self.session.vault, self._number, self._record.id
        now = self.session.tools.now()
        self.do(lambda: cases.change_record(vault, number, record_id, now, change))

    def _list_topics(self) -> dict[Sensitivity, QCheckBox]:
        boxes: dict[Sensitivity, QCheckBox] = {}
        for topic in Sensitivity:
            if topic is not Sensitivity.N:
                box = QCheckBox(sensitivity_words(topic), self.topics)
                box.setChecked(topic in self._record.sensitivities)
                self.topic_list.addWidget(box)
                boxes[topic] = box
        return boxes
