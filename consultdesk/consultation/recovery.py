"""The recovery sheet: what opens a store when its passphrase is lost."""

from dataclasses import dataclass, field

USER = "recovery"
"""The name under which the key of the sheet opens a store."""


@dataclass(frozen=True)
class RecoverySheet:
    """The key of a store on paper, and what tells its keeper which store it opens.

    `store` is the store's name without its folder, `owner` the full name of `user`, `made_on` an
    ISO date.
    """

    key: str = field(repr=False)
    store: str
    owner: str
    made_on: str
    user: str = ""

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of the key, which are numbered wherever it is shown."""
        return tuple(self.key.split("-"))


PURPOSE = (
    "This key opens the store when the passphrase is lost. Whoever has it can open the store and "
    "read every record in it, without a passphrase."
)
KEEPING = (
    "Keep it where only you or somebody you trust finds it: in a safe or with a lawyer, never "
    "beside the computer, and in no photograph, mail or online storage."
)
USING = (
    "On the lock screen choose the user “recovery” and type the nine groups. Capitals, spaces and "
    "hyphens make no difference. A slip is told with the number of its group."
)
LETTERS = "0 and 1 are always digits: no key has the letters I, L, O and U."
ENDING = (
    "A newer sheet ends this one. Where this sheet was seen or lost, make a new one: "
    "File, New recovery sheet."
)
ADVICE = (
    ("What it is for", PURPOSE),
    ("Where to keep it", KEEPING),
    ("How to use it", f"{USING} {LETTERS}"),
    ("When it ends", ENDING),
)
"""What stands on every sheet, under its headings."""
