"""The planner: figures worked by hand, and plans of any figures held against an independent recount."""

from itertools import pairwise
from random import Random

import msgspec
import pytest

from router.errors import InputError
from router.measures.staffing import Goal, Offered, staff
from rules.city import City, load_city
from rules.compile import CompiledStrategy, compile_strategy
from rules.decide import decide
from rules.outcome import Receivers
from rules.plan_figures import DEPTHS, NEEDED_DEPTH, PlanFigures, figures_from
from rules.plan_flows import Flow, Flows, planned_contacts, planned_flows
from rules.planner import Measure, Plan, plan
from rules.strategy import PROTECTED_TIERS, Outcome, Rule
from rules.tables import Table
from tests.rules.spoiled_city import EXAMPLE

CITY = load_city(EXAMPLE)
PHONE = {"code": "phone", "medium": "voice", "share": 1, "handling_s": 300}
EMAIL = {"code": "email", "medium": "written", "share": 1, "handling_s": 360}
WORK = {"elsewhere": ["socialtjanst"], "deepening_s": 100}


def figures(*topics: Table, **work: object) -> PlanFigures:
    """What a city plans with: calls and mails, half of each, and these topics."""
    return figures_from({"planning": {**WORK, **work}, "channel": [PHONE, EMAIL], "topic": list(topics)}, CITY)


def topic(code: str, contacts: float, first: float, possible: float | None = None, **more: object) -> Table:
    """One topic's year."""
    could = {} if possible is None else {"possible": possible}
    return {"code": code, "contacts": contacts, "first_contact": first, **could, **more}


def planned(known: PlanFigures, goal: float = 0.8, measure: Measure = "resolved") -> Plan:
    """The plan of these figures."""
    return plan(CITY, known, planned_flows(CITY, known), goal=goal, measure=measure)


def test_a_plan_worked_by_hand() -> None:
    """1,000 contacts about libraries, 60 in 100 resolved, and 200 mails about grants that K39 hands over.

    Today 600 of 1,200. Taking the grants over resolves 140 of 200 and takes 200 x 360 s = 20 h; libraries at 80 in 100
    add 200 for 200 x 100 s = 5.6 h. A point an hour: libraries first. Both: 940 of 1,200.
    """
    known = figures(
        topic("KUF.BIB", 1000, 60, 80, mandate="inform"),
        topic("KUF.BID", 200, 50, 70, mandate="inform", channels={"email": 1}),
    )
    found = planned(known)

    assert found.today.resolved == pytest.approx(600 / 1200)
    assert [(step.topic, step.kind, step.taken) for step in found.steps] == [
        ("KUF.BIB", "deepen", True),
        ("KUF.BID", "take_over", True),
    ]
    library, grants = found.steps
    assert (library.points, grants.points) == (pytest.approx(100 * 200 / 1200), pytest.approx(100 * 140 / 1200))
    assert (library.hours, grants.hours) == (pytest.approx(200 * 100 / 3600), pytest.approx(200 * 360 / 3600))
    assert (library.deepened, grants.contacts) == (pytest.approx(200), pytest.approx(200))
    assert found.after.resolved == pytest.approx(940 / 1200)
    assert not found.reached
    assert [(each.topic, each.reason, round(each.contacts)) for each in found.left] == [
        ("KUF.BIB", "here", 200),
        ("KUF.BID", "here", 60),
    ]


def test_no_more_is_taken_than_the_goal_needs() -> None:
    """With half of the way asked for, the cheaper step is taken and the other is left to choose."""
    known = figures(
        topic("KUF.BIB", 1000, 60, 80, mandate="inform"),
        topic("KUF.BID", 200, 50, 70, mandate="inform", channels={"email": 1}),
    )
    found = planned(known, goal=0.6)
    assert [step.taken for step in found.steps] == [True, False]
    assert found.reached
    assert found.after.resolved == pytest.approx(800 / 1200)
    assert {(each.topic, each.reason) for each in found.left} == {("KUF.BIB", "here"), ("KUF.BID", "not_taken")}
    assert planned(known, goal=0.5).after == planned(known, goal=0.5).today


