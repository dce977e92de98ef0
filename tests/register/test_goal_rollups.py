"""The figures from the rollups equal those that anybody counts from the raw journal, for any journal and period."""

import asyncio
import json
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from router.journal import EntryData, Outcome
from router.measures.goal import Goal
from router.register.copying import copy_batch
from router.register.derive import derive, derive_all
from router.register.engine import open_engine
from router.register.rollups import read_goal
from tests.register.register_journals import START_MS, Journal
from tests.register.register_walks import STEPS, Step, walk

HOUR_MS = 3_600_000
ALWAYS = (0, 2**42)


def by_hand(raw: list[bytes], from_ms: int, to_ms: int) -> dict[str, Any]:
    """An independent count: reads the journal's JSON contact by contact, knows nothing of the register."""
    lives: dict[str, list[dict[str, Any]]] = {}
    for entry in map(json.loads, raw):
        names = {entry.get("data", {}).get("contact")} - {None}
        for name in names:
            lives.setdefault(name, []).append(entry)
    contacts: Counter[str] = Counter()
    matters: Counter[tuple[str, str]] = Counter()
    for entries in lives.values():
        first = entries[0]["data"]["received"]
        if from_ms <= first["received_at"] < to_ms:
            state, found = told_by_hand(first, entries)
            contacts[state] += 1
            matters.update(found)
    observed = contacts.pop("observed", 0)
    out = {"named_person", "internal", "spam", "misdialled", "line_lost", "abandoned", "cancelled"}
    eligible = {m: k for m, k in matters.items() if m[1] not in out and m[0] not in {"KOM.SÖK", "INT.SUP"}}
    strict = sum(
        k
        for (topic, how), k in eligible.items()
        if how in {"answered", "decided", "booked", "guided"} or (how, topic) == ("referred_external", "KOM.FEL")
    )
    complete = sum(k for (_topic, how), k in eligible.items() if how == "registered_complete")
    return {
        "received": sum(contacts.values()),
        "observed": observed,
        "closed": contacts["closed"],
        "abandoned": contacts["abandoned"],
        "handed_over_open": contacts["handed_over"],
        "total": sum(matters.values()),
        "eligible": sum(eligible.values()),
        "resolved": strict + complete,
        "resolved_strict": strict,
        "uncoded": sum(k for (_topic, how), k in eligible.items() if how == "uncoded"),
        "by_resolution": dict(sum((Counter({how: k}) for (_topic, how), k in matters.items()), Counter[str]())),
    }


ENDED_UNASKED = {"answer": "automatic", "attach": "follower", "supersede": "follower"}


def standing_by_hand(
    entry: dict[str, Any],
    matters: list[tuple[str, str]],
    new: list[tuple[str, str]],
    units: dict[str, tuple[str, str]],
) -> list[tuple[str, str]]:
    """What no amendment takes away: calls that went on outside, followers, and what a unit still has."""
    if entry["command"] != "amend_outcome":
        return []
    again = {how for _about, how in new}
    kept = {f"@{thing}" for thing, (state, _criterion) in units.items() if state != "returned"} - again
    return [(about, how) for about, how in matters if how in {"transferred", "follower"} or how in kept]


def told_by_hand(first: dict[str, Any], entries: list[dict[str, Any]]) -> tuple[str, list[tuple[str, str]]]:
    """A contact's last state, and each of its matters with how it ended."""
    if first.get("is_observed"):
        return "observed", []
    state, topic, promise = "", first.get("topic", ""), ""
    units: dict[str, tuple[str, str]] = {}
    matters: list[tuple[str, str]] = []
    for entry in entries:
        data, moved = entry["data"], {(t[0], t[4]) for t in entry["transitions"]}
        state = next((t[5] for t in reversed(entry["transitions"]) if t[0] == "contact"), state)
        for machine, thing, _rev, _before, event, after in entry["transitions"]:
            if machine == "handover":
                promise = thing
                old = units.get(thing, ("", ""))[1]
                criterion = data["terms"].get("criterion", "") if event == "offer" else old
                units[thing] = (after, criterion)
        topic = data.get("topic", "") if entry["command"] == "set_topic" else topic
        said = (
            [] if ("handover", "finish") in moved else [(o["topic"], o["resolution"]) for o in data.get("outcomes", [])]
        )
        new = [(about, f"@{promise}" if how == "handed_over" else how) for about, how in said]
        if ("contact", "hand_over") in moved and not any(how.startswith("@") for _about, how in new):
            new.append((data["terms"].get("topic") or topic, f"@{promise}"))
        new = new or [(topic, how) for event, how in ENDED_UNASKED.items() if ("contact", event) in moved]
        if ("contact", "close") in moved and not new and not matters:
            new.append((topic, "uncoded"))
        if new and entry["command"] != "amend_outcome":
            again = {about for about, _how in new}
            matters = [
                (about, how)
                for about, how in matters
                if about not in again
                and how not in {"automatic", "uncoded", "follower", "transferred"}
                and units.get(how[1:], ("",))[0] != "returned"
            ]
            new = matters + new
        matters = standing_by_hand(entry, matters, new, units) + new if new else matters
    if not matters and state in {"abandoned", "cancelled"}:
        matters = [(topic, state)]
    return state, [(about, ended_by_hand(how, units)) for about, how in matters]


