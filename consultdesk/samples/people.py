"""People who don't exist, and what is known of them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """A patient who doesn't exist. `sex` is female, male or other; `birth_date` is ISO."""

    given: str
    family: str
    birth_date: str
    sex: str
    identifier: str
    phone: str = "+1 555 0100"

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given} {self.family}"


@dataclass(frozen=True)
class Doctor:
    """A treating physician who doesn't exist."""

    name: str
    specialty: str
    practice: str
    address: str = "12 Example Road, Sampleton"
    phone: str = "+1 555 0140"


@dataclass(frozen=True)
class Lab:
    """One laboratory result with its reference range; `low` or `high` may be None."""

    name: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    loinc: str = ""

    @property
    def flag(self) -> str:
        """H above the range, L below it, else empty."""
        if self.high is not None and self.value > self.high:
            return "H"
        return "L" if self.low is not None and self.value < self.low else ""

    @property
    def range(self) -> str:
        """The reference range in words."""
        if self.low is not None and self.high is not None:
            return f"{self.low:g} to {self.high:g}"
        if self.high is not None:
            return f"up to {self.high:g}"
        return f"from {self.low:g}" if self.low is not None else ""


@dataclass(frozen=True)
class Section:
    """A headed part of a letter: paragraphs, or numbered lines where `numbered`."""

    heading: str
    lines: tuple[str, ...]
    numbered: bool = False
