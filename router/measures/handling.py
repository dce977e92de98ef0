"""Handling time: how long agents worked with a contact, summed over their legs. Pure arithmetic over times.

    handling_ms = sum over legs of owners and consults that are over:
                  ended_at - (connected_at, or wrapping_at when it never connected) - interrupted_ms

That is conversation + hold + wrap-up, without the time in which the work stood still for live work. Whoever passes a
contact on owns their leg through its wrap-up; whoever is consulted works as well. A supervisor who listens does not
handle the contact; ringing and set-up are waiting, not handling. A leg that runs counts once it has ended.
"""

from collections.abc import Iterable
from typing import Protocol

HANDLING = frozenset({"owner", "consult"})
"""Roles whose legs are work on the contact."""


class Leg(Protocol):
    """A participant's part of a contact; times in epoch ms."""

    @property
    def role(self) -> str:
        """owner, consult or supervisor."""
        ...

    @property
    def connected_at(self) -> int | None:
        """When the conversation began."""
        ...

    @property
    def wrapping_at(self) -> int | None:
        """When the wrap-up began."""
        ...

    @property
    def ended_at(self) -> int | None:
        """When the leg was over."""
        ...

    @property
    def interrupted_ms(self) -> int:
        """How long it stood still."""
        ...


def handling_ms(legs: Iterable[Leg]) -> int:
    """The handling time of one contact, in ms; 0 when nobody has handled it."""
    return sum(_of(leg) for leg in legs if leg.role in HANDLING)


def _of(leg: Leg) -> int:
    began_at = leg.wrapping_at if leg.connected_at is None else leg.connected_at
    return 0 if began_at is None or leg.ended_at is None else leg.ended_at - began_at - leg.interrupted_ms
