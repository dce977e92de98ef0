"""Looks for what must never be: a contact out of its place, work of nobody, a wait without an end, a late deadline.

The checks are pure, and `Sights` reads what they need. `Inspector` looks at a small sample, a step further round the
keys each time, and counts a violation only when it is still there at the next look: what is read in several steps may
have moved between them. Nothing here changes anything.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, cast

import msgspec
import structlog

from router.lifecycle import is_final
from router.model import SideLeg
from router.store.keys import contact_of, literal
from router.store.redis_store import Store
from router.telemetry import Metrics
from router.timers import LATE_MS

SCAN_KEYS = 400
"""Keys of a look: about as many reads, a few milliseconds."""
HEADS = 20
"""Contacts of one bucket, or of one agent's work, that a look goes into."""
LATE_LIMIT = SUSPECTS = 100
OF_CONTACT = frozenset({"not_in_bucket", "place_lost", "in_bucket", "not_in_work", "no_deadline"})
_log = structlog.get_logger(__name__)

DEADLINE_OF: Mapping[str, str] = {
    "queued": "contact",
    "answered": "contact",
    "offered": "offer",
    "handed_over": "handover",
    "parked": "parked",
    "callback": "callback",
}
"""The deadline that ends each waiting state; `with_agent` has the agent's lease instead."""


class Violation(NamedTuple):
    """One broken law: which, of what, where (a bucket, an agent), and how it looked."""

    invariant: str
    thing: str
    where: str
    seen: str


