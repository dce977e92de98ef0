"""Explanations as data: who set what, which facts mattered, and what one other fact would have changed."""

import msgspec
import pytest

from rules.cases import case_facts
from rules.compile import compile_strategy
from rules.contributions import Said
from rules.decide import Facts, decide
from rules.explain import Explanation, OfferSeen, explain, explain_without
from rules.strategy import Capture, HandOver, Outcome, Rule, Strategy
from rules.supposing import ANOTHER, asked_facts
from rules.words import LANGS
from rules.words.telling import as_text, tell
from tests.rules.random_facts import any_facts, seeded
from tests.rules.word_families import city

COMPILED = city().strategy
PROTECTED = "Skyddad identitet ringer om bygglov"
LEAK = "Fredag 18.40, vattenläcka, telefon"


def of_case(title: str, **more: str | int | bool) -> Explanation:
    """The explanation of a case, with some facts besides or instead."""
    case = next(case for case in COMPILED.strategy.cases if case.title == title)
    return explain(COMPILED, {**case_facts(city(), case), **more})


def said(explanation: Explanation, rule: str, field: str) -> list[Said]:
    """What a rule said of one thing."""
    return [part for told in explanation.rules if told.id == rule for part in told.said if part.field == field]


def test_who_decided_where() -> None:
    """The first rule that says where is named; a later one that would have gone elsewhere is told it came too late."""
    found = of_case(PROTECTED)
    assert found.decided_by == "K10"
    (late,) = said(found, "K29", "queue")
    assert (late.value, late.fate, late.by) == ("bygg", "too_late", ("K10",))


def test_who_took_an_offer_away() -> None:
    """An offer that does not stand is laid to the rules that suppress it."""
    (taken,) = said(of_case(PROTECTED), "K29", "offers")
    assert (taken.value, taken.fate, taken.by) == (("self_service",), "taken_away", ("K09", "K10"))


def test_who_moved_a_notice() -> None:
    """A notice by a way outside a limit is told to have been moved, and by which rule."""
    (moved,) = said(of_case("Hemtjänst i mejl: bekräftelsen går inte med e-post"), "K23", "notices")
    assert (moved.value, moved.fate, moved.by) == (("received:same", "holding:same"), "moved", ("K12",))


def test_a_longer_head_start_covers_a_shorter() -> None:
    """The longest of several head starts holds, one that comes with a priority too; the others are told as covered."""
    title = "Barnomsorgsavgift utan e-legitimation: allmänt svar eller legitimering"
    once = of_case(title, repeats_topic_7d=1, identity="verified", declared_need="vulnerable")
    assert [part.fate for rule in ("K44", "K46") for part in said(once, rule, "head_start_s")] == ["covered", "holds"]
    thrice = of_case(title, repeats_topic_7d=2, repeats_topic_30d=3, identity="verified")
    assert [part.fate for part in said(thrice, "K44", "head_start_s")] == ["covered"]
    assert [part.fate for rule in ("K44", "K45") for part in said(thrice, rule, "priority")] == ["covered", "holds"]


def test_a_handover_without_an_address_says_only_what_it_carries() -> None:
    """A rule that names fields of a handover is never told to have decided where, or to have come too late."""
    found = of_case("Skyddad identitet ringer om bygglov")
    assert said(found, "K29", "hand_over") == []
    assert said(found, "K29", "require_fields") == [Said("require_fields", ("fastighet", "atgard"))]


def test_what_another_rule_has_decided_otherwise_is_told() -> None:
    """A field that a rule keeps out of handovers, and a record that safety allows, are laid to the one that stands."""
    start = COMPILED.strategy.meta
    asks = Rule("R1", "E", Outcome(hand_over=HandOver(require_fields=("what", "purpose"))))
    keeps_out = Rule("R2", "F", Outcome(hand_over=HandOver(forbid_fields=("purpose",)), capture=Capture(("text",))))
    allows = Rule("R0", "A", Outcome(capture=Capture(allow=("text",))))
    found = explain(compile_strategy(Strategy(start, (allows, asks, keeps_out)), city().topics), {})
    assert said(found, "R1", "require_fields") == [
        Said("require_fields", ("what",)),
        Said("require_fields", ("purpose",), "taken_away", ("R2",)),
    ]
    assert said(found, "R0", "capture") == [Said("capture", Capture(allow=("text",)))]
    assert said(found, "R2", "capture") == [Said("capture", ("text",), "covered")]
    for lang in LANGS:
        text = as_text(tell(found, city(), lang))
        assert ("syftet" if lang == "sv" else "the purpose") in text
        assert ("annan regel bestämmer" if lang == "sv" else "another rule decides") in text


