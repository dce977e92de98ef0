"""Looks at all keys of a tenant at once: what is there, what is left over, which laws of the store are broken."""

from collections.abc import Iterable
from typing import NamedTuple, cast

from router.journal import Entry, decode
from router.lifecycle import MACHINES, NEW, Transition, is_final
from router.model import Agent, OpenContact, SideLeg
from router.store.keys import contact_of
from router.store.redis_store import Store, read_work
from router.store.runner import pairs

PERMANENT = frozenset(
    {
        *("seq", "journal", "buckets", "agents", "routers", "deadlines", "projected", "secret", "barrier", "orders"),
        *("activations", "protected", "uploads"),
    }
)
"""Keys of a tenant that stand in router/store/keys.py with a life of `for ever` or `trimmed behind the register`."""
PASSING = frozenset({"event", "subject", "tombstone", "lease", "ticket", "upload", "person", "amended"})
"""Keys that must end by themselves."""
STAYING = frozenset({"contact", "content", "bucket", "agent", "work", "sessions", "sides", "faults", "strategy_texts"})
"""Keys that last as long as what they hold."""
DEADLINE_STATES = {
    "callback": {"callback"},
    "offer": {"offered"},
    "contact": {"queued", "answered"},
    "leg": {"with_agent"},
    "orphan": {"with_agent", "parked"},
    "parked": {"parked"},
    "handover": {"handed_over"},
    "setup": {"with_agent"},
}
Dump = dict[str, tuple[str, object]]
_READERS: dict[str, tuple[str, tuple[str | int, ...]]] = {
    "string": ("GET", ()),
    "hash": ("HGETALL", ()),
    "set": ("SMEMBERS", ()),
    "zset": ("ZRANGE", (0, -1, "WITHSCORES")),
    "stream": ("XRANGE", ("-", "+")),
}


async def dump(store: Store) -> Dump:
    """Every key of the tenant: its kind and what it holds."""
    found: Dump = {}
    for key in sorted(cast("list[bytes]", await store.runner.read("KEYS", f"{store.keys.prefix}*"))):
        kind = cast("bytes", await store.runner.read("TYPE", key)).decode()
        command, options = _READERS[kind]
        held = await store.runner.read(command, key, *options)
        name = key.decode().removeprefix(store.keys.prefix)
        found[name] = (kind, _in_order(kind, held))
    return found


def _in_order(kind: str, held: object) -> object:
    if kind == "hash":
        return dict(sorted(pairs(held).items()))
    return sorted(cast("list[bytes]", held)) if kind == "set" else held


async def wipe(store: Store) -> None:
    """Remove every key of the tenant."""
    for key in cast("list[bytes]", await store.runner.read("KEYS", f"{store.keys.prefix}*")):
        await store.runner.write("DEL", key)


class Snapshot(NamedTuple):
    """Everything of a tenant, read."""

    contacts: dict[str, OpenContact]
    agents: dict[str, Agent]
    work: dict[str, dict[str, tuple[str, str, str]]]
    buckets: dict[str, dict[str, int]]
    deadlines: dict[str, int]
    contents: set[str]
    sessions: dict[str, set[str]]
    sides: dict[str, dict[str, SideLeg]]


def snapshot(store_dump: Dump) -> Snapshot:
    """Sort a dump into nouns."""
    seen = Snapshot({}, {}, {}, {}, {}, set(), {}, {})
    for name, (_, held) in store_dump.items():
        kind, _, thing = name.partition(":")
        if kind == "contact":
            contact = OpenContact.from_hash(thing, pairs(held))
            assert contact, f"{name} has no state"
            seen.contacts[thing] = contact
        elif kind == "agent":
            agent = Agent.from_hash(thing, pairs(held))
            assert agent, f"{name} has no presence"
            seen.agents[thing] = agent
        elif kind == "work":
            seen.work[thing] = read_work(pairs(held))
        elif kind == "bucket":
            seen.buckets[thing] = _scores(held)
        elif kind == "deadlines":
            seen.deadlines.update(_scores(held))
        elif kind == "content":
            seen.contents.add(thing)
        elif kind == "sides":
            seen.sides[thing] = {leg.decode(): SideLeg.from_text(text.decode()) for leg, text in pairs(held).items()}
        elif kind == "sessions":
            seen.sessions[thing] = {member.decode() for member in cast("list[bytes]", held)}
    return seen


def _scores(held: object) -> dict[str, int]:
    flat = cast("list[bytes]", held)
    return {flat[i].decode(): int(float(flat[i + 1])) for i in range(0, len(flat), 2)}


async def leaks(store: Store) -> list[str]:
    """Keys without a life, and everything that `broken_laws` finds."""
    store_dump = await dump(store)
    found: list[str] = []
    for name in store_dump:
        kind = name.partition(":")[0]
        if kind in PASSING:
            ttl = await store.runner.read("PTTL", store.keys.prefix + name)
            if cast("int", ttl) <= 0:
                found.append(f"{name} does not end by itself")
        elif name not in PERMANENT and kind not in STAYING:
            found.append(f"{name} stands in no list of keys")
    seen = snapshot(store_dump)
    located = _scores(store_dump.get("faults", ("zset", []))[1])
    found += [f"fault {contact} is of nobody's" for contact in located if contact not in seen.contacts]
    return found + broken_laws(seen) + broken_chains(journal_of(store_dump))


