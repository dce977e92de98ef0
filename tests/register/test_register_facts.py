"""Facts about a person's past: right counts, unknown where nothing can be known, many at once in one query."""

import asyncio

import pytest
from sqlalchemy import Engine, event

from router.errors import RegisterUnavailable
from router.journal import EntryData, Received
from router.register.copying import copy_batch
from router.register.derive import derive_all
from router.register.engine import open_engine
from router.register.facts import FactsQuery, FactsReader, PersonFacts, RegisterFacts
from router.register.protections import protections
from tests.register.register_journals import START_MS, Journal

DAY_MS = 86_400_000


async def project(engine: Engine, journal: Journal) -> None:
    """Bring a journal through both stages."""
    await copy_batch(engine, journal, START_MS)
    derive_all(engine, START_MS)


def ask(engine: Engine, *queries: FactsQuery) -> list[PersonFacts]:
    """Read facts once."""
    facts = RegisterFacts(engine)
    found = facts.read(queries)
    facts.close()
    return found


async def test_repeats_are_counted_by_window_and_level_2_topic(engine: Engine) -> None:
    """Seven and thirty days, the same topic and any; finer codes count as their level-2 topic."""
    journal, now_ms = Journal(), START_MS
    for number, (days, topic) in enumerate(
        ((40, "BAR.FSK"), (20, "BAR.FSK"), (6, "BAR.FSK.KO"), (5, "BAR.SKV"), (0, "BAR.FSK"))
    ):
        journal.at = now_ms - days * DAY_MS
        journal.receive(f"c{number}", topic=topic, keys=("p1", "k1"))
    await project(engine, journal)
    [found] = ask(engine, FactsQuery(("p1", "k1"), "BAR.FSK", now_ms, "c4"))
    assert (found.repeats_7d, found.repeats_30d, found.repeats_7d_any, found.repeats_30d_any) == (1, 2, 2, 3)


async def test_without_a_key_everything_is_unknown(engine: Engine) -> None:
    """Nobody known: None, not 0; without a topic only the same-topic counts are unknown."""
    await project(engine, Journal())
    nobody, topicless = ask(engine, FactsQuery((), "BAR.FSK", START_MS), FactsQuery(("p1",), "", START_MS))
    assert nobody == PersonFacts()
    assert (topicless.repeats_7d, topicless.repeats_7d_any, topicless.open_promise) == (None, 0, False)


async def test_a_promise_is_open_until_the_unit_is_done(engine: Engine) -> None:
    """Offered and accepted handovers count, however old; returned and done ones do not."""
    journal = Journal(START_MS - 100 * DAY_MS)
    for number, events in enumerate(((), ("accept",), ("return",), ("accept", "finish"))):
        journal.receive(f"c{number}", "hand_over", keys=(f"p{number}",))
        for each in events:
            journal.handover(f"c{number}", each)
    await project(engine, journal)
    found = ask(engine, *(FactsQuery((f"p{number}",), "", START_MS) for number in range(4)))
    assert [each.open_promise for each in found] == [True, True, False, False]
    assert [each.repeats_30d_any for each in found] == [0, 0, 0, 0]


async def test_a_number_used_by_many_is_seen(engine: Engine) -> None:
    """Different persons behind one number are counted once each; the strongest key stands for itself."""
    journal = Journal()
    for number, person in enumerate(("p1", "p2", "p3", "p1")):
        journal.receive(f"c{number}", keys=(person, "k1"))
    await project(engine, journal)
    [found] = ask(engine, FactsQuery(("p1", "k1", "k9"), "BAR.FSK", START_MS))
    assert found.persons_using == {"p1": 0, "k1": 3, "k9": 0}


