"""What one received file says of itself, and what makes up a record format."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Protocol, cast

from consultdesk.consultation.record import Fact, RecordKind, Sensitivity
from consultdesk.consultation.source import Source, View

KEPT_AS_RECEIVED = "it is kept as received."


@dataclass(frozen=True)
class Description:
    """What one file says of itself.

    `title` is in a person's words. `event_date` is an ISO date or empty. `texts` has one
    entry a page, for search. `sealed_sections` names the places that reveal the first
    opinion: anchors of blocks, "page N" (1-based), or "*" for the whole record.
    `series` is "StudyInstanceUID/SeriesInstanceUID" of a DICOM image, else empty.
    `order` is the image's place in its series: the projection of ImagePositionPatient on
    the slice normal in mm, InstanceNumber, then the normal itself (DICOM PS3.3
    C.7.6.2.1.1); only InstanceNumber where the image has no place in space.
    `reason` is one sentence why the file can't be shown, empty when it can.
    """

    format: str
    kind: RecordKind = RecordKind.OTHER
    pages: int = 1
    title: str = ""
    event_date: str = ""
    facts: tuple[Fact, ...] = field(default=(), repr=False)
    texts: tuple[str, ...] = field(default=(), repr=False)
    sensitivities: frozenset[Sensitivity] = frozenset()
    reveals_first_opinion: bool = False
    sealed_sections: tuple[str, ...] = ()
    series: str = ""
    order: tuple[float, ...] = ()
    readable: bool = True
    reason: str = ""


class Reading(Protocol):
    """What every format's own module offers."""

    def describe(self, source: Source) -> Description:
        """What the file says of itself. Raises RecordUnreadable."""

    def view(self, sources: Sequence[Source]) -> View:
        """The record as the viewer shows it. Raises RecordUnreadable."""


Glance = Callable[[bytes, Source], Description | None]
"""What the first bytes of a file say; None where more must be read. May raise anything."""


class Glancing(Protocol):
    """What the module of a format that glances offers besides."""

    def Glances(self) -> Glance:
        """A look at one file after the other."""


@dataclass(frozen=True)
class Format:
    """One record format: how it is known, and the module that reads it.

    `recognise(head, name)` looks at the first bytes. `module` is loaded on first use,
    because the libraries behind it would triple the time to the lock screen.
    `isolated` formats are described in the child process, unless the format `glances` and a
    bounded look at the first bytes tells all there is.
    """

    name: str
    title: str
    recognise: Callable[[bytes, str], bool]
    module: str
    isolated: bool = True
    glances: bool = False

    def glancing(self) -> Glance:
        """A look at the first bytes of one file after the other, where that tells all there is."""
        if not self.glances:
            return _nothing
        glance = cast("Glancing", import_module(self.module)).Glances()

        def look(head: bytes, source: Source) -> Description | None:
            try:
                return glance(head, source)
            except Exception:  # a hostile head; the child process reads the file in full
                return None

        return look

    def describe(self, source: Source) -> Description:
        """What the file says of itself. Raises RecordUnreadable."""
        return self._reading().describe(source)

    def view(self, sources: Sequence[Source]) -> View:
        """The record as the viewer shows it. Raises RecordUnreadable."""
        return self._reading().view(sources)

    def _reading(self) -> Reading:
        return cast("Reading", import_module(self.module))


def _nothing(_head: bytes, _source: Source) -> None:
    return None


@dataclass(frozen=True)
class Group:
    """The files that make up one record, in their order, and what they say together."""

    sources: tuple[Source, ...]
    description: Description
