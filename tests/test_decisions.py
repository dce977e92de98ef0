"""Deciding again: the facts as they have become, the same facts the same word, nothing hidden shows by itself."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from router.decisions import Decisions, facts_in_words, guarded, has_news, language_of
from router.effects import Change, effect_of
from router.model import OpenContact
from router.opening import Opening
from router.orders import Orders
from router.records import DecisionRecord
from router.telemetry import Metrics
from rules.city import load_city
from rules.decide import decide
from rules.topics import Suggestion
from tests.manual_clock import ManualClock
from tests.rules.spoiled_city import EXAMPLE

CITY = load_city(EXAMPLE)
CLOCK = ManualClock()
DECISIONS = Decisions(CITY, Opening(CITY, Orders()), CLOCK, Metrics(CollectorRegistry()))
_record = msgspec.json.Decoder(DecisionRecord)
PROTECTED = "protected_registration"
facts = st.fixed_dictionaries(
    {
        "point": st.just("received"),
        "channel": st.just("chat"),
        "medium": st.just("messaging"),
        "topic": st.sampled_from([None, "KUF.BIB", "BYG.LOV", "SOC.ORB", "GAT.HÅL", "VAT.LÄC", "KOM.STA"]),
        "topic_confidence": st.just(100),
        "severity": st.sampled_from([None, "life", "P1", "P3"]),
        "identity": st.sampled_from(["none", "likely", "verified"]),
        "protection": st.sampled_from([None, "none", "marked", PROTECTED]),
        "language": st.sampled_from([None, "fi", "so"]),
        "sensitive_detected": st.booleans(),
    }
)


def contact_of(known: dict[str, str | int | bool | None], **more: object) -> OpenContact:
    """An open contact that was decided about with these facts."""
    decided = DECISIONS.decide({**known, **CITY.calendar_facts(CLOCK.now_ms())})
    fields: dict[str, object] = {
        "state": "queued",
        "channel": known["channel"],
        "medium": known["medium"],
        "topic": known["topic"] or "",
        "identity": known["identity"],
        "protection": known["protection"] or "none",
        "decision": decided.record.decode(),
        "restricted": int(decided.decision.restricted),
    }
    return msgspec.convert({**fields, **more}, OpenContact)


@settings(max_examples=200, deadline=None)
@given(facts, st.sampled_from(["received", "fact_changed", "waited", "topic_set"]))
def test_the_same_facts_have_no_effect(known: dict[str, str | int | bool | None], point: str) -> None:
    """Asked again about what it knew, the strategy changes nothing: neither where it waits nor who has it."""
    contact = contact_of({**known, "point": point})
    again = DECISIONS.again(contact, point)
    before = DECISIONS.known(contact).decision
    assert again.decision == before
    assert not has_news(contact, again.record)
    change = Change(_record.decode(contact.decision.encode()).decision, before, again.decision, frozenset())
    assert effect_of(change, has_agent=True, has_news=False) == "same"


@settings(max_examples=200, deadline=None)
@given(facts, st.sampled_from(["waited", "queue_closing", "returned", "resumed", "fact_changed"]))
def test_nothing_hidden_shows_because_time_has_passed(known: dict[str, str | int | bool | None], point: str) -> None:
    """Masked stays masked, restricted stays restricted, with the skills that opened it, at every point but one."""
    contact = contact_of(known)
    last = _record.decode(contact.decision.encode()).decision
    new = DECISIONS.again(contact, point, {"sensitive_detected": False}).decision
    assert new.mask or not last.mask
    assert new.restricted or not last.restricted
    if last.restricted and not decide(CITY.strategy, {**known, "point": point}).restricted:
        assert all(new.require.get(skill, 0) >= level for skill, level in last.require.items())


def test_a_new_topic_may_lift_what_the_old_one_hid() -> None:
    """It was no concern report after all: whoever says so has seen it."""
    known = {"point": "received", "channel": "phone", "medium": "voice", "topic": "SOC.ORB", "identity": "none"}
    contact = contact_of({**known, "protection": "none"}, topic="KUF.BIB")
    assert contact.restricted
    assert not DECISIONS.again(contact, "topic_set").decision.restricted
    assert DECISIONS.again(contact, "waited").decision.restricted


def test_a_protection_once_known_counts_at_every_point() -> None:
    """It stands on the contact: no later fact and no new topic takes it away."""
    known = {"point": "received", "channel": "chat", "medium": "messaging", "topic": "KUF.BIB", "identity": "none"}
    contact = contact_of({**known, "protection": "none"}, protection=PROTECTED)
    for point in ("topic_set", "waited", "fact_changed"):
        decision = DECISIONS.again(contact, point).decision
        assert (decision.queue, decision.mask, decision.restricted) == ("skyddad", True, True)


@pytest.mark.parametrize(
    ("known", "said", "attachments", "changes"),
    [
        ({}, Suggestion(None, 0), 0, {}),
        ({}, Suggestion(None, 0, severity="P1"), 0, {"severity": "P1"}),
        ({"severity": "P3"}, Suggestion(None, 0, severity="life"), 0, {"severity": "life"}),
        ({"severity": "life"}, Suggestion(None, 0, severity="P1"), 0, {}),
        ({}, Suggestion(None, 0, sensitive=True), 0, {"sensitive_detected": True}),
        ({"attachments": 1}, Suggestion(None, 0), 2, {"attachments": 3}),
    ],
)
def test_further_words_make_a_matter_graver_never_lighter(
    known: dict[str, str | int | bool | None], said: Suggestion, attachments: int, changes: dict[str, object]
) -> None:
    """Only what is more urgent, more sensitive or more to read is a change."""
    base = {"point": "received", "channel": "chat", "medium": "messaging", "topic": None, "identity": "none"}
    contact = contact_of({**base, "protection": "none", **known})
    assert facts_in_words(contact, said, attachments) == changes


@pytest.mark.parametrize(
    ("known", "changes"),
    [(None, {"language": "fi"}), ("sv", {"language": "fi"}), ("fi", {}), ("so", {})],
)
def test_who_goes_on_in_finnish_is_met_in_finnish(known: str | None, changes: dict[str, str]) -> None:
    """Words that leave no doubt change the language of a contact, unless somebody told a language that no page has."""
    base = {"point": "received", "channel": "chat", "medium": "messaging", "topic": None, "identity": "none"}
    contact = contact_of({**base, "protection": "none", "language": known})
    assert language_of(contact, "Hei, olen saanut väärän laskun. Miten voin maksaa?") == changes
    assert language_of(contact, "Hej, tack!") == {}


def test_a_decision_as_hidden_as_the_last_needs_no_guard() -> None:
    """It is kept as the strategy made it, so that the same facts tell the same again."""
    decided = DECISIONS.decide({"topic": "KUF.BIB", "medium": "voice", "channel": "phone"})
    assert guarded(decided, decided.decision) is decided
