"""Checks of the floor: who leads, which routers are silent, what is late, and contacts that stand nowhere or twice.

Only reads. A contact may move between two reads, so what looks broken is looked at a second time.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, cast

from router.clock import elapsed_s
from router.commands.doctor.findings import Finding, error, ok, some, warning
from router.config import FloorConfig
from router.lifecycle import is_final
from router.store.redis_store import Store, read_work
from router.store.runner import pairs
from router.timers import BEAT_S

MOST_CONTACTS = 50_000
PART = 1_000
LATE_MS = 5_000
"""Sweeps come five times a second; what is due for longer is overdue."""
KINDS = ("contact", "offer", "leg", "orphan", "handover")
"""Kinds of deadlines that keep a contact from being stuck."""
FIELDS = ("state", "bucket", "agent", "leg_state")


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
    """Every open contact in exactly one place, and nothing that would never move again."""
    contacts, is_all = await _open_contacts(store)
    first = await _broken(store, contacts)
    again = await _broken(store, sorted({contact for contact, _ in first})) if first else set[tuple[str, str]]()
    seen = f"{len(contacts):,} open contacts" + ("" if is_all else " looked at, there are more")
    checks = {
        "stuck": ("contacts without deadline", "no deadline and no agent who is there"),
        "bucket": ("buckets", "queue and contact do not agree"),
        "work": ("work", "agent and contact do not agree"),
    }
    todo = "report it with the contact's journal: a law of the store is broken"
    made: list[Finding] = []
    for kind, (name, text) in checks.items():
        wrong = sorted(contact for contact, broken in first & again if broken == kind)
        made.append(error(name, f"{len(wrong)}: {text}: {some(wrong)}", todo) if wrong else ok(name, seen))
    return made


async def _open_contacts(store: Store) -> tuple[list[str], bool]:
    """Ids of contacts in the store, up to a limit, and whether these are all; those that wait and are held first."""
    prefix, cursor = store.keys.contact(""), b"0"
    found: list[str] = []
    while True:
        reply = await store.runner.read("SCAN", cursor, "MATCH", f"{_escaped(prefix)}*", "COUNT", PART)
        cursor, keys = cast("tuple[bytes, list[bytes]]", reply)
        found += [key.decode().removeprefix(prefix) for key in keys]
        if cursor == b"0" or len(found) >= MOST_CONTACTS:
            break
    held = await _held(store)
    return list(dict.fromkeys([*found, *held])), cursor == b"0"


def _escaped(text: str) -> str:
    """As a pattern that means itself."""
    return "".join(f"\\{letter}" if letter in "*?[]\\^" else letter for letter in text)


async def _held(store: Store) -> list[str]:
    """Contacts that a bucket or an agent's work names, whether or not they exist."""
    buckets, works = await _buckets(store), await _works(store)
    return [contact for members in (*buckets.values(), *works.values()) for contact in members]


async def _buckets(store: Store) -> dict[str, list[str]]:
    names = [name.decode() for name in await store.runner.read_hash(store.keys.buckets)]
    lanes = await _each(store, [("ZRANGE", store.keys.bucket(name), 0, MOST_CONTACTS) for name in names])
    return {
        name: [each.decode() for each in cast("list[bytes]", lane)] for name, lane in zip(names, lanes, strict=True)
    }


async def _works(store: Store) -> dict[str, list[str]]:
    agents = [each.decode() for each in cast("Iterable[bytes]", await store.runner.read("SMEMBERS", store.keys.agents))]
    rows = await _each(store, [("HGETALL", store.keys.work(agent)) for agent in agents])
    return {agent: list(read_work(pairs(row))) for agent, row in zip(agents, rows, strict=True)}


async def _broken(store: Store, contacts: Sequence[str]) -> set[tuple[str, str]]:
    """(contact, what is broken) among these contacts."""
    rows = await _each(store, [("HMGET", store.keys.contact(contact), *FIELDS) for contact in contacts])
    buckets, works = _by_contact(await _buckets(store)), _by_contact(await _works(store))
    due = await _with_deadline(store, contacts)
    leased = await _leased(store)
    found: set[tuple[str, str]] = set()
    for contact, row in zip(contacts, rows, strict=True):
        values = [value.decode() if value else "" for value in cast("list[bytes | None]", row)]
        state, bucket, agent, _ = values
        is_open = bool(state) and not is_final("contact", state)
        if buckets.get(contact, []) != ([bucket] if state == "queued" else []):
            found.add((contact, "bucket"))
        if works.get(contact, []) != ([agent] if state in {"offered", "with_agent"} else []):
            found.add((contact, "work"))
        if is_open and contact not in due and not (state == "with_agent" and agent in leased):
            found.add((contact, "stuck"))
    return found


def _by_contact(holders: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for holder, contacts in holders.items():
        for contact in contacts:
            found.setdefault(contact, []).append(holder)
    return found


async def _with_deadline(store: Store, contacts: Sequence[str]) -> set[str]:
    key = store.keys.deadlines
    scores = await _each(store, [("ZMSCORE", key, *(f"{kind}:{contact}" for kind in KINDS)) for contact in contacts])
    return {contact for contact, row in zip(contacts, scores, strict=True) if any(cast("list[object]", row))}


async def _leased(store: Store) -> set[str]:
    return {agent.id for agent in await store.agents_all() if agent.lease == "alive"}


async def _each(store: Store, commands: Sequence[tuple[str | int, ...]]) -> list[object]:
    """Many reads, in parts that leave room for the service's own."""
    found: list[object] = []
    for at in range(0, len(commands), PART):
        found += await asyncio.gather(*(store.runner.read(*command) for command in commands[at : at + PART]))
    return found