def journal_of(store_dump: Dump) -> list[Entry]:
    """The journal's entries, in order."""
    _, held = store_dump.get("journal", ("stream", []))
    return [
        decode(dict(zip(row[::2], row[1::2], strict=True))[b"e"])
        for _, row in cast("list[tuple[bytes, list[bytes]]]", held)
    ]


def broken_chains(entries: Iterable[Entry]) -> list[str]:
    """Entries without a gap, and for each thing moves that follow one another by a row of its table."""
    found: list[str] = []
    last: dict[tuple[str, str], Transition] = {}
    for expected, entry in enumerate(entries, 1):
        if entry.n != expected:
            found.append(f"entry {entry.n} stands at {expected}")
        for move in entry.transitions:
            before = last.get((move.machine, move.id), Transition(move.machine, move.id, 0, "", "", NEW))
            is_next = move.rev == before.rev + 1 and move.before == before.after
            if not is_next or MACHINES[move.machine][move.before].get(move.event) != move.after:
                found.append(f"entry {entry.n}: {move} does not follow {before}")
            last[move.machine, move.id] = move
    return found


def broken_laws(seen: Snapshot) -> list[str]:
    """Every contact in one place, every place held by somebody, nothing without a deadline or a leased agent."""
    return [
        *_misplaced(seen),
        *_stuck(seen),
        *_idle_deadlines(seen),
        *_idle_sessions(seen),
    ]


def _misplaced(seen: Snapshot) -> list[str]:
    """Queued: in its own bucket only. Offered or with an agent: in that agent's work only. Otherwise nowhere."""
    places: dict[str, list[str]] = {contact: [] for contact in seen.contacts}
    for bucket, held in seen.buckets.items():
        for contact in held:
            places.setdefault(contact, []).append(f"bucket:{bucket}")
    for agent, items in seen.work.items():
        for item, (_, _, kind) in items.items():
            places.setdefault(item, []).append(f"work:{agent}:{kind}")
    found: list[str] = []
    for leg, side in ((leg, side) for beside in seen.sides.values() for leg, side in beside.items()):
        actual = places.pop(leg, [])
        if actual != [f"work:{side.agent}:{side.role}"]:
            found.append(f"{leg} is in {actual}, not with {side.agent}")
    for contact_id, actual in places.items():
        contact = seen.contacts.get(contact_id)
        wanted = _places(contact) if contact else []
        if actual != wanted:
            state = contact.state if contact else "unknown"
            found.append(f"{contact_id} ({state}) is in {actual}, not in {wanted}")
        elif contact and contact.state == "queued" and seen.buckets[contact.bucket][contact_id] != contact.score:
            found.append(f"{contact_id} has lost its place")
    return found


def _places(contact: OpenContact) -> list[str]:
    if contact.state == "queued":
        return [f"bucket:{contact.bucket}"]
    if contact.state == "offered":
        return [f"work:{contact.agent}:offer"]
    if contact.state == "with_agent":
        kind = {"wrapping_up": "wrap", "interrupted": "interrupted"}.get(contact.leg_state, "leg")
        return [f"work:{contact.agent}:{kind}"]
    if contact.state == "parked":
        return [f"work:{contact.agent}:parked"]
    return []


def _stuck(seen: Snapshot) -> list[str]:
    """What nothing would ever move again: open without a deadline and without an agent whose lease is alive."""
    due = {member.partition(":")[2] for member in seen.deadlines if not member.startswith("session:")}
    found: list[str] = []
    for contact in seen.contacts.values():
        if is_final("contact", contact.state) or contact.id in due:
            continue
        agent = seen.agents.get(contact.agent)
        if contact.state != "with_agent" or agent is None or agent.lease != "alive":
            found.append(f"{contact.id} ({contact.state}) has no deadline and no leased agent")
        elif not agent.connected and f"session:{agent.id}" not in seen.deadlines:
            found.append(f"{agent.id} has a lease, but neither socket nor deadline")
    found += [
        f"{agent.id} drains without work"
        for agent in seen.agents.values()
        if agent.presence == "draining" and all(kind == "parked" for _, _, kind in seen.work.get(agent.id, {}).values())
    ]
    found += [
        f"{leg} has no deadline"
        for beside in seen.sides.values()
        for leg in beside
        if f"side:{leg}" not in seen.deadlines
    ]
    found += [
        f"{contact.id} is parked without an end"
        for contact in seen.contacts.values()
        if contact.state == "parked" and f"parked:{contact.id}" not in seen.deadlines
    ]
    return found


def _idle_sessions(seen: Snapshot) -> list[str]:
    """Sockets of nobody. An agent may stand with two routers until the older socket is closed."""
    return [
        f"sessions:{router} holds {agent}"
        for router, held in seen.sessions.items()
        for agent in sorted(held)
        if agent not in seen.agents
    ]


def _idle_deadlines(seen: Snapshot) -> list[str]:
    """Deadlines whose thing has gone."""
    found: list[str] = []
    for member in seen.deadlines:
        kind, _, thing = member.partition(":")
        if kind == "session":
            agent = seen.agents.get(thing)
            is_wanted = agent is not None and agent.lease == "alive" and not agent.connected
        elif kind == "side":
            is_wanted = thing in seen.sides.get(contact_of(thing), {})
        elif kind == "sending":
            contact = seen.contacts.get(contact_of(thing))
            is_wanted = contact is not None and contact.owing > 0
        else:
            contact = seen.contacts.get(thing)
            is_wanted = contact is not None and contact.state in DEADLINE_STATES[kind]
        if not is_wanted:
            found.append(f"{member} waits for nothing")
    return found
