"""Putting the images of a DICOM series into one record, in geometrical order."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from consultdesk.consultation.source import Source
from consultdesk.records.description import Description, Group

Described = tuple[Source, Description]

_SAME_DIRECTION = 0.98  # cosine: slices tilted by more than 11° belong to different stacks


def group(described: Sequence[Described]) -> tuple[Group, ...]:
    """One Group a record, in the order in which each record's first file came.

    Images of one series are one record, unless they name different patients or can't be
    read; everything else is a record of its own.
    """
    series: dict[tuple[str, ...], list[Described]] = defaultdict(list)
    for position, one in enumerate(described):
        series[_belongs_to(one[1], position)].append(one)
    return tuple(_one(files) for files in series.values())


def in_order(images: Iterable[Described]) -> list[Described]:
    """The images of a series along the slice normal, stack by stack (PS3.3 C.7.6.2.1.1).

    Images with no place in space follow by their InstanceNumber.
    """
    stacks: list[tuple[tuple[float, ...], list[Described]]] = []
    placeless: list[Described] = []
    for image in sorted(images, key=_instance):
        normal = image[1].order[2:5]
        if len(normal) < 3:
            placeless.append(image)
            continue
        for direction, stack in stacks:
            if sum(a * b for a, b in zip(direction, normal, strict=True)) > _SAME_DIRECTION:
                stack.append(image)
                break
        else:
            stacks.append((normal, [image]))
    ordered = [
        image for _, stack in stacks for image in sorted(stack, key=lambda one: _place(one[1]))
    ]
    return ordered + placeless


def _belongs_to(said: Description, position: int) -> tuple[str, ...]:
    if not said.series or not said.readable:
        return ("", str(position))
    who = (fact for fact in said.facts if fact.field.startswith("patient."))
    return (said.series, *sorted(f"{fact.field}={fact.value}" for fact in who))


def _instance(image: Described) -> float:
    order = image[1].order
    return order[1] if len(order) > 1 else order[0] if order else 0.0


def _place(said: Description) -> tuple[float, float]:
    # a hundredth of a millimetre is below what a header's rounding means
    return (round(said.order[0], 2), said.order[1])


def _one(files: list[Described]) -> Group:
    if len(files) == 1:
        return Group((files[0][0],), files[0][1])
    ordered = in_order(files)
    return Group(tuple(source for source, _ in ordered), _together([said for _, said in ordered]))


def _together(said: Sequence[Description]) -> Description:
    first = said[0]
    pages = sum(one.pages for one in said)
    facts = dict.fromkeys(fact for one in said for fact in one.facts)
    texts = dict.fromkeys(text for one in said for text in one.texts)
    return replace(
        first,
        pages=pages,
        title=f"{_uncounted(first.title)}, {pages} images",
        event_date=min((one.event_date for one in said if one.event_date), default=""),
        facts=tuple(facts),
        texts=tuple(texts),
        sensitivities=first.sensitivities.union(*(one.sensitivities for one in said)),
        order=(),
    )


def _uncounted(title: str) -> str:
    words, _, count = title.rpartition(", ")
    return words if count.endswith(" images") else title