def ended_by_hand(how: str, units: dict[str, tuple[str, str]]) -> str:
    """How a matter that was handed over stands now."""
    if not how.startswith("@"):
        return how
    state, criterion = units.get(how[1:], ("", ""))
    is_complete = state in {"accepted", "done"} and criterion.lower() == "registered_complete"
    return "registered_complete" if is_complete else "handed_over"


def figures(found: Goal) -> dict[str, Any]:
    """The same figures from the instrument."""
    contacts, matters = found.contacts, found.matters
    return {
        "received": contacts.received,
        "observed": contacts.observed,
        "closed": contacts.closed,
        "abandoned": contacts.abandoned,
        "handed_over_open": contacts.handed_over_open,
        "total": matters.total,
        "eligible": matters.eligible,
        "resolved": matters.resolved,
        "resolved_strict": matters.resolved_strict,
        "uncoded": matters.uncoded,
        "by_resolution": matters.by_resolution,
    }


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=STEPS,
    batch=st.integers(1, 9),
    cuts=st.lists(st.integers(-HOUR_MS, 12 * HOUR_MS), min_size=2, max_size=2).map(sorted),
)
def test_the_instrument_equals_an_independent_count(
    migrated: Path, steps: list[Step], batch: int, cuts: list[int]
) -> None:
    """Whatever happened, in whatever batches, for a whole time and for any part of it, to the contact."""
    journal = walk(steps)
    raw = [each.entry for each in journal.raws()]
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(migrated, Path(folder) / "register.db")
        engine = open_engine(f"sqlite:///{folder}/register.db")
        asyncio.run(copy_batch(engine, journal, START_MS))
        while derive(engine, START_MS, batch).taken:
            pass
        for period in (ALWAYS, (START_MS + cuts[0], START_MS + cuts[1])):
            assert figures(read_goal(engine, *period)) == by_hand(raw, *period)
        engine.dispose()


async def test_a_period_may_begin_and_end_inside_an_hour(engine: Engine) -> None:
    """From the first moment on, up to but not at the last, whole hours and ragged ends alike."""
    journal, times = Journal(), (0, 1, HOUR_MS - 1, HOUR_MS, 2 * HOUR_MS + 5, 3 * HOUR_MS, 3 * HOUR_MS + 1)
    for number, later_ms in enumerate(times):
        journal.at = START_MS + later_ms
        journal.receive(f"c{number}", "answer")
    await counted(engine, journal)
    for first in (*times, 2, HOUR_MS + 7):
        for last in (*times, 2, HOUR_MS + 7):
            found = read_goal(engine, START_MS + first, START_MS + last)
            expected = sum(first <= later_ms < last for later_ms in times)
            assert (found.contacts.received, found.matters.total) == (expected, expected)


async def counted(engine: Engine, journal: Journal) -> dict[str, int]:
    """Resolutions after both stages."""
    await copy_batch(engine, journal, START_MS)
    derive_all(engine, START_MS)
    return read_goal(engine, *ALWAYS).matters.by_resolution


@pytest.mark.parametrize(
    ("events", "resolution"),
    [
        ((), "handed_over"),
        (("accept",), "registered_complete"),
        (("accept", "finish"), "registered_complete"),
        (("return",), "handed_over"),
        (("accept", "return"), "handed_over"),
    ],
)
async def test_a_registration_is_complete_from_acceptance_until_return(
    engine: Engine, events: tuple[str, ...], resolution: str
) -> None:
    """The receiver decides whether a handed-over matter counts, not the sender."""
    journal = Journal()
    journal.receive("c1", "hand_over", topic="GAT.BEL", criterion="registered_complete")
    for each in events:
        await counted(engine, journal)
        journal.handover("c1", each)
    assert await counted(engine, journal) == {resolution: 1}


async def test_a_returned_matter_that_an_agent_finishes_counts_once(engine: Engine) -> None:
    """The other matter of the contact stays as it was."""
    journal = Journal()
    journal.receive("c1")
    journal.offer("c1")
    journal.accept("c1")
    journal.hand_over("c1", Outcome("BAR.FSK", "answered"), Outcome("GAT.BEL", "handed_over"), topic="GAT.BEL")
    journal.handover("c1", "return", reason="not ours")
    journal.offer("c1")
    journal.accept("c1")
    journal.finish("c1", Outcome("GAT.PRK", "guided"))
    assert await counted(engine, journal) == {"answered": 1, "guided": 1}