class ContactSight(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of one contact and around it."""

    id: str
    state: str
    rev: int = 0
    bucket: str = ""
    score: int = 0
    agent: str = ""
    leg_state: str = ""
    placed_at: int | None = None
    """Its score in its bucket; None when it is not there."""
    held_as: str = ""
    """Kind of work that its agent has of it."""
    deadlines: frozenset[str] = frozenset()
    """Kinds of deadlines that name it."""
    is_leased: bool = False
    """Whether its agent's lease is alive, with a socket or a deadline for the lost one."""


FIELDS = ("state", "rev", "bucket", "score", "agent", "leg_state")
KINDS = ("contact", "offer", "leg", "orphan", "handover", "parked", "callback")


def broken_by(seen: ContactSight) -> Iterator[Violation]:
    """Every law that one contact breaks."""
    how = f"{seen.state} {seen.rev}"
    if seen.state == "queued" and seen.placed_at is None:
        yield Violation("not_in_bucket", seen.id, "", how)
    elif seen.state == "queued" and seen.placed_at != seen.score:
        yield Violation("place_lost", seen.id, "", how)
    elif seen.state != "queued" and seen.placed_at is not None:
        yield Violation("in_bucket", seen.id, "", how)
    if seen.held_as != _work_of(seen):
        yield Violation("not_in_work", seen.id, "", f"{how} {seen.held_as}")
    if not _can_end(seen):
        yield Violation("no_deadline", seen.id, "", how)


def _work_of(seen: ContactSight) -> str:
    """The kind of work a contact must be in its agent's hands."""
    if seen.state == "offered":
        return "offer"
    if seen.state == "with_agent":
        return {"wrapping_up": "wrap", "interrupted": "interrupted"}.get(seen.leg_state, "leg")
    return "parked" if seen.state == "parked" else ""


def _can_end(seen: ContactSight) -> bool:
    """Whether something will move this contact on if nobody does anything."""
    if is_final("contact", seen.state):
        return True
    if seen.state == "with_agent":
        return seen.is_leased or not seen.deadlines.isdisjoint({"orphan", "leg"})
    wanted = DEADLINE_OF.get(seen.state)
    return wanted in seen.deadlines if wanted else bool(seen.deadlines)


def misplaced(bucket: str, heads: Iterable[str], states: Mapping[str, tuple[str, str]]) -> Iterator[Violation]:
    """Members of a bucket that do not wait there; `states` holds each one's state and bucket."""
    for contact in heads:
        state, own = states.get(contact, ("", ""))
        if (state, own) != ("queued", bucket):
            yield Violation("bucket_of_nobody", contact, bucket, state)


def unowned(agent: str, work: Iterable[str], states: Mapping[str, tuple[str, str]]) -> Iterator[Violation]:
    """Work of an agent that is not theirs; `states` holds each contact's state and agent."""
    for contact in work:
        state, own = states.get(contact, ("", ""))
        if own != agent or state not in {"offered", "with_agent", "parked"}:
            yield Violation("work_of_nobody", contact, agent, state)


def adrift(contact: str, sides: Mapping[str, SideLeg], held: Iterable[str], due: Iterable[str]) -> Iterator[Violation]:
    """Legs beside the owner's that are not in their agent's hands (`held`), or that nothing ends (`due`)."""
    for leg in sorted(sides.keys() - (set(held) & set(due))):
        yield Violation("sides_of_nobody", leg, contact, sides[leg].state)


def late(due: Iterable[tuple[str, int]], now_ms: int) -> Iterator[Violation]:
    """Deadlines that a sweep should have acted on."""
    for member, at in due:
        if at < now_ms - LATE_MS:
            yield Violation("deadline_late", member, "", str(at))


class Sights:
    """Reads what the checks look at; whoever looks chooses at what. Changes nothing."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, contacts: Sequence[str]) -> list[ContactSight]:
        """What can be seen of these contacts; those that have gone are left out."""
        keys = self._store.keys
        rows = await self._read([("HMGET", keys.contact(each), *FIELDS) for each in contacts])
        ends = await self._read(
            [("ZMSCORE", keys.deadlines, *(f"{kind}:{each}" for kind in KINDS)) for each in contacts]
        )
        sights = [_sight(contact, row, due) for contact, row, due in zip(contacts, rows, ends, strict=True)]
        return list(await asyncio.gather(*(self._surrounded(sight) for sight in sights if sight.state)))

    async def _surrounded(self, sight: ContactSight) -> ContactSight:
        """The sight with what bucket, work and agent say."""
        keys = self._store.keys
        placed, item, agent, session = await self._read(
            [
                ("ZSCORE", keys.bucket(sight.bucket or "none"), sight.id),
                ("HGET", keys.work(sight.agent), sight.id),
                ("HMGET", keys.agent(sight.agent), "lease", "connected"),
                ("ZSCORE", keys.deadlines, f"session:{sight.agent}"),
            ]
        )
        lease, connected = cast("list[bytes | None]", agent)
        return msgspec.structs.replace(
            sight,
            placed_at=None if placed is None else int(float(cast("bytes", placed))),
            held_as=_text(item).rpartition(":")[2],
            is_leased=lease == b"alive" and (connected == b"1" or session is not None),
        )

    async def misplaced(self, bucket: str, most: int) -> set[Violation]:
        """Which of the first `most` members of a bucket do not wait there."""
        members = await self._store.runner.read("ZRANGE", self._store.keys.bucket(bucket), 0, most - 1)
        heads = [member.decode() for member in cast("list[bytes]", members)]
        return set(misplaced(bucket, heads, await self._states(heads, "bucket")))

    async def unowned(self, agent: str, most: int) -> set[Violation]:
        """Which of `most` things in an agent's hands are not theirs."""
        work = sorted(await self._store.work(agent))[:most]
        contacts = [item for item in work if item == contact_of(item)]
        legs = [item for item in work if item != contact_of(item)]
        beside = {leg: (await self._store.sides(contact_of(leg))).get(leg) for leg in legs}
        states = {leg: ("with_agent" if side else "", side.agent if side else "") for leg, side in beside.items()}
        return set(unowned(agent, work, {**states, **await self._states(contacts, "agent")}))

    async def adrift(self, contact: str) -> set[Violation]:
        """Which legs beside a contact's owner are in nobody's hands, or without an end."""
        keys, sides = self._store.keys, await self._store.sides(contact)
        items = await self._read([("HGET", keys.work(side.agent), leg) for leg, side in sides.items()])
        ends = await self._read([("ZSCORE", keys.deadlines, f"side:{leg}") for leg in sides])
        held = [leg for leg, item in zip(sides, items, strict=True) if item is not None]
        due = [leg for leg, at in zip(sides, ends, strict=True) if at is not None]
        return set(adrift(contact, sides, held, due))

    async def _states(self, contacts: Sequence[str], other: str) -> dict[str, tuple[str, str]]:
        """Each contact's state and one other field."""
        keys = self._store.keys
        rows = await self._read([("HMGET", keys.contact(each), "state", other) for each in contacts])
        pairs = (cast("list[object]", row) for row in rows)
        return {contact: (_text(state), _text(value)) for contact, (state, value) in zip(contacts, pairs, strict=True)}

    async def _read(self, commands: Iterable[tuple[str, ...]]) -> list[object]:
        """Many reads in one exchange."""
        return list(await asyncio.gather(*(self._store.runner.reads.call(*command) for command in commands)))


class Inspector:
    """Looks at a sample of the store; the leader calls `look` every few seconds."""

    def __init__(self, store: Store, metrics: Metrics) -> None:
        self._store = store
        self._sights = Sights(store)
        self._metrics = metrics
        self._cursor = b"0"
        self._suspects: set[Violation] = set()
        self._counted: set[Violation] = set()

    async def look(self) -> list[Violation]:
        """Inspect the next keys and the last look's suspects; returns what is broken for certain and is new."""
        names = await self._next_names()
        now = self._store.clock.now_ms()
        found = {
            broken for sight in await self._sights.of(self._asked(names, "contact")) for broken in broken_by(sight)
        }
        for bucket in self._asked(names, "bucket"):
            found |= await self._sights.misplaced(bucket, HEADS)
        for agent in self._asked(names, "work"):
            found |= await self._sights.unowned(agent, HEADS)
        for contact in self._asked(names, "sides"):
            found |= await self._sights.adrift(contact)
        found |= set(late(await self._store.due(now - LATE_MS, LATE_LIMIT), now))
        certain = found & self._suspects
        new = sorted(certain - self._counted)
        self._suspects, self._counted = found, certain
        for each in new:
            self._metrics.invariant_violations.labels(each.invariant).inc()
            _log.error("invariant_violated", **each._asdict())
        return new

    def _asked(self, names: Sequence[tuple[str, str]], kind: str) -> list[str]:
        """What to look at of one kind: what the keys name, and what the last look suspected."""
        named = {thing for each, thing in names if each == kind}
        suspects = sorted(self._suspects)[:SUSPECTS]
        if kind == "contact":
            named |= {each.thing for each in suspects if each.invariant in OF_CONTACT}
        else:
            named |= {each.where for each in suspects if each.invariant == f"{kind}_of_nobody"}
        return sorted(named)

    async def _next_names(self) -> list[tuple[str, str]]:
        """The next keys of the tenant, as kind and id."""
        prefix = self._store.keys.prefix
        reply = await self._store.runner.read("SCAN", self._cursor, "MATCH", literal(prefix) + "*", "COUNT", SCAN_KEYS)
        self._cursor, keys = cast("tuple[bytes, list[bytes]]", reply)
        parts = (key.decode().removeprefix(prefix).partition(":") for key in keys)
        return [(kind, thing) for kind, _, thing in parts if thing]


def _sight(contact: str, row: object, ends: object) -> ContactSight:
    """A contact's own fields and its deadlines."""
    state, rev, bucket, score, agent, leg_state = (_text(part) for part in cast("list[object]", row))
    found = zip(KINDS, cast("list[object]", ends), strict=True)
    return ContactSight(
        id=contact,
        state=state,
        rev=int(rev or 0),
        bucket=bucket,
        score=int(score or 0),
        agent=agent,
        leg_state=leg_state,
        deadlines=frozenset(kind for kind, at in found if at is not None),
    )


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else ""
