"""A letter of three pages, from its facts to its tagged PDF."""

from dataclasses import replace
from typing import TYPE_CHECKING

from consultdesk.letters import pdf, rendition, template
from tests.letters.conftest import FACTS

if TYPE_CHECKING:
    from tests.benchmarks.conftest import SideBySide

MOST_SECONDS = 0.150


def test_a_letter_of_three_pages(side_by_side: "SideBySide") -> None:
    long = replace(FACTS.opinion, reasoning="\n\n".join([FACTS.opinion.reasoning] * 4))
    facts = replace(FACTS, opinion=long)
    assert rendition.page_count(pdf.render(template.fill(facts))) == 3
    side_by_side.measure(
        "letter of three pages (peer: the limit)",
        lambda: pdf.render(template.fill(facts)),
        MOST_SECONDS,
        1.0,
    )
