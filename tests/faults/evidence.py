"""What the journal says for certain: read raw from the store, checked against the laws, whatever the service claims."""

from collections import Counter
from collections.abc import Iterable
from typing import cast

from router.journal import Entry, decode
from router.store.redis_store import Store
from tests.journeys.service_process import TENANT
from tests.journeys.waiting import eventually
from tests.store.keyspace import broken_chains, broken_laws, dump, snapshot

PLACE_ANEW = frozenset({"record_message"})
"""Commands that may give a contact a new place: the resident wrote again after an answer."""


async def journal(store_url: str) -> list[Entry]:
    """Every entry of the stream, in order."""
    store = Store(store_url, TENANT)
    await store.start()
    try:
        rows = cast("list[tuple[bytes, list[bytes]]]", await store.runner.read("XRANGE", store.keys.journal, "-", "+"))
        return [decode(fields[1]) for _, fields in rows]
    finally:
        await store.stop()


async def standing(store_url: str) -> list[str]:
    """What is out of place in the store when nothing moves: asked until it is nothing."""
    store = Store(store_url, TENANT)
    await store.start()
    last: list[str] = ["not looked yet"]

    async def look() -> bool:
        nonlocal last
        try:
            last = broken_laws(snapshot(await dump(store)))
        except KeyError:
            return False  # a key ended between its name and its kind
        return not last

    try:
        await eventually(look)
    except AssertionError:
        return last
    finally:
        await store.stop()
    return []


def received(entries: Iterable[Entry]) -> dict[str, str]:
    """Event id -> contact, of every contact taken in."""
    return {
        entry.data.received.event_id: entry.data.contact
        for entry in entries
        if entry.command == "receive_contact" and entry.data.received is not None
    }


def broken(entries: list[Entry]) -> list[str]:
    """Every law of the journal that these entries break."""
    return [*broken_chains(entries), *twice(entries), *_two_owners(entries), *_places_lost(entries)]


def twice(entries: list[Entry]) -> list[str]:
    """Events taken in twice, offers accepted twice."""
    events = Counter(
        f"{e.data.received.integration} {e.data.received.source} {e.data.received.event_id}"
        for e in entries
        if e.command == "receive_contact" and e.data.received is not None
    )
    accepted = Counter(
        move.id for e in entries for move in e.transitions if move.machine == "offer" and move.event == "accept"
    )
    return [f"{name} came {count} times" for name, count in (events + accepted).items() if count > 1]


def _two_owners(entries: Iterable[Entry]) -> list[str]:
    """Contacts with two owner legs alive at a time; a consult's and a supervisor's never own."""
    alive: dict[str, set[str]] = {}
    beside: set[str] = set()
    found: list[str] = []
    for entry in entries:
        side = entry.data.side
        if side is not None and side.role != "wrap":
            beside.add(side.leg)
        for move in entry.transitions:
            if move.machine != "leg" or move.id in beside:
                continue
            legs = alive.setdefault(move.id.split(".", 1)[0], set())
            if move.after in {"connecting", "connected", "on_hold", "interrupted"}:
                legs.add(move.id)
            else:
                legs.discard(move.id)
            if len(legs) > 1:
                found.append(f"entry {entry.n}: {sorted(legs)} are alive together")
    return found


def _places_lost(entries: Iterable[Entry]) -> list[str]:
    """Contacts that were put into a queue at another place than their first."""
    first: dict[str, int] = {}
    found: list[str] = []
    for entry in entries:
        if entry.placed is None or entry.command in PLACE_ANEW:
            continue
        if entry.command == "release_parked":
            first[entry.data.contact] = entry.placed.ready_at
        ready_at = first.setdefault(entry.data.contact, entry.placed.ready_at)
        if entry.placed.ready_at != ready_at:
            found.append(f"entry {entry.n}: {entry.data.contact} moved from {ready_at} to {entry.placed.ready_at}")
    return found
