"""Grey-scale windows: those a file brings and those that suit a modality."""

from pydicom.dataset import Dataset

from consultdesk.consultation.source import Window
from consultdesk.records.dicom_header import Header, items, numbers

# Customary radiological settings in HU; the order is that of the number keys.
_CT = (
    Window(40, 400, "Soft tissue"),
    Window(-600, 1500, "Lung"),
    Window(400, 1800, "Bone"),
    Window(40, 80, "Brain"),
    Window(60, 160, "Liver"),
    Window(50, 350, "Mediastinum"),
    Window(300, 600, "Angiography"),
    Window(75, 215, "Subdural"),
    Window(32, 8, "Stroke"),
)
_MODALITY: dict[str, tuple[Window, ...]] = {"CT": _CT}


def presets(modality: str) -> tuple[Window, ...]:
    """Windows that suit a modality in absolute units; empty where values have no unit."""
    return _MODALITY.get(modality, ())


def of_file(header: Header, frame_items: tuple[Dataset, ...]) -> tuple[Window, ...]:
    """The windows a file recommends (PS3.3 C.11.2.1.2), those of the frame before the file's."""
    for elements in (*frame_items, header.elements):
        if found := _listed(header, elements):
            return found
    return _table(header)


def _listed(header: Header, elements: Dataset) -> tuple[Window, ...]:
    centres, widths = numbers(elements, "WindowCenter"), numbers(elements, "WindowWidth")
    names = _names(header, elements)
    return tuple(
        Window(centre, width, names[n] if n < len(names) else "")
        for n, (centre, width) in enumerate(zip(centres, widths, strict=False))
        if width > 0
    )


def _names(header: Header, elements: Dataset) -> list[str]:
    try:
        value = elements.get("WindowCenterWidthExplanation")
    except Exception:  # a broken element is one we don't have
        return []
    many = [value] if isinstance(value, str) else list(value or [])
    return [str(one).strip().capitalize() for one in many]


def _table(header: Header) -> tuple[Window, ...]:
    """The range of a VOI look-up table, drawn as a straight window (PS3.3 C.11.2.1.1)."""
    for item in items(header.elements, "VOILUTSequence"):
        described = numbers(item, "LUTDescriptor")
        if len(described) == 3:
            entries = described[0] or 65536
            return (Window(described[1] + entries / 2, entries, "As delivered"),)
    return ()
