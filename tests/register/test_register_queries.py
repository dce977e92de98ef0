"""The read side: what a page shows of contacts, decisions, cases, handovers and histories."""

import msgspec
import pytest
from sqlalchemy import Engine, event

from router.errors import ConfigurationError, NotFound, RegisterUnavailable
from router.journal import EntryData, HandoverTerms, Outcome
from router.register import queries
from router.register.copying import copy_batch
from router.register.derive import derive_all
from router.register.engine import open_engine
from tests.register.register_journals import START_MS, Journal


async def project(engine: Engine, journal: Journal) -> None:
    """Bring a journal through both stages."""
    await copy_batch(engine, journal, START_MS)
    derive_all(engine, START_MS)


async def test_a_contact_is_shown_with_everything_that_happened(engine: Engine) -> None:
    """Legs, offers, outcomes, case and handovers stand with their contact."""
    journal = Journal()
    journal.receive("c1", keys=("p1",))
    journal.offer("c1")
    journal.accept("c1")
    journal.hand_over("c1", Outcome("BAR.FSK", "answered"), Outcome("GAT.BEL", "handed_over"), topic="GAT.BEL")
    journal.handover("c1", "accept")
    await project(engine, journal)
    found = queries.contact(engine, "c1")
    assert (found.state, found.unit, found.channel) == ("handed_over", "street", "phone")
    assert [leg.state for leg in found.legs] == ["ended"]
    assert [msgspec.json.decode(offer.chosen) for offer in found.offers] == [{"winner": "a1", "losers": {"a2": "busy"}}]
    assert [(o.topic, o.resolution, o.clicked) for o in found.outcomes] == [
        ("BAR.FSK", "answered", "answered"),
        ("GAT.BEL", "handed_over", "handed_over"),
    ]
    assert found.case == queries.case(engine, "c1.k1")
    assert [(h.state, h.unit, h.topic, h.case_id) for h in found.handovers] == [
        ("accepted", "street", "GAT.BEL", "c1.k1")
    ]


async def test_documents_hold_no_person_keys(engine: Engine) -> None:
    """Nothing by which a person could be found again leaves with a contact or a history."""
    journal = Journal()
    journal.life("c1", keys=("secretkey",))
    await project(engine, journal)
    history = queries.history(engine, person_keys=["secretkey"])
    assert history.total == 1
    shown = msgspec.json.encode([queries.contact(engine, "c1"), queries.decisions(engine, "c1"), history])
    assert b"secretkey" not in shown


async def test_why_names_every_generation_and_loser(engine: Engine) -> None:
    """Each decision stands with its trace, each offer with who lost and why."""
    journal = Journal()
    journal.receive("c1")
    journal.offer("c1")
    await project(engine, journal)
    why = queries.decisions(engine, "c1")
    assert [(d.generation, d.command) for d in why.decisions] == [(1, "receive_contact")]
    assert msgspec.json.decode(why.decisions[0].decision) == {"strategy": "v1", "trace": []}
    assert msgspec.json.decode(why.offers[0].chosen)["losers"] == {"a2": "busy"}


@pytest.mark.parametrize("ask", [queries.contact, queries.decisions, queries.case])
async def test_what_is_not_there_is_not_found(engine: Engine, ask: object) -> None:
    """An unknown id is a clear answer, not an empty document."""
    assert callable(ask)
    with pytest.raises(NotFound):
        ask(engine, "c404")


async def test_history_is_one_query_newest_first_by_any_key(engine: Engine) -> None:
    """A person's contacts, each once, with topic, date and outcome; by keys or from one of the contacts."""
    journal = Journal()
    for number, keys in enumerate((("p1", "k1"), ("p1", "k2"), ("p2", "k1"), ("p3",)), 1):
        journal.at += 1_000
        journal.life(f"c{number}", keys=keys)
    await project(engine, journal)
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    page = queries.history(engine, person_keys=["p1", "k1"], limit=2)
    assert [statement for statement in statements if "SELECT" in statement] == [statements[-1]]
    assert [item.id for item in page.items] == ["c3", "c2"]
    assert [(matter.topic, matter.resolution) for matter in page.items[0].matters] == [("BAR.FSK", "answered")]
    assert (page.total, page.limit, page.page) == (3, 2, 1)
    assert [item.id for item in queries.history(engine, person_keys=["p1", "k1"], limit=2, page=2).items] == ["c1"]
    assert queries.history(engine, person_keys=["p1", "k1"], limit=2, page=3).total == 3
    assert [item.id for item in queries.history(engine, contact_id="c1").items] == ["c2", "c1"]
    assert queries.history(engine, person_keys=[]).items == []


