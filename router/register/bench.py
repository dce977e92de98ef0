"""Measures how fast the register takes in contacts' lives: both stages on a fresh SQLite file with every fsync."""

import asyncio
import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec
from sqlalchemy import Engine

from router.clock import elapsed_s
from router.journal import Asks, ContentRef, Entry, EntryData, Outcome, Placement, Received
from router.lifecycle import Transition, advance
from router.register.copying import copy_batch
from router.register.derive import derive_all
from router.register.engine import migrate, open_engine
from router.register.facts import FactsQuery, RegisterFacts
from router.register.stream import Raw, Wanted

BUDGET = 8_000
"""Entries a second through both stages."""
FACTS_BUDGET_MS = 1.0
START_MS = 1_767_600_000_000
DECISION = b'{"strategy":"bench","facts":{"channel":"phone"},"rules":["R1","R7"],"trace":[["R1",true],["R7",true]]}'
CHOSEN = b'{"winner":"a1","reason":"longest_idle","losers":{"a2":"busy","a3":"lacks_skill"}}'
TOPICS = ("BAR.FSK", "BAR.SKV", "KOM.STA", "KOM.FEL", "KOM.S\u00d6K")
RESOLUTIONS = ("answered", "guided", "booked", "message_taken")

PERSONS = 5_000

_encoder = msgspec.json.Encoder()


class MemoryJournal:
    """A journal stream that lies in memory, with the content that its entries refer to."""

    def __init__(self, entries: Sequence[Raw], records: dict[Wanted, bytes]) -> None:
        self._entries, self._records = entries, records

    async def read(self, start: int, count: int) -> list[Raw]:
        """Entries from number `start` on."""
        return list(self._entries[start - 1 : start - 1 + count])

    async def records(self, wanted: Sequence[Wanted]) -> list[bytes | None]:
        """The content records asked for."""
        return [self._records.get(each) for each in wanted]

    async def barrier(self) -> None:
        """Nothing to wait for."""


def lives(n: int) -> MemoryJournal:
    """`n` entries: contacts that are received, offered, accepted and finished."""
    entries: list[Raw] = []
    records: dict[Wanted, bytes] = {}
    for number in range(1, n // 4 + 1):
        contact = f"c{number:020}"
        body = b'{"text":"a question about preschool","subject":"question"}'
        records[Wanted(contact, 1)] = body
        reference = ContentRef(1, hashlib.sha256(body).hexdigest()[:32])
        life = _life(contact, number, len(entries) + 1, reference)
        entries.extend(Raw(entry.n, _encoder.encode(entry)) for entry in life)
    return MemoryJournal(entries, records)


def _life(contact: str, number: int, n: int, content: ContentRef) -> Iterator[Entry]:
    at = START_MS + number * 40
    topic, agent = TOPICS[number % len(TOPICS)], f"a{number % 100}"
    received = Received(
        "phone",
        "voice",
        at,
        "bench",
        "bench",
        f"e{number}",
        topic,
        100,
        person=_keys(number)[0],
        person_keys=_keys(number),
    )
    placed = Placement("b1", Asks("general", "phone", "voice", 1), at, at, at + 60_000)
    path = _moves("contact", contact, "receive", "decide", "queue", "offer", "accept", "close")
    offer = _moves("offer", f"{contact}.o1", "issue", "accept")
    leg = _moves("leg", f"{contact}.l1", "connect", "connected", "end")
    data = EntryData(
        contact=contact, received=received, decision=msgspec.Raw(DECISION), generation=1, content=(content,)
    )
    yield Entry(1, n, at, "receive_contact", tuple(path[:3]), data, placed)
    about = partial(EntryData, contact=contact, agent=agent)
    data = about(
        offer=f"{contact}.o1",
        chosen=msgspec.Raw(CHOSEN),
        expires_at=at + 20_000,
        medium="voice",
        queue="general",
    )
    yield Entry(1, n + 1, at + 5, "issue_offer", (path[3], offer[0]), data)
    yield Entry(1, n + 2, at + 900, "accept_offer", (offer[1], path[4], *leg[:2]), about(leg=f"{contact}.l1"))
    outcomes = (Outcome(topic, RESOLUTIONS[number % len(RESOLUTIONS)], "question"),)
    yield Entry(1, n + 3, at + 90_000, "finish_work", (leg[2], path[5]), about(outcomes=outcomes))


def _keys(number: int) -> tuple[str, str]:
    """A person's own key and the number they call from; some numbers are used by several."""
    return f"p{number % PERSONS:031}", f"k{number % (PERSONS + 7):031}"


def _moves(machine: str, thing: str, *events: str) -> list[Transition]:
    state, made = "", list[Transition]()
    for rev, event in enumerate(events, 1):
        after = advance(machine, state, event)
        made.append(Transition(machine, thing, rev, state, event, after))
        state = after
    return made


def bench_register(n: int = 40_000) -> list[dict[str, object]]:
    """Figures for `servicecenter bench register`: `n` entries through both stages, then facts for 50 persons."""
    source = lives(n)
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'register.db'}")
        migrate(engine)
        copying_s = _timed(lambda: asyncio.run(_copy_all(engine, source)))
        deriving_s = _timed(lambda: derive_all(engine, START_MS))
        facts, asked = RegisterFacts(engine), [_query(number) for number in range(50)]
        facts_s = min(_timed(lambda: facts.read(asked)) for _ in range(20))
        facts.close()
        engine.dispose()
    return [
        _rate("register", n / (copying_s + deriving_s)),
        _rate("register_stage1", n / copying_s),
        _rate("register_stage2", n / deriving_s),
        _figure(
            "register_facts_50_persons", facts_s * 1_000, "ms", FACTS_BUDGET_MS, ok=facts_s * 1_000 <= FACTS_BUDGET_MS
        ),
    ]


async def _copy_all(engine: Engine, source: MemoryJournal) -> None:
    while (await copy_batch(engine, source, START_MS)).taken:
        pass


def _query(number: int) -> FactsQuery:
    return FactsQuery(_keys(number), TOPICS[0], START_MS + 86_400_000)


def _timed(work: Callable[[], object]) -> float:
    began_s = elapsed_s()
    work()
    return elapsed_s() - began_s


def _rate(name: str, value: float) -> dict[str, object]:
    return _figure(name, value, "entries/s", BUDGET, ok=value >= BUDGET)


def _figure(name: str, value: float, unit: str, budget: float, *, ok: bool) -> dict[str, object]:
    return {"name": name, "value": round(value, 3), "unit": unit, "budget": budget, "ok": ok}