async def test_a_person_identified_later_takes_the_contact_along(engine: Engine) -> None:
    """Keys learnt in the conversation replace those of the call."""
    journal = Journal()
    journal.receive("c1", keys=("k1",))
    person = Received("phone", "voice", 0, person="p1", person_keys=("p1", "k2"), identity="verified")
    journal.write("identify_person", (), EntryData(contact="c1", agent="a1", received=person))
    await project(engine, journal)
    old, new = ask(engine, FactsQuery(("k1",), "", START_MS), FactsQuery(("p1",), "", START_MS))
    assert (old.repeats_7d_any, new.repeats_7d_any) == (0, 1)


async def test_a_key_named_by_an_agent_leads_and_corrects_its_own_kind(engine: Engine) -> None:
    """The wrong person loses the contact, the number called from keeps it; nobody named means nobody known."""
    journal = Journal()
    for contact in ("c1", "c2"):
        journal.receive(contact, keys=("pp-wrong", "pn-1"))
    journal.write("identify_person", (), EntryData(contact="c1", agent="a1", reason="pp-right", status="likely"))
    journal.write("identify_person", (), EntryData(contact="c2", agent="a1", status="none"))
    await project(engine, journal)
    keys = ("pp-wrong", "pp-right", "pn-1")
    found = ask(engine, *(FactsQuery((key,), "", START_MS) for key in keys))
    assert [each.repeats_7d_any for each in found] == [0, 1, 1]
    assert found[2].persons_using == {"pn-1": 2}


async def test_a_protection_once_given_is_never_forgotten(engine: Engine) -> None:
    """However long ago, and over any of the person's keys; nobody else is protected by it."""
    journal = Journal()
    journal.receive("c1", keys=("pp-1", "pn-1"), protection="protected_registration")
    journal.receive("c2", keys=("pp-1",))
    journal.receive("c3", keys=("pn-2",))
    await project(engine, journal)
    later = START_MS + 400 * 86_400_000
    found = ask(engine, *(FactsQuery((key,), "", later) for key in ("pp-1", "pn-1", "pn-2")))
    assert [each.protections for each in found] == [{"protected_registration"}, {"protected_registration"}, set()]


async def test_everybody_protected_is_known_by_each_key(engine: Engine) -> None:
    """What a new store is loaded from: every key of a protected person with the strictest level, and nobody else's."""
    journal = Journal()
    journal.receive("c1", keys=("pp-1", "pn-1"), protection="assumed_identity")
    journal.receive("c2", keys=("pp-1",), protection="marked")
    journal.receive("c3", keys=("pn-2",))
    await project(engine, journal)
    assert protections(engine) == {"pp-1": "assumed_identity", "pn-1": "assumed_identity"}


async def test_requests_that_come_together_share_a_query(engine: Engine) -> None:
    """Fifty waiting decisions cost one or two statements, and each gets its own person's facts."""
    journal = Journal()
    for number in range(50):
        for repeat in range(number % 4):
            journal.receive(f"c{number}-{repeat}", keys=(f"p{number}",))
    await project(engine, journal)
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    reader = FactsReader(engine)
    found = await asyncio.gather(*(reader.facts([f"p{number}"], "BAR.FSK", START_MS) for number in range(50)))
    await reader.close()
    assert [each.repeats_7d for each in found] == [number % 4 for number in range(50)]
    assert len([statement for statement in statements if "person_contacts" in statement]) <= 2


async def test_a_request_given_up_does_not_harm_the_others(engine: Engine) -> None:
    """The caller's timeout cancels its own request only."""
    await project(engine, Journal())
    reader = FactsReader(engine)
    given_up = asyncio.create_task(reader.facts(["p1"], "", START_MS))
    kept = asyncio.create_task(reader.facts(["p2"], "", START_MS))
    await asyncio.to_thread(int)
    given_up.cancel()
    assert (await kept).repeats_7d_any == 0
    await reader.close()


async def test_a_register_that_is_gone_is_told_to_everybody_who_asked() -> None:
    """Nobody waits for an answer that can't come."""
    reader = FactsReader(open_engine("sqlite:////nonexistent/register.db"))
    for _ in range(2):
        with pytest.raises(RegisterUnavailable):
            await reader.facts(["p1"], "", START_MS)
    await reader.close()
