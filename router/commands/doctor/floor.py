"""Checks of the floor: who leads, which routers are silent, what is late, and contacts that stand nowhere or twice.

Only reads. A contact may move between two reads, so what looks broken is looked at a second time.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, cast

from router.clock import elapsed_s
from router.commands.doctor.findings import Finding, error, ok, some, warning
from router.config import FloorConfig
from router.invariants import Sights, Violation, broken_by
from router.store.redis_store import Store
from router.timers import BEAT_S

MOST_CONTACTS = 50_000
PART = 1_000
LATE_MS = 5_000
"""Sweeps come five times a second; what is due for longer is overdue."""
CHECKS: Mapping[str, tuple[str, frozenset[str]]] = {
    "contacts without deadline": ("no deadline and no agent who is there", frozenset({"no_deadline"})),
    "buckets": (
        "queue and contact do not agree",
        frozenset({"not_in_bucket", "place_lost", "in_bucket", "bucket_of_nobody"}),
    ),
    "work": ("agent and contact do not agree", frozenset({"not_in_work", "work_of_nobody", "sides_of_nobody"})),
}
"""Check -> what is wrong, and the laws it is about."""


class Routers(NamedTuple):
    """Who serves this tenant."""

    leader: str
    alive: list[str]
    silent: list[str]


async def routers(store: Store, config: FloorConfig) -> Routers:
    """Who leads and who is alive. Without a leader it waits for an election, and for a heartbeat that proves a life."""
    before = await _beats(store)
    leader = await _leader(store)
    since = store.clock.now_ms() - config.router_lease_s * 1000
    alive = {router for router, at in before.items() if at >= since}
    if alive and not leader:
        give_up_at = elapsed_s() + max(config.leader_lease_s, BEAT_S) + 1
        while not leader and elapsed_s() < give_up_at:
            await asyncio.sleep(0.1)
            leader = await _leader(store)
        after = await _beats(store)
        alive = {router for router in alive if leader or after.get(router, 0) > before[router]}
    return Routers(leader, sorted(alive), sorted(before.keys() - alive))


async def _beats(store: Store) -> dict[str, float]:
    found = cast("list[bytes]", await store.runner.read("ZRANGE", store.keys.routers, 0, -1, "WITHSCORES"))
    return {found[i].decode(): float(found[i + 1]) for i in range(0, len(found), 2)}


async def _leader(store: Store) -> str:
    found = cast("bytes | None", await store.runner.read("GET", store.keys.lease("leader")))
    return found.decode() if found else ""


def leadership(seen: Routers) -> list[Finding]:
    """A leader while there are routers; no router that fell silent unnoticed."""
    if not seen.leader and seen.alive:
        first = error("leader", f"nobody leads {some(seen.alive)}: no offers, no sweeps", "look into the routers' logs")
    elif not seen.leader:
        first = ok("leader", "no router is running")
    else:
        first = ok("leader", seen.leader)
    if seen.silent and seen.leader:
        todo = "the leader should have noticed; look into its log"
        return [first, error("routers", f"silent: {some(seen.silent)}; alive: {some(seen.alive)}", todo)]
    resting = f"; {len(seen.silent)} ended before, cared for at the next start" if seen.silent else ""
    return [first, ok("routers", f"{len(seen.alive)} alive{resting}")]


async def deadlines(store: Store, *, is_led: bool) -> Finding:
    """What should have been acted on."""
    now = store.clock.now_ms()
    due = await store.due(now - LATE_MS, PART)
    if not due:
        return ok("deadlines", "none is overdue")
    found = (
        f"{len(due)} overdue, the oldest by {(now - due[0][1]) / 1000:,.0f} s: {some([member for member, _ in due])}"
    )
    if is_led:
        return error("deadlines", found, "the leader does not get to its sweeps; look into its log")
    return warning("deadlines", found, "start the service; its first sweeps act on them")


async def places(store: Store) -> list[Finding]:
    """Every open contact in exactly one place, and nothing that would never move again: the laws of `invariants`."""
    contacts, is_all = await _open_contacts(store)
    first = await _broken(store, contacts)
    again = await _broken(store, contacts) if first else set[Violation]()
    seen = f"{len(contacts):,} open contacts" + ("" if is_all else " looked at, there are more")
    todo = "report it with the contact's journal: a law of the store is broken"
    made: list[Finding] = []
    for name, (text, laws) in CHECKS.items():
        wrong = sorted({each.thing for each in first & again if each.invariant in laws})
        made.append(error(name, f"{len(wrong)}: {text}: {some(wrong)}", todo) if wrong else ok(name, seen))
    return made


async def _open_contacts(store: Store) -> tuple[list[str], bool]:
    """Ids of contacts in the store, up to a limit, and whether these are all."""
    found: list[str] = []
    async for part in store.contact_ids():
        found += part
        if len(found) >= MOST_CONTACTS:
            return found, False
    return found, True


async def _broken(store: Store, contacts: Sequence[str]) -> set[Violation]:
    """Every law that is broken by these contacts, by a bucket, or by what an agent has in hand."""
    sights = Sights(store)
    found: set[Violation] = set()
    for at in range(0, len(contacts), PART):
        part = contacts[at : at + PART]
        found |= {broken for sight in await sights.of(part) for broken in broken_by(sight)}
        found |= set[Violation]().union(*await asyncio.gather(*(sights.adrift(contact) for contact in part)))
    for name in await store.runner.read_hash(store.keys.buckets):
        found |= await sights.misplaced(name.decode(), MOST_CONTACTS)
    for agent in cast("Iterable[bytes]", await store.runner.read("SMEMBERS", store.keys.agents)):
        found |= await sights.unowned(agent.decode(), MOST_CONTACTS)
    return found
