"""History for a replay, from the register: first decisions' facts, outcomes, the person as a key."""

import msgspec
import pytest
from sqlalchemy import Engine, update

from router.errors import NotFound
from router.journal import Outcome
from router.register import schema
from router.register.copying import copy_batch
from router.register.derive import derive_all
from router.strategy_replay.history_register import read_register
from router.strategy_replay.noting import Noted
from tests.register.register_journals import START_MS, Journal


async def test_the_register_gives_facts_and_outcomes(engine: Engine) -> None:
    """Every contact of the period comes with the facts of its first decision, its matters and its person's key."""
    journal = Journal()
    journal.receive("c1", keys=("p1",))
    journal.offer("c1")
    journal.accept("c1")
    journal.finish("c1", Outcome("BAR.FSK", "answered"))
    journal.receive("c2")
    await copy_batch(engine, journal, START_MS)
    derive_all(engine, START_MS)
    facts = {"channel": "phone", "topic": "BAR.FSK", "loa": 1}
    stored = msgspec.json.encode({"decision": {"kind": "queue"}, "facts": facts}).decode()
    with engine.begin() as connection:
        connection.execute(update(schema.decisions).values(decision=stored))
    noted = Noted()
    first, second = read_register(engine, 0, START_MS * 2, noted)
    assert (first.id, first.matters, bool(first.person)) == ("c1", (("BAR.FSK", "answered"),), True)
    assert (second.id, second.matters) == ("c2", ())
    assert first.facts == facts
    assert noted.gaps().unreadable == 0


def test_an_empty_register_is_said_to_be_empty(engine: Engine) -> None:
    """No contact in the period is an error that says so, not an empty report."""
    with pytest.raises(NotFound, match="no contacts in this period"):
        list(read_register(engine, 0, 1, Noted()))


async def test_a_contact_without_a_readable_decision_is_named(engine: Engine) -> None:
    """A contact whose first decision says nothing of what was known is counted as unreadable, not dropped."""
    journal = Journal()
    journal.receive("c1")
    await copy_batch(engine, journal, START_MS)
    derive_all(engine, START_MS)
    noted = Noted()
    assert not list(read_register(engine, 0, START_MS * 2, noted))
    assert noted.gaps().unreadable == 1
