"""The recovery sheet: what opens a store when its passphrase is lost."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class RecoverySheet:
    """The key of a store on paper, and what tells its keeper which store it opens.

    `store` is the store's name without its folder, `made_on` an ISO date.
    """

    key: str = field(repr=False)
    store: str
    owner: str
    made_on: str
