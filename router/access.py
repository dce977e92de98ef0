"""What may be shown of a person's earlier contacts, and to whom. Pure.

| identity         | what an agent sees of an earlier contact                                  |
|------------------|---------------------------------------------------------------------------|
| none, shared     | nothing: nobody is known                                                  |
| likely           | its date and topic: a number or an address is a hint, no proof            |
| verified         | also channel, state, unit, open promise, how each matter ended            |
| any              | only that there was one, and when (`is_sealed`): a secret topic, or, while |
|                  | the identity is not verified, another authority's                         |

An open contact of a known person is listed by id, channel, topic, state and date, because it can be attached.
"""

import msgspec

from router.model import OpenContact
from rules.city import City
from rules.topics import Topic

SEALED_BY = "secret"


class Earlier(msgspec.Struct, frozen=True, omit_defaults=True):
    """One earlier contact, as far as this agent may see it."""

    received_at: int
    """Epoch ms."""
    contact_id: str = ""
    topic: str = ""
    channel: str = ""
    state: str = ""
    unit: str = ""
    has_open_promise: bool = False
    matters: tuple[object, ...] = ()
    is_sealed: bool = False
    """There was one, and more may not be said."""


class Past(msgspec.Struct, frozen=True):
    """An earlier contact as the register tells it."""

    id: str
    received_at: int
    topic: str = ""
    channel: str = ""
    state: str = ""
    unit: str = ""
    has_open_promise: bool = False
    matters: tuple[object, ...] = ()


def authority_of(city: City, topic: str) -> str:
    """The board or company that a topic belongs to; '' when it is nobody's in particular."""
    known = city.topics.get(topic)
    unit = city.units.get(known.unit) if known else None
    return unit.authority if unit else ""


def shown(past: Past, identity: str, own_topic: str, city: City, *, may_see_secret: bool) -> Earlier | None:
    """What may be shown of one earlier contact, next to a contact about `own_topic`; None: nothing at all."""
    if identity not in {"likely", "verified"}:
        return None
    topic = city.topics.get(past.topic)
    if _is_sealed(topic, past, identity, own_topic, city, may_see_secret=may_see_secret):
        return Earlier(past.received_at, is_sealed=True)
    if identity == "likely":
        return Earlier(past.received_at, topic=past.topic)
    return Earlier(
        past.received_at,
        past.id,
        past.topic,
        past.channel,
        past.state,
        past.unit,
        past.has_open_promise,
        past.matters,
    )


def shown_open(other: OpenContact, beside: OpenContact, city: City) -> Earlier | None:
    """What an agent who has `beside` sees of another open contact of that person: enough to attach it, no content.

    Of one that only some may have, and of what `shown` seals, no more than that there is one.
    """
    past = Past(other.id, other.received_at, other.topic, other.channel, other.state)
    seen = shown(past, beside.identity, beside.topic, city, may_see_secret=beside.restricted == 1)
    if seen is None or other.identity not in {"likely", "verified"}:
        return None
    is_guarded = (other.restricted == 1 or other.protection != "none") and not beside.restricted
    if seen.is_sealed or is_guarded:
        return Earlier(other.received_at, is_sealed=True)
    return Earlier(other.received_at, other.id, other.topic, other.channel, other.state)


def _is_sealed(
    topic: Topic | None, past: Past, identity: str, own_topic: str, city: City, *, may_see_secret: bool
) -> bool:
    if topic is not None and SEALED_BY in topic.flags:
        return not may_see_secret
    own, theirs = authority_of(city, own_topic), authority_of(city, past.topic)
    return identity != "verified" and bool(own) and bool(theirs) and own != theirs
