"""Where a handover stands in its duty chain, and who is asked next. Pure: the chain decides in `rules.duty`.

The ring's end is the handover's own deadline, so it lies in the store and no crash loses it.
"""

from typing import NamedTuple

import msgspec

from router import placing
from router.journal import HandoverTerms
from router.model import OpenContact
from rules.city import City
from rules.duty import DutyChain, DutyLink, Ring, calendar_of, chain_rung, next_ring
from rules.outcome import Decision

_encode = msgspec.json.Encoder().encode


class Duty(msgspec.Struct, frozen=True):
    """Which handover rings which chain, and where it stands."""

    handover: str
    chain: str
    ring: Ring

    @property
    def text(self) -> str:
        """As the contact's hash keeps it."""
        return _encode(self).decode()


_decode = msgspec.json.Decoder(Duty).decode


def chain_of(duty: str) -> str:
    """The chain that the text of a duty names; '' for none."""
    return _decode(duty.encode()).chain if duty else ""


class Rung(NamedTuple):
    """Somebody is asked: what they are asked to keep, where the chain stands, and who it is."""

    terms: HandoverTerms
    duty: Duty
    to: str
    """The unit, or the entry of the phone book."""


def chain_for(city: City, decision: Decision) -> DutyChain | None:
    """The chain that a decision's handover rings: the one it names, else in an emergency the one its unit begins."""
    return chain_rung(city.duty_chains, decision)


def begin(city: City, chain: DutyChain, handover: str, topic: str, now_ms: int, generation: int = 1) -> Rung | None:
    """The first who is asked now."""
    ring = next_ring(chain, lambda link: _opens(city, link, now_ms), now_ms)
    return _rung(city, chain, handover, ring, chain.link[0].unit, topic, now_ms, generation) if ring else None


def standing(contact: OpenContact) -> Duty | None:
    """Where the contact's handover stands in a chain; None when it rings none, or rings no more."""
    if not contact.duty or contact.handover_state != "offered":
        return None
    duty = _decode(contact.duty)
    return duty if duty.handover == contact.handover else None


def following(city: City, contact: OpenContact, duty: Duty, generation: int, now_ms: int) -> Rung | None:
    """Who is asked next; None when everybody has been, or the city has no such chain any more."""
    chain = city.duty_chains.get(duty.chain)
    if chain is None or duty.ring.link >= len(chain.link):
        return None
    ring = next_ring(chain, lambda link: _opens(city, link, now_ms), now_ms, duty.ring)
    if ring is None:
        return None
    return _rung(city, chain, duty.handover, ring, contact.unit, contact.topic, now_ms, generation)


def _rung(
    city: City,
    chain: DutyChain,
    handover: str,
    ring: Ring,
    owner: str,
    topic: str,
    now_ms: int,
    generation: int,
) -> Rung:
    """A phone is rung for the unit that has been asked before it."""
    link = chain.link[ring.link]
    agreed = placing.terms(city, link.unit or owner, topic, now_ms, generation)
    agreed = msgspec.structs.replace(agreed, accept_by=ring.until)
    return Rung(agreed, Duty(handover, chain.id, ring), link.unit or link.phone)


def _opens(city: City, link: DutyLink, at_ms: int) -> bool:
    calendar = calendar_of(link, city.units)
    return not calendar or city.calendars[calendar].is_open(at_ms)