def test_a_rule_that_hit_because_something_was_unknown_says_so() -> None:
    """The leak was treated as dangerous since nobody had said how bad it was."""
    assert [rule.because_unknown for rule in of_case(LEAK).rules] == [("severity",)]
    assert [rule.because_unknown for rule in of_case(LEAK, severity="P1").rules] == [()]


def test_unknown_facts_that_mattered_come_with_what_would_have_followed() -> None:
    """Had the leak been known to be urgent only, the contact would have waited for a guide."""
    (urgent,) = [other for other in of_case(LEAK).alternatives if other.fact == "severity" and "P3" in other.values]
    assert (urgent.was_unknown, urgent.decision.queue, urgent.by) == (True, "vatten", ("E-VAT",))


def test_rules_one_cell_from_hitting_are_named_with_the_cell() -> None:
    """By day the leak would have gone to the unit itself: the one cell is the calendar."""
    found = of_case(LEAK)
    assert ("K06", ("calendar.infrastruktur",)) in [(rule.id, rule.blocking) for rule in found.near]
    (by_day,) = [other for other in found.alternatives if other.fact == "calendar.infrastruktur"]
    assert (by_day.values, by_day.decision.unit, by_day.by) == (("open",), "va", ("K06",))


def test_the_facts_that_the_rules_read_are_told() -> None:
    """Of all that was known, the explanation says what the rules that hit have looked at."""
    found = of_case(LEAK)
    assert found.used == {"topic": "VAT.LÄC", "medium": "voice", "calendar.infrastruktur": "closed"}
    assert set(found.used) <= set(found.facts)


def test_what_cannot_be_read_was_not_known() -> None:
    """A fact of the wrong kind, or none of a closed list, is unknown to the explanation as to the decision."""
    odd: Facts = {"medium": "telepathy", "loa": "three", "anonymous": 1, "topic": "XXX.YYY", "language": ""}
    assert explain(COMPILED, odd).facts == {}


@pytest.mark.parametrize("seed", range(40))
def test_every_alternative_is_what_the_strategy_says(seed: int) -> None:
    """Each is the decision with that one fact changed, differs from the one made, and leaves no change out."""
    facts = any_facts(seeded(seed))
    found = explain(COMPILED, facts)
    for other in found.alternatives:
        for value in other.values:
            changed = decide(COMPILED, {**facts, other.fact: value})
            assert msgspec.structs.replace(changed, trace=other.decision.trace) == other.decision
        assert other.changes
    told = {(other.fact, value) for other in found.alternatives for value in other.values}
    for code in COMPILED.topics.codes():
        changed = decide(COMPILED, {**facts, "topic": code})
        is_elsewhere = (changed.queue, changed.unit) != (found.decision.queue, found.decision.unit)
        assert not is_elsewhere or ("topic", code) in told


def test_numbers_are_told_in_stretches() -> None:
    """A stretch of numbers with one consequence is one alternative, whose ends the rules themselves name."""
    found = of_case(LEAK, severity="P3", topic_confidence=100)
    (unsure,) = [other for other in found.alternatives if other.fact == "topic_confidence"]
    assert unsure.spans == ((0, 49),)


def test_every_fact_that_a_rule_asks_about_is_supposed() -> None:
    """With nothing known, each fact that can change anything alone is among the alternatives, as unknown."""
    found = explain(COMPILED, {})
    assert {other.fact for other in found.alternatives} <= set(asked_facts(COMPILED))
    assert all(other.was_unknown for other in found.alternatives)
    assert {"topic", "protection", "crisis"} <= {other.fact for other in found.alternatives}
    assert any(ANOTHER in other.values for other in of_case(LEAK, language="fi", severity="P3").alternatives)


def test_without_its_version_only_the_record_is_told() -> None:
    """No rule is read with another version than the one that decided."""
    made = of_case(LEAK)
    offer = OfferSeen(agent="anna", state="accepted")
    found = explain_without(made.decision, {**made.facts, "loa": "x"}, offers=[offer], at_ms=1)
    assert (found.is_version_known, found.rules, found.alternatives, found.by_rules) == (False, (), (), None)
    assert (found.decision, found.offers, "loa" in found.facts) == (made.decision, (offer,), False)
