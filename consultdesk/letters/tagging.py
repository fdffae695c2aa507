"""The letter's structure for those who have it read to them: a tagged PDF (ISO 32000-1 14.8)."""

import io
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name
from reportlab.platypus import Flowable, HRFlowable
from reportlab.platypus import Paragraph as Set
from reportlab.platypus import Table as Grid


@dataclass(eq=False)
class Element:
    """A part of the structure: its standard role, its parts, and where its text was drawn.

    `marks` holds (page index, marked-content id). What `repeats` is tagged where it first
    stands; the head of a table on later pages is not read again.
    """

    role: str
    repeats: bool = False
    kids: list["Element"] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)

    def add(self, role: str, *, repeats: bool = False) -> "Element":
        """A new last part."""
        kid = Element(role, repeats)
        self.kids.append(kid)
        return kid

    def drawn(self) -> bool:
        """Whether anything of it reached a page."""
        return bool(self.marks) or any(kid.drawn() for kid in self.kids)


class Tagged(Set):  # type: ignore[misc]  # the library has no types
    """A paragraph that tells the canvas which element it is, also in each of its parts."""

    element: Element | None = None

    def draw(self) -> None:
        """Draw inside the element's mark."""
        with self.canv.marked(self.element):
            super().draw()

    def split(self, width: float, height: float) -> list[Any]:
        """The parts are the same element."""
        parts: list[Any] = super().split(width, height)
        for part in parts:
            part.element = self.element
        return parts


class Ruled(Grid):  # type: ignore[misc]  # the library has no types
    """A table whose rules are decoration."""

    def _drawLines(self) -> None:
        with _decoration(self):
            super()._drawLines()


class Rule(HRFlowable):  # type: ignore[misc]  # the library has no types
    """A line that is decoration."""

    def draw(self) -> None:
        """Draw outside the structure."""
        with _decoration(self):
            super().draw()


def _decoration(flowable: Flowable) -> AbstractContextManager[None]:
    decoration: AbstractContextManager[None] = flowable.canv.artifact()
    return decoration


def bind(pdf: bytes, root: Element) -> bytes:
    """Write the structure into a PDF whose text carries the marks, and the title into its XMP."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        tree = document.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        parents: list[dict[int, pikepdf.Object]] = [{} for _ in document.pages]
        tree.K = _element(document, root, tree, parents)
        numbers: list[Any] = []
        for n, (page, marks) in enumerate(zip(document.pages, parents, strict=True)):
            page.obj.StructParents = n
            page.obj.Tabs = Name.S
            numbers += [n, Array([marks[mcid] for mcid in sorted(marks)])]
        tree.ParentTree = document.make_indirect(Dictionary(Nums=Array(numbers)))
        tree.ParentTreeNextKey = len(parents)
        document.Root.StructTreeRoot = tree
        document.Root.MarkInfo = Dictionary(Marked=True)
        document.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        for untrue in ("/CreationDate", "/ModDate", "/Trapped"):
            # the library's dates are those of no day, so that the bytes are always the same
            del document.docinfo[untrue]
        with document.open_metadata(set_pikepdf_as_editor=False) as metadata:
            metadata.load_from_docinfo(document.docinfo)
        document.save(
            out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate
        )
    return out.getvalue()


def _element(
    document: pikepdf.Pdf,
    element: Element,
    parent: pikepdf.Object,
    parents: list[dict[int, pikepdf.Object]],
) -> pikepdf.Object:
    made = document.make_indirect(
        Dictionary(Type=Name.StructElem, S=Name(f"/{element.role}"), P=parent)
    )
    if element.role == "TH":
        made.A = Dictionary(O=Name.Table, Scope=Name.Column)
    kids = Array()
    for page, mcid in element.marks:
        parents[page][mcid] = made
        where = document.pages[page].obj
        kids.append(Dictionary(Type=Name.MCR, Pg=where, MCID=mcid))
    for kid in _drawn(element):
        kids.append(_element(document, kid, made, parents))
    made.K = kids
    return made


def _drawn(element: Element) -> Iterator[Element]:
    return (kid for kid in element.kids if kid.drawn())
