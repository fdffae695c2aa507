"""The images of a DICOM series as one stack for the viewer."""

import weakref
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from consultdesk.consultation.source import Frame, Source, Window
from consultdesk.errors import ConsultDeskError, RecordUnreadable
from consultdesk.records import dicom_image, dicom_pixels, dicom_windows
from consultdesk.records.dicom_header import Header, read_header, title_of
from consultdesk.records.reader import Reader


class ImageStack:
    """Images in the order of their files, each decoded when it is asked for.

    Uncompressed pixels are only cut out and reinterpreted, here; compressed ones are decoded
    in a child process, started when the first of them is asked for. Any thread may ask.
    """

    def __init__(self, files: Sequence[tuple[Source, Header | None]]) -> None:
        headers = [header for _, header in files if header is not None]
        self._sources = tuple(source for source, _ in files)
        # a file that can't be read keeps its place in the stack and says so there
        self._ends = tuple(accumulate(header.frames if header else 1 for _, header in files))
        self._compressed = tuple(bool(header and header.encapsulated) for _, header in files)
        self._title = title_of(headers[0])
        self._presets = dicom_windows.presets(headers[0].text("Modality"))
        self._reader = Reader()
        weakref.finalize(self, self._reader.close)

    @property
    def count(self) -> int:
        """How many images all files hold together."""
        return self._ends[-1]

    @property
    def title(self) -> str:
        """Modality and what was examined."""
        return self._title

    @property
    def presets(self) -> tuple[Window, ...]:
        """Windows that suit the modality."""
        return self._presets

    def frame(self, index: int) -> Frame:
        """Decode image `index` (0-based). Raises RecordUnreadable."""
        if not 0 <= index < self.count:
            raise RecordUnreadable("There is no such image in this series.")
        file = bisect_right(self._ends, index)
        within = index - (self._ends[file - 1] if file else 0)
        if self._compressed[file]:
            return self._reader.frame(self._sources[file], within)
        return dicom_pixels.decode(self._sources[file], within)


def stack_of(sources: Sequence[Source]) -> ImageStack:
    """The stack of a series' files, already in their order.

    Raises RecordUnreadable, or what the store says, only when none of them can be shown.
    """
    files: list[tuple[Source, Header | None]] = []
    problem: ConsultDeskError | None = None
    for source in sources:
        header: Header | None = None
        try:
            header = read_header(source)
            dicom_image.require_image(header, source)
        except ConsultDeskError as found:
            header, problem = None, problem or found
        files.append((source, header))
    if problem is not None and all(header is None for _, header in files):
        raise problem
    return ImageStack(files)
