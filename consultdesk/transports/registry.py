"""The ways a letter can leave: one line each."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from consultdesk.consultation.patient import ChannelKind
from consultdesk.transports.handover import Print, Save
from consultdesk.transports.transport import Transport

_ALL: tuple[Transport[Any], ...] = (
    Print(),
    Save(),
)

TRANSPORTS: Mapping[ChannelKind, Transport[Any]] = MappingProxyType({t.kind: t for t in _ALL})
"""Each transport by the kind of channel it serves."""