async def test_handovers_are_listed_by_unit_and_state(engine: Engine) -> None:
    """A unit sees its own, newest first, in pages."""
    journal = Journal()
    for number in range(5):
        journal.at += 1_000
        journal.receive(f"c{number}", "hand_over", topic="GAT.BEL")
    journal.handover("c2", "accept")
    await project(engine, journal)
    page = queries.handovers(engine, unit="street", state="offered", limit=3)
    assert ([item.contact for item in page.items], page.total) == (["c4", "c3", "c1"], 4)
    assert [item.contact for item in queries.handovers(engine, state="accepted").items] == ["c2"]
    assert queries.handovers(engine, unit="school").total == 0


async def test_an_event_leads_to_its_contact(engine: Engine) -> None:
    """Long after the store forgot an event, the register knows what became of it."""
    journal = Journal()
    journal.receive("c1")
    await project(engine, journal)
    assert queries.event_contact(engine, "test", "test", "e-c1") == "c1"
    assert queries.event_contact(engine, "test", "test", "e-c2") is None


async def test_lag_tells_how_far_both_stages_are(engine: Engine) -> None:
    """A register that is behind shows by how much."""
    journal = Journal()
    journal.life("c1")
    await copy_batch(engine, journal, START_MS)
    derive_all(engine, START_MS)
    journal.at += 5_000
    journal.life("c2")
    await copy_batch(engine, journal, START_MS)
    told = queries.lag(engine)
    assert (told.journal_n, told.derived_n, told.journal_at - told.derived_at) == (8, 4, 5_000)
    assert told.stalls == []
    assert len(told.register_id) == 16


def test_a_register_that_is_gone_is_unavailable() -> None:
    """A reader gets the error that says: try again later."""
    engine = open_engine("sqlite:////nonexistent/register.db")
    with pytest.raises(RegisterUnavailable):
        queries.lag(engine)


@pytest.mark.parametrize("url", ["mysql://x", "nonsense", ""])
def test_only_the_two_kinds_of_register_are_taken(url: str) -> None:
    """A wrong URL stops the start and names its key."""
    with pytest.raises(ConfigurationError, match="register"):
        open_engine(url)


async def test_a_reader_can_not_write(register_url: str) -> None:
    """The database itself refuses a reader's writes."""
    reader = open_engine(register_url, is_reader=True)
    with pytest.raises(Exception, match=r"readonly|read-only"), reader.begin() as connection:
        connection.exec_driver_sql("DELETE FROM journal")
    reader.dispose()


async def test_a_handover_is_listed_with_the_unit_that_is_asked_now(engine: Engine) -> None:
    """The next of a duty chain: its unit sees the handover with its own deadline, the one before sees it no more."""
    journal = Journal()
    journal.receive("c1", topic="VAT.LÄC")
    journal.offer("c1")
    journal.accept("c1")
    journal.hand_over("c1", topic="VAT.LÄC")
    handover = journal.latest("c1", "h")
    asked = HandoverTerms("night", topic="VAT.LÄC", accept_by=START_MS + 600_000)
    data = EntryData(contact="c1", handover=handover, actor="timer", to="night", terms=asked)
    journal.write("ring_duty", [("handover", handover, "ring")], data)
    await project(engine, journal)

    assert queries.handovers(engine, unit="street").total == 0
    (item,) = queries.handovers(engine, unit="night").items
    assert (item.state, item.unit, item.accept_by) == ("offered", "night", START_MS + 600_000)
