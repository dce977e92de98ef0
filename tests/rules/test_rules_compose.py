from collections.abc import Sequence
from itertools import pairwise

import msgspec
from hypothesis import given, settings

from rules.outcome import HEAD_START_S, PRIORITIES, Around, Decision, Trace, compose
from rules.strategy import Capture, HandOver, Limit, Meta, Outcome, RouteStep, Rule, WarmTransfer
from tests.rules.rules_samples import BOOK, RECEIVERS, outcomes, rules

META = Meta("test", "generalist")
HERE = Around(BOOK.get("GAT.SIG"), "park", RECEIVERS)
LAW = rules(tiers=("A", "B"))
LATER = rules(tiers=("C", "D", "E", "F", "G"))


def composed(some: Sequence[Rule]) -> Decision:
    """The decision of these rules alone."""
    return compose(some, meta=META, around=HERE, asked=(), trace=Trace("test", "hash"))


def said(*some: Outcome) -> Decision:
    """The decision of ordinary rules with these outcomes."""
    return composed([Rule(f"R{number}", "E", then) for number, then in enumerate(some)])


def way(decision: Decision) -> tuple[str, ...]:
    """Where the contact goes."""
    return decision.kind, decision.queue, decision.unit, decision.reason


@settings(max_examples=100, deadline=None)
@given(LAW, LATER)
def test_later_tiers_never_take_back_safety_or_law(law: tuple[Rule, ...], later: tuple[Rule, ...]) -> None:
    """What tiers A and B say alone still stands when any rules of later tiers hit too."""
    alone, both = composed(law), composed([*law, *later])
    goes = way(alone) != ("queue", "generalist", "", "")
    dropped_by_law = any(step.drop for rule in law for step in rule.then.route)

    assert not goes or (way(both), both.duty) == (way(alone), alone.duty)
    assert alone.require.items() <= both.require.items()
    assert set(alone.keep) <= set(both.keep)
    assert dropped_by_law or set(alone.require) <= set(both.keep)
    assert both.emergency >= alone.emergency
    assert both.restricted >= alone.restricted
    assert both.mask >= alone.mask
    assert both.head_start_s >= alone.head_start_s
    assert set(alone.offers) <= set(both.offers)
    assert set(alone.suggestions) <= set(both.suggestions)
    assert not alone.warm_transfer or (both.warm_transfer, both.warm_within_s) == (
        alone.warm_transfer,
        alone.warm_within_s,
    )
    assert alone.fallback in {"generalist", both.fallback}
    assert not alone.team or both.team in {alone.team, ""}


@settings(max_examples=100, deadline=None)
@given(LAW, LATER)
def test_what_law_suppresses_no_later_tier_offers(law: tuple[Rule, ...], later: tuple[Rule, ...]) -> None:
    """An offer that tiers A and B suppress is not made by anybody."""
    suppressed = {offer for rule in law for offer in rule.then.suppress}

    assert not suppressed & set(composed([*law, *later]).offers)


@settings(max_examples=100, deadline=None)
@given(LAW, LATER)
def test_no_notice_leaves_the_limit_of_the_law(law: tuple[Rule, ...], later: tuple[Rule, ...]) -> None:
    """Every notice goes by a channel inside the first limit, and none is lost."""
    hit = [*law, *later]
    first = next((rule.then.limit.notices for rule in hit if rule.then.limit.notices), ())
    asked = {notice.partition(":")[0] for rule in hit for notice in rule.then.notices}
    notices = [notice.partition(":") for notice in composed(hit).notices]

    assert not first or all(by in first for _, _, by in notices)
    assert {moment for moment, _, _ in notices} == asked


@settings(max_examples=100, deadline=None)
@given(LAW, LATER)
def test_no_later_tier_writes_down_or_passes_on_what_the_law_forbids(
    law: tuple[Rule, ...], later: tuple[Rule, ...]
) -> None:
    """What tiers A and B forbid to capture or to hand over stays forbidden, and what they alone allow stays allowed."""
    alone, both = composed(law), composed([*law, *later])

    assert set(alone.capture.forbid) <= set(both.capture.forbid)
    assert set(alone.capture.allow) <= set(both.capture.allow)
    assert set(alone.forbid_fields) <= set(both.forbid_fields)
    assert set(alone.require_fields) <= {*both.require_fields, *both.forbid_fields}
    assert not set(both.capture.forbid) & set(both.capture.allow)
    assert not set(both.require_fields) & set(both.forbid_fields)