def test_registered_counts_by_its_criterion_and_not_strictly() -> None:
    """Fault reports: 90 in 100 are registered completely, none is strictly resolved or ever will be."""
    known = figures(topic("GAT.HÅL", 100, 90, 95, mandate="register", channels={"phone": 1}))
    found = planned(known, goal=1)
    assert (found.today.resolved, found.today.strict) == (pytest.approx(0.9), 0)
    assert [(step.points, step.points_strict) for step in found.steps] == [(pytest.approx(5), 0)]
    assert planned(known, measure="strict").steps == ()


def test_agents_come_whole() -> None:
    """A step shows the agents of Erlang's smallest crew before and after it: 74 calls in the busiest hour need 9."""
    calls = 74 / 0.13 / 1.25 * 250
    known = figures(topic("KUF.BIB", calls, 60, 80, mandate="inform", channels={"phone": 1}))
    found = planned(known)
    by_hand = staff(Offered(74 / 3600, 300, 300), Goal(0.8, 60, 0.85))
    assert found.crew_today.agents == by_hand.agents
    assert found.crew_today.scheduled == -(-by_hand.agents * 10 // 7)
    step = found.steps[0]
    after = staff(Offered(74 / 3600, 300 + 0.2 * 100, 300), Goal(0.8, 60, 0.85))
    assert (step.agents, step.agents_added) == (after.agents, after.agents - by_hand.agents)


def test_written_work_is_spread_over_the_busiest_day() -> None:
    """250,000 mails of 360 s a year are 1,000 a mean day and 1,250 on the busiest: 16.3 people's full day at 85 %."""
    found = planned(figures(topic("KUF.BIB", 250_000, 60, channels={"email": 1})))
    assert (found.crew_today.live, found.crew_today.written) == (0, 17)


@pytest.mark.parametrize(
    ("code", "more", "reason"),
    [
        ("SOC.ORB", {"channels": {"email": 1}}, "safety_or_law"),
        ("SOC.ORB", {"channels": {"phone": 1}}, "safety_or_law"),
        ("OMS.LAR", {}, "safety_or_law"),
        ("OMS.GOD", {"channels": {"email": 1}}, "no_mandate"),
        ("NÄR.TIL", {"channels": {"email": 1}, "mandate": "guide", "possible": 60}, "shallow"),
        ("GAT.HÅL", {"channels": {"email": 1}}, "here"),
    ],
)
def test_what_must_stay_stays_and_is_told(code: str, more: Table, reason: str) -> None:
    """What safety or law hands over, what has no mandate, and what needs a decision is left with its reason."""
    known = figures(topic("KUF.BIB", 1000, 60), {**topic(code, 100, 0), **more})
    found = planned(known)
    assert not found.steps
    assert reason in {each.reason for each in found.left if each.topic == code}


def test_a_mandate_does_not_open_what_safety_hands_over() -> None:
    """Whatever a file says of a concern about a child, no step is proposed and its contacts stay."""
    known = figures(topic("SOC.ORB", 100, 0, 100, mandate="decide"), topic("OMS.LAR", 100, 0, 100, mandate="decide"))
    assert planned(known).steps == ()


def test_a_complete_registration_needs_no_agent_in_between() -> None:
    """A report on the web that goes straight to the unit counts there; a call that is connected on does not."""
    web = {"code": "web", "medium": "written", "share": 1, "handling_s": 180}
    known = figures_from(
        {
            "planning": WORK,
            "channel": [PHONE, web],
            "topic": [
                topic("GAT.HÅL", 100, 90, 95, mandate="register", channels={"web": 1}),
                topic("BOS.HYR", 100, 60, 75, mandate="register", channels={"phone": 1}),
            ],
        },
        CITY,
    )
    found = planned(known, goal=1)
    assert found.today.resolved == pytest.approx(90 / 200)
    assert [(step.topic, step.kind) for step in found.steps] == [("BOS.HYR", "take_over")]
    assert {each.reason for each in found.left if each.topic == "GAT.HÅL"} == {"registered"}


def test_direct_contacts_are_in_the_denominator() -> None:
    """What goes straight to a unit is neither met nor resolved here; without a count the reach is not known."""
    found = planned(figures(topic("KUF.BIB", 300, 100, direct=100)))
    assert (found.today.resolved, found.is_reach_known, found.direct) == (pytest.approx(0.75), True, 100)
    assert [(each.reason, each.points) for each in found.left] == [("direct", pytest.approx(25))]
    assert not planned(figures(topic("KUF.BIB", 300, 100))).is_reach_known


def test_known_outcomes_come_before_planned_shares() -> None:
    """From 20 matters on the measured rate holds: 15 of 30 resolved is a half, whatever the file plans with."""
    decision = decide(CITY.strategy, {"topic": "KUF.BIB", "medium": "voice", "channel": "phone"})
    known = figures(topic("KUF.BIB", 1, 90, 95, mandate="inform"))

    def outcomes(*counts: tuple[str, int]) -> Flows:
        flows = (
            Flow("KUF.BIB", "phone", f"2026-02-0{1 + n}", decision, count, how) for n, (how, count) in enumerate(counts)
        )
        return Flows(tuple(flows), {}, {})

    many = plan(CITY, known, outcomes(("answered", 15), ("handed_over", 15)), goal=1)
    assert (many.today.resolved, many.topics[0].rate) == (0.5, "measured")
    assert many.after.resolved == pytest.approx(0.95)
    few = plan(CITY, known, outcomes(("answered", 5), ("handed_over", 5), ("", 10)), goal=1)
    assert (few.today.resolved, few.topics[0].rate) == (pytest.approx((5 + 9) / 20), "planned")


def test_a_topic_that_nobody_has_told_of_is_like_the_others() -> None:
    """Contacts without a topic get the mean of those that have one, and the plan says that it is borrowed."""
    decision = decide(CITY.strategy, {"medium": "voice", "channel": "phone"})
    known = figures(topic("KUF.BIB", 100, 60))
    flows = Flows((*planned_flows(CITY, known).flows, Flow("", "phone", "", decision, 50)), {}, {})
    found = plan(CITY, known, flows)
    assert found.today.resolved == pytest.approx(0.6)
    assert {each.topic: each.rate for each in found.topics} == {"KUF.BIB": "planned", "": "borrowed"}


@pytest.mark.parametrize("goal", [0, -0.5, 1.1])
def test_a_goal_is_a_share(goal: float) -> None:
    """Nothing, less, or more than everything is no goal."""
    with pytest.raises(InputError):
        planned(figures(topic("KUF.BIB", 1, 50)), goal=goal)


def test_nothing_to_plan_for_is_told() -> None:
    """A file without contacts is a mistake, not a plan."""
    with pytest.raises(InputError):
        planned(figures())


# Any figures ------------------------------------------------------------------------------------------------------


def random_figures(seed: int) -> PlanFigures:
    """A year of some topics, with any mandates and shares."""
    dice = Random(seed)  # noqa: S311 # examples, no secrets
    rows: list[Table] = []
    for code in sorted({"KUF.BID", "BYG.PLN", "BOS.HYR", *dice.sample(CITY.topics.codes(), 14)}):
        first = dice.randint(0, 100)
        mandate = dice.choice(DEPTHS)
        possible = dice.randint(first, 100) if mandate != "none" and dice.random() < 0.8 else None
        rows.append(topic(code, dice.randint(1, 5000), first, possible, mandate=mandate))
    return figures(*rows)


def with_steps(made: Plan) -> CompiledStrategy:
    """The strategy with every rule that the plan asks for, put where it says."""
    rules = list(CITY.strategy.strategy.rules)
    for step in made.steps:
        if step.taken and step.rule:
            place = next(number for number, rule in enumerate(rules) if rule.id == step.rule.before)
            then = Outcome(queue=step.rule.queue, require=step.rule.require)
            rules.insert(place, Rule(step.rule.id, step.rule.tier, then, when=step.rule.when))
    strategy = msgspec.structs.replace(CITY.strategy.strategy, rules=tuple(rules))
    return compile_strategy(strategy, CITY.topics, Receivers(CITY.names.units, {**CITY.names.chains}))


def recount(known: PlanFigures, strategy: CompiledStrategy, taken: set[str], city: City = CITY) -> float:
    """The share resolved by each topic's criterion, contact by contact, from what a strategy decides."""
    resolved = total = 0.0
    for code, row in known.topics.items():
        found = city.topics.get(code)
        assert found is not None
        if not found.eligible or code == "KOM.SÖK":
            continue
        rate = (row.possible if code in taken and row.possible is not None else row.first_contact) or 0
        for contact in planned_contacts(city, known, found):
            decision = decide(strategy, contact.facts)
            total += contact.contacts
            if decision.kind == "queue" and decision.queue != "socialtjanst":
                resolved += contact.contacts * rate / 100
            elif (
                decision.kind == "hand_over"
                and found.criterion == "registered_complete"
                and contact.channel.code == "email"
            ):
                resolved += contact.contacts * (row.first_contact or 0) / 100
    return resolved / total


@pytest.mark.parametrize("seed", range(12))
def test_the_plan_is_what_its_rules_would_give(seed: int) -> None:
    """Today, and after the steps with their rules in the strategy, an independent count gives the plan's own shares."""
    known = random_figures(seed)
    found = planned(known, goal=0.9)
    taken = {step.topic for step in found.steps if step.taken}

    assert found.today.resolved == pytest.approx(recount(known, CITY.strategy, set()))
    assert found.after.resolved == pytest.approx(recount(known, with_steps(found), taken))
    assert all(step.rule is None or step.rule.holds for step in found.steps)
    assert all((step.rule is not None) == (step.kind == "take_over") for step in found.steps)
    gained = sum(step.points for step in found.steps if step.taken)
    assert found.after.resolved - found.today.resolved == pytest.approx(gained / 100)
    assert sum(each.points for each in found.left) == pytest.approx(100 * (1 - found.after.resolved))


@pytest.mark.parametrize("seed", range(12))
def test_a_higher_goal_never_takes_less(seed: int) -> None:
    """The steps of a goal are the first steps of every higher one; what is reached stays reached below."""
    known = random_figures(100 + seed)
    flows = planned_flows(CITY, known)
    plans = [plan(CITY, known, flows, goal=goal / 10) for goal in range(1, 11, 3)]
    for lower, higher in pairwise(plans):
        few, many = ([step.topic for step in each.steps if step.taken] for each in (lower, higher))
        assert many[: len(few)] == few
        assert lower.reached or not higher.reached
        assert [step.topic for step in lower.steps] == [step.topic for step in higher.steps]
        assert lower.after.resolved <= higher.after.resolved + 1e-12
        assert not lower.reached or lower.after.resolved >= lower.goal - 1e-9
    worths = [step.points_per_100_hours for step in plans[0].steps if step.points_per_100_hours is not None]
    assert worths == pytest.approx(sorted(worths, reverse=True))


@pytest.mark.parametrize("seed", range(12))
def test_no_topic_without_a_mandate_is_ever_proposed(seed: int) -> None:
    """A step has a mandate deep enough for its criterion, no concern, and nothing that safety or law hands over."""
    known = random_figures(200 + seed)
    tiers = {rule.id: rule.tier for rule in CITY.strategy.rules}
    for step in planned(known, goal=1).steps:
        found = CITY.topics.get(step.topic)
        assert found is not None
        assert DEPTHS.index(known.topics[step.topic].mandate) >= DEPTHS.index(NEEDED_DEPTH[found.criterion])
        assert "concern" not in found.flags
        assert all(tiers[way.rule] not in PROTECTED_TIERS for way in step.from_)
        assert step.points > 0
