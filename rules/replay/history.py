"""A recorded contact, as a replay wants it: when, what was known then, and what became of it if that is known."""

from collections.abc import Mapping

import msgspec

from rules.strategy import FactValue

DISTRICT, LANGUAGE, CHANNEL, PROTECTION = "district", "language", "channel", "protection"
Matter = tuple[str, str]
"""Topic and resolution, as the 80 % instrument counts them."""


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """One contact of the past."""

    id: str
    received_at: int
    """Epoch ms; where the record only has wall clock time, that time in the city's own zone."""
    facts: Mapping[str, FactValue]
    """Known when it was first decided; calendars are left to each strategy's own city."""
    matters: tuple[Matter, ...] = ()
    """What became of it; empty when the record does not say."""
    person: str = ""
    """A pseudonymous key; empty when the record has none."""
    is_observed: bool = False
    """Reached a unit directly: counts for reach, is never decided about."""


class Gaps(msgspec.Struct, frozen=True):
    """What of a history could not be used, so that nothing is dropped in silence."""

    unreadable: int = 0
    first_unreadable: tuple[str, ...] = ()
    """Line and reason of the first of them; never what stood there."""
    no_contacts: int = 0
    """Rows that are no contact."""
    unknown_channels: dict[str, int] = {}
    """Contacts by a channel that no adapter registers: decided about without a medium."""