@settings(max_examples=100, deadline=None)
@given(LAW, LATER)
def test_every_limit_of_the_law_only_narrows(law: tuple[Rule, ...], later: tuple[Rule, ...]) -> None:
    """Fields, teams and push stay within what tiers A and B allow, and every team of the decision within the limit."""
    alone, both = composed(law).limit, composed([*law, *later])

    assert not alone.fields or set(both.limit.fields) <= set(alone.fields)
    assert not alone.teams or set(both.limit.teams) <= set(alone.teams)
    assert both.limit.push or not alone.push
    if both.limit.teams:
        assert {both.team, *(team for step in both.route for team in step.teams)} <= {"", *both.limit.teams}


@settings(max_examples=100, deadline=None)
@given(LATER)
def test_the_strictest_priority_wins_and_is_a_head_start(later: tuple[Rule, ...]) -> None:
    """P1 before P4 in whatever order the rules stand, and no later than any head start that was asked for."""
    decision = composed(later)
    said = sorted(rule.then.priority for rule in later if rule.then.priority)

    assert decision.priority == (said[0] if said else "")
    assert decision.head_start_s >= HEAD_START_S.get(decision.priority, 0)
    assert list(PRIORITIES) == sorted(PRIORITIES)


@settings(max_examples=100, deadline=None)
@given(LATER)
def test_pools_only_grow(later: tuple[Rule, ...]) -> None:
    """Merged route steps are in order of time, at the times asked for, each at least as wide as the one before."""
    route = composed(later).route

    assert [step.at_s for step in route] == sorted(step.at_s for step in route)
    assert {step.at_s for step in route} <= {step.at_s for rule in later for step in rule.then.route}
    assert all(a.level >= b.level and a.drop <= b.drop and {*a.teams} <= {*b.teams} for a, b in pairwise(route))


@settings(max_examples=100, deadline=None)
@given(LAW, LATER)
def test_no_later_tier_lets_an_emergency_go_or_opens_what_is_restricted(
    law: tuple[Rule, ...], later: tuple[Rule, ...]
) -> None:
    """Exits of an emergency, and teams for restricted contacts, are those of safety and law alone."""
    alone, both = composed(law), composed([*law, *later])
    named_by_law = {team for rule in law for step in rule.then.route for team in step.teams}

    if both.emergency:
        exits = {(step.at_s, step.exit, step.unit) for step in both.route if step.exit}
        assert exits == {(step.at_s, step.exit, step.unit) for step in alone.route if step.exit}
        assert both.prefer_last_s == 0
    if both.restricted:
        assert {team for step in both.route for team in step.teams} <= named_by_law


@settings(max_examples=100, deadline=None)
@given(LAW, LATER)
def test_what_law_suppresses_is_no_exit_either(law: tuple[Rule, ...], later: tuple[Rule, ...]) -> None:
    """Where safety or law suppresses callbacks, nobody's waiting ends in one."""
    both = composed([*law, *later])

    if any("callback" in rule.then.suppress for rule in law):
        assert not both.can_call_back
        assert not any(step.exit == "callback" for step in both.route)


def test_an_exit_to_the_topics_own_unit_is_that_unit() -> None:
    """`responsible` and `duty` become units; without a topic there is no such exit and the contact waits on."""
    steps = (RouteStep(60, exit="unit", unit="responsible"), RouteStep(90, exit="unit", unit="duty"))
    rule = Rule("R", "E", Outcome(route=steps))

    assert [step.unit for step in composed([rule]).route] == ["gata", "gatujour"]
    assert compose([rule], meta=META, around=Around(), asked=(), trace=Trace("test", "hash")).route == ()


@settings(max_examples=100, deadline=None)
@given(outcomes())
def test_the_same_outcome_twice_is_that_outcome(then: Outcome) -> None:
    """Composing is idempotent."""
    assert said(then, then) == said(then)