async def test_what_the_unit_reports_is_not_the_servicecenters(engine: Engine) -> None:
    """A unit that answers the resident resolves nothing at the servicecenter."""
    journal = Journal()
    journal.receive("c1", "hand_over", topic="GAT.BEL")
    journal.handover("c1", "accept")
    journal.handover("c1", "finish", outcomes=(Outcome("GAT.BEL", "answered"),))
    assert await counted(engine, journal) == {"handed_over": 1}


async def test_an_answer_of_the_strategy_counts_until_a_person_takes_over(engine: Engine) -> None:
    """One matter: automatic at first, the agent's after the resident came back."""
    journal = Journal()
    journal.receive("c1", "answer")
    assert await counted(engine, journal) == {"automatic": 1}
    journal.write("record_message", [("contact", "c1", "reopen")], EntryData(contact="c1"), journal.placed())
    journal.offer("c1")
    journal.accept("c1")
    journal.finish("c1", Outcome("BAR.FSK", "answered"))
    assert await counted(engine, journal) == {"answered": 1}


async def test_a_new_word_about_a_topic_replaces_the_old_one(engine: Engine) -> None:
    """Released after an answer was given, finished by another agent: one matter, as it ended."""
    journal = Journal()
    journal.receive("c1")
    journal.write("amend_outcome", (), EntryData(contact="c1", outcomes=(Outcome("BAR.FSK", "unresolved"),)))
    journal.offer("c1")
    journal.accept("c1")
    journal.finish("c1", Outcome("BAR.FSK", "answered"), Outcome("BAR.SKV", "guided"))
    assert await counted(engine, journal) == {"answered": 1, "guided": 1}


async def test_a_computed_outcome_goes_when_a_person_says_something_else(engine: Engine) -> None:
    """`automatic` does not stay beside the agent's word about another topic."""
    journal = Journal()
    journal.receive("c1", "answer")
    journal.write("record_message", [("contact", "c1", "reopen")], EntryData(contact="c1"), journal.placed())
    journal.offer("c1")
    journal.accept("c1")
    journal.finish("c1", Outcome("GAT.BEL", "decided"))
    assert await counted(engine, journal) == {"decided": 1}


async def test_a_handed_over_matter_that_is_amended_keeps_its_handover(engine: Engine) -> None:
    """A correction made in a later batch still counts by what the receiver did."""
    journal = Journal()
    journal.receive("c1", "hand_over", topic="GAT.BEL", criterion="registered_complete")
    journal.handover("c1", "accept")
    await counted(engine, journal)
    journal.write("amend_outcome", (), EntryData(contact="c1", outcomes=(Outcome("GAT.PRK", "handed_over"),)))
    assert await counted(engine, journal) == {"registered_complete": 1}


async def test_an_amended_outcome_replaces_the_old_one(engine: Engine) -> None:
    """What the agent corrects is what counts."""
    journal = Journal()
    journal.life("c1", "uncoded")
    assert await counted(engine, journal) == {"uncoded": 1}
    journal.write("amend_outcome", (), EntryData(contact="c1", agent="a1", outcomes=(Outcome("BAR.FSK", "booked"),)))
    assert await counted(engine, journal) == {"booked": 1}


async def test_an_amendment_does_not_take_back_what_a_unit_has(engine: Engine) -> None:
    """Beside a matter that was handed over another one may be told; only a returned handover makes room."""
    journal = Journal()
    journal.receive("c1", "hand_over", topic="GAT.BEL", criterion="registered_complete")
    journal.write("amend_outcome", (), EntryData(contact="c1", agent="a1", outcomes=(Outcome("GAT.BEL", "answered"),)))
    assert await counted(engine, journal) == {"handed_over": 1, "answered": 1}
    journal.write("amend_outcome", (), EntryData(contact="c1", agent="a1", outcomes=(Outcome("BAR.FSK", "guided"),)))
    assert await counted(engine, journal) == {"handed_over": 1, "guided": 1}
    journal.handover("c1", "return")
    journal.write("amend_outcome", (), EntryData(contact="c1", agent="a1", outcomes=(Outcome("BAR.FSK", "booked"),)))
    assert await counted(engine, journal) == {"booked": 1}


async def test_an_amendment_does_not_take_back_a_call_that_went_on_outside(engine: Engine) -> None:
    """The agent may say what was answered before; that it was transferred stays."""
    journal = Journal()
    journal.receive("c1")
    journal.offer("c1")
    journal.accept("c1")
    journal.finish("c1", Outcome("BAR.FSK", "transferred"))
    journal.write("amend_outcome", (), EntryData(contact="c1", agent="a1", outcomes=(Outcome("BAR.FSK", "answered"),)))
    assert await counted(engine, journal) == {"transferred": 1, "answered": 1}
