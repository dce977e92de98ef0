"""The fast floor writes the journal that the service writes: entry for entry, move for move."""

from collections.abc import Sequence

from router.config import example_city
from router.journal import AgentRecord, Entry
from router.simulation.engine import SimulatedFloor
from router.simulation.service import SimulatedService
from rules.city import City, load_city
from rules.decide import decide
from rules.outcome import Decision
from tests.manual_clock import MONDAY_MS

MINUTE_MS = 60_000
CAPACITY = {"phone": 1, "chat": 2, "email": 1, "web": 1}
FACTS = {"point": "received", "topic": "KUF.BIB", "topic_confidence": 100}
Step = tuple[str, ...]
PLAN: Sequence[tuple[int, Step]] = (
    (0, ("receive", "c1", "phone")),
    (5_000, ("decline", "anna", "c1")),
    (8_000, ("accept", "bo", "c1")),
    (9_000, ("receive", "c2", "phone")),
    (30_000, ("hold", "bo", "c1")),
    (31_000, ("resume", "bo", "c1")),
    (32_000, ("presence", "anna", "available")),
    (33_000, ("accept", "anna", "c2")),
    (40_000, ("presence", "bo", "away", "after_current")),
    (60_000, ("finish", "bo", "c1")),
    (61_000, ("leave", "c2")),
    (62_000, ("receive", "c3", "chat")),
    (63_000, ("receive", "c4", "phone")),
    (64_000, ("leave", "c4")),
    (3 * MINUTE_MS, ("accept", "anna", "c3")),
    (6 * MINUTE_MS, ("disconnect", "anna")),
    (10 * MINUTE_MS, ("presence", "bo", "available")),
    (10 * MINUTE_MS + 5_000, ("receive", "c5", "email")),
    (30 * MINUTE_MS, ("presence", "bo", "away")),
)


def plain(entries: Sequence[Entry], names: dict[str, str]) -> list[tuple[object, ...]]:
    """What two journals have in common, with the contacts by the names of the plan."""

    def named(text: str) -> str:
        contact, dot, rest = text.partition(".")
        return names.get(contact, contact) + dot + rest

    return [
        (each.at - MONDAY_MS, each.command, [(*m[:1], named(m.id), *m[2:]) for m in each.transitions], each.data.agent)
        for each in entries
        if each.command not in {"requeue_contact", "record_access"}
    ]


def run_fast(city: City, decisions: dict[str, Decision]) -> list[tuple[object, ...]]:
    """The plan on the fast floor."""
    floor = SimulatedFloor(city, MONDAY_MS)
    seen: list[Entry] = []
    floor.listeners.append(seen.append)
    for agent in ("anna", "bo"):
        floor.add_agent(agent, capacity=CAPACITY)
        floor.connect(agent)
        floor.set_presence(agent, "available")
    for at, (what, *words) in PLAN:
        floor.advance(MONDAY_MS + at)
        match what:
            case "receive":
                floor.receive(words[0], words[1], decisions[words[1]])
            case "leave":
                floor.leave(words[0])
            case "presence":
                floor.set_presence(words[0], words[1], after_current=len(words) > 2)
            case "disconnect":
                floor.disconnect(words[0])
            case _:
                getattr(floor, what)(*words)
    floor.advance(MONDAY_MS + 31 * MINUTE_MS)
    return plain(seen, {})


async def run_service(city: City) -> list[tuple[object, ...]]:
    """The plan on the whole service."""
    ids: dict[str, str] = {}
    async with SimulatedService(city, MONDAY_MS) as service:
        for agent in ("anna", "bo"):
            await service.put_agent(agent, AgentRecord(capacity=CAPACITY))
            await service.connect(agent, "agent")
            await service.command(agent, "presence.set", {"state": "available"}, "agent")
        for at, (what, *words) in PLAN:
            await service.advance(MONDAY_MS + at)
            await do(service, ids, what, words)
        await service.advance(MONDAY_MS + 31 * MINUTE_MS)
        return plain(service.seen, {contact: name for name, contact in ids.items()})


async def do(service: SimulatedService, ids: dict[str, str], what: str, words: list[str]) -> None:
    """One step of the plan."""
    offers = {entry.data.contact: entry for entry in service.seen if entry.command == "issue_offer"}
    match what:
        case "receive":
            ids[words[0]] = await service.receive({"channel": words[1], "topic": "KUF.BIB"})
        case "leave":
            await service.leave(ids[words[0]], "hung_up")
        case "disconnect":
            await service.disconnect(words[0])
        case "presence":
            when = {"when": "after_current"} if len(words) > 2 else {}
            await service.command(words[0], "presence.set", {"state": words[1], **when}, "agent")
        case "finish":
            done = {"contact_id": ids[words[1]], "outcomes": [{"resolution": "answered"}]}
            await service.command(words[0], "work.finish", done, "agent")
        case "accept" | "decline":
            entry = offers[ids[words[1]]]
            offer = {"offer_id": entry.data.offer, "rev": entry.transitions[0].rev}
            reason = {"reason": "knowledge"} if what == "decline" else {}
            await service.command(words[0], f"offer.{what}", {**offer, **reason}, "agent")
        case _:
            await service.command(words[0], f"work.{what}", {"contact_id": ids[words[1]]}, "agent")


async def test_a_plain_day_is_the_same_on_both() -> None:
    """Calls, a chat, mail, a decline, an unanswered offer, wrap-ups, a lost line: one journal."""
    city = load_city(example_city())
    media = {"phone": "voice", "chat": "messaging", "email": "written"}
    decisions = {
        channel: decide(city.strategy, {**FACTS, "channel": channel, "medium": medium})
        for channel, medium in media.items()
    }
    fast, whole = run_fast(city, decisions), await run_service(city)
    assert fast == whole
