"""What whoever sent a contact in may be told of it, and anybody of a place: no words, no names. Shapes only."""

from typing import Literal

import msgspec

from channels.inbound import Location


class PublicState(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a contact stands, open or over, as whoever sent it in may be told: no words, no names."""

    contact: str
    source: str
    state: str
    """Of the contact, by `lifecycle`."""
    received_at: int
    changed_at: int
    """When anything told here last changed."""
    topic: str = ""
    unit: str = ""
    """Name of the unit that has it, for people; empty while the servicecenter has."""
    handover: str = ""
    """State of its last handover, empty for none."""
    handovers: int = 0
    """How many it has had."""
    resolutions: tuple[str, ...] = ()
    """How its matters ended."""
    follows: bool = False
    """It says what an earlier report says, and is followed up there."""
    closed_at: int = 0
    expected_at: int = 0
    """When it is due to be done; 0 when nobody knows."""
    location: Location | None = None


class Period(msgspec.Struct, frozen=True):
    """Which of the contacts that an adapter handed in: both ends belong to it. Of the last half year before it."""

    since: int
    until: int
    by: Literal["received", "changed"] = "received"
    source: str = ""
    """Of their keys; empty for all of the adapter's."""
    topics: tuple[str, ...] = ()
    """Empty for all."""
    is_open: bool | None = None
    """None for both: open is every state but closed, abandoned and cancelled."""
    most: int = 1000


class Nearby(msgspec.Struct, frozen=True, omit_defaults=True):
    """What anybody may be told before reporting the same: a hint, late or unknown is nothing."""

    reports: int = 0
    """Open reports about the topic within 50 m, at most 14 days old: another follows them."""
    since: int = 0
    """When the oldest of them came in."""
    disturbance_sv: str = ""
    """Message of the standing disturbance that a report would fall under."""
    disturbance_en: str = ""
    expected_end_at: int = 0
    """When that is thought to be mended."""