@settings(max_examples=100, deadline=None)
@given(LATER)
def test_what_composes_without_order_does_not_depend_on_it(later: tuple[Rule, ...]) -> None:
    """Only where a contact goes, and the first of several ways, depend on which rule comes first."""
    one, other = composed(later), composed(later[::-1])

    for name in (
        *("require", "route", "emergency", "head_start_s", "target_s"),
        *("prefer_last_s", "can_call_back", "restricted", "mask", "priority", "demand"),
    ):
        if name == "route" and one.limit.teams:
            continue  # limits that share nothing: the first one holds
        assert getattr(one, name) == getattr(other, name), name
    for name in ("offers", "suggestions", "keep", "checklist", "refer", "require_fields", "forbid_fields"):
        assert set(getattr(one, name)) == set(getattr(other, name))


def test_each_field_composes_by_its_own_row() -> None:
    """Skills union at the highest level, head start greatest, target strictest, the first queue wins."""
    decision = said(
        Outcome(queue="first", require={"a": 2, "b": 1}, head_start_s=60, target_s=600, offers=("callback",)),
        Outcome(queue="second", require={"a": 3}, head_start_s=30, target_s=60, offers=("self_service",)),
        Outcome(suppress=("self_service",), suggestions=("x",), emergency=True),
    )

    assert decision.queue == "first"
    assert decision.require == {"a": 3, "b": 1}
    assert (decision.head_start_s, decision.target_s, decision.emergency) == (60, 60, True)
    assert decision.offers == ("callback",)


def test_the_first_team_and_the_first_warm_transfer_win() -> None:
    """A team outside the limit, or for what is restricted, is not named; a fallback may stand in the warm transfer."""
    first = Outcome(team="north", warm_transfer=WarmTransfer("gata", 30, "112"))
    second = Outcome(team="south", warm_transfer="duty", fallback="responsible")

    decision = said(first, second)
    assert (decision.team, decision.warm_transfer, decision.warm_within_s) == ("north", "gata", 30)
    assert decision.fallback == "112"
    assert said(first, second, Outcome(limit=Limit(teams=("south",)))).team == "south"
    assert said(first, Outcome(restricted=True)).team == ""


def test_handover_fields_and_what_is_captured_union() -> None:
    """Required and forbidden fields and forbidden captures add up; what is forbidden is not required too."""
    decision = said(
        Outcome(hand_over=HandOver(require_fields=("org_nr", "address")), capture=Capture(("text",), ("person",))),
        Outcome(hand_over=HandOver("gata", forbid_fields=("address",)), capture=Capture(("person",))),
    )

    assert (decision.require_fields, decision.forbid_fields) == (("org_nr",), ("address",))
    assert decision.capture == Capture(("text", "person"), ())
    assert decision.unit == "gata"


def test_one_rule_that_sees_a_failure_is_enough() -> None:
    """Failure weighs more than value, value more than unknown."""
    value, failure, unknown = Outcome(demand="value"), Outcome(demand="failure"), Outcome(demand="unknown")

    assert said(unknown, value, failure).demand == "failure"
    assert said(unknown, value).demand == "value"
    assert said(unknown).demand == "unknown"


def test_limits_intersect_until_nothing_would_be_left() -> None:
    """A second limit narrows the first; one that shares nothing with it gives way."""
    notices = ("done:email",)
    narrow, wide, foreign = Limit(("letter", "sms")), Limit(("sms", "email")), Limit(("phone",))

    assert said(Outcome(notices=notices, limit=narrow), Outcome(limit=wide)).notices == ("done:sms",)
    assert said(Outcome(notices=notices, limit=narrow), Outcome(limit=foreign)).notices == ("done:letter",)


def test_a_law_skill_survives_widening_unless_the_law_itself_lets_go() -> None:
    """A required skill of tiers A and B is kept against later drops, not against its own route."""
    drop = (RouteStep(120, drop=True),)
    law = Rule("law", "B", Outcome(require={"skyddad_id": 1}))
    load = Rule("load", "F", Outcome(route=drop))

    assert composed([law, load]).keep == ("skyddad_id",)
    assert composed([msgspec.structs.replace(law, then=Outcome(require={"soc": 1}, route=drop)), load]).keep == ()


def test_nothing_said_is_the_default_queue() -> None:
    """Without rules a person is found in the strategy's default queue."""
    decision = composed([])

    assert (decision.kind, decision.queue, decision.fallback) == ("queue", "generalist", "generalist")
