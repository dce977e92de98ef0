"""Floor rules and handover rules on figures and times of the test's own."""

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.city import load_city
from rules.floor_rules import Holding, compile_floor_rules, next_holding, restraint_of
from rules.handover_rules import Late, escalation_of
from rules.strategy import FloorRule, FloorThen, HandoverRule, HandoverThen, Row
from tests.rules.spoiled_city import EXAMPLE

LONG: Row = {"wait_estimate_s": ">600"}
SHORT: Row = {"wait_estimate_s": "<300"}
RULE = FloorRule("K42", "Long waits", (LONG,), FloorThen(reserve=2), stop=(SHORT,), min_s=600)
KEY = Holding("K42", "gata")
T0 = 1_700_000_000_000


def held(rule: FloorRule, waits: list[tuple[int, int | None]]) -> list[bool]:
    """Whether the rule holds at each of these moments (seconds, estimated wait)."""
    compiled = compile_floor_rules([rule])
    holding: dict[Holding, int] = {}
    found: list[bool] = []
    for at_s, wait_s in waits:
        known = {} if wait_s is None else {"wait_estimate_s": wait_s}
        holding = next_holding(compiled, {"gata": known}, holding, T0 + at_s * 1000)
        found.append(KEY in holding)
    return found


def test_a_rule_starts_holds_its_time_and_stops_only_below_the_lower_edge() -> None:
    """Between the two edges it stays what it was; the least time holds it even when all is calm."""
    assert held(RULE, [(0, 601), (10, 100), (599, 100), (600, 100)]) == [True, True, True, False]
    assert held(RULE, [(0, 601), (700, 450), (800, 299)]) == [True, True, False]
    assert held(RULE, [(0, 450), (10, 600)]) == [False, False]


def test_what_is_not_known_starts_nothing_and_stops_nothing() -> None:
    """A figure that fails for a moment changes nothing."""
    assert held(RULE, [(0, None)]) == [False]
    assert held(RULE, [(0, 700), (700, None), (701, 100)]) == [True, True, False]


def test_a_rule_without_a_stop_is_over_with_its_start() -> None:
    """After the least time it ends as soon as no row of start holds."""
    rule = FloorRule("K42", "Long waits", (LONG,), FloorThen(reserve=2), min_s=60)

    assert held(rule, [(0, 700), (30, 0), (60, 0)]) == [True, True, False]


def test_a_rule_that_is_gone_or_looks_elsewhere_is_over() -> None:
    """A rule taken out of the strategy ends at the next look, and one about other queues never starts."""
    assert next_holding((), {"gata": {}}, {KEY: T0}, T0 + 1) == {}
    elsewhere = FloorRule("K42", "Long waits", (LONG,), FloorThen(reserve=2), queues=("vatten",))
    assert held(elsewhere, [(0, 9_000)]) == [False]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 400), st.none() | st.integers(0, 1_200)), max_size=30))
def test_a_rule_never_holds_for_less_than_its_least_time(steps: list[tuple[int, int | None]]) -> None:
    """However the figures swing, from start to stop there are at least `min_s` seconds."""
    at_s, moments = 0, list[tuple[int, int | None]]()
    for pause_s, wait_s in steps:
        at_s += pause_s
        moments.append((at_s, wait_s))
    began: int | None = None
    for (at, _), holds in zip(moments, held(RULE, moments), strict=True):
        if holds and began is None:
            began = at
        elif not holds and began is not None:
            assert at - began >= RULE.min_s
            began = None


def test_rules_that_hold_together_add_up() -> None:
    """The greatest reserve of a queue counts; a rule for the city reaches every queue and holds written work."""
    city = FloorRule("C", "All", (LONG,), FloorThen(hold_media=("written",), reserve=3), scope="city")
    more = FloorRule("M", "More", (LONG,), FloorThen(reserve=5))
    rules = {rule.id: rule for rule in (RULE, city, more)}

    both = restraint_of(rules, [KEY, Holding("M", "gata"), Holding("M", "vatten")])
    assert (both.holds_written, both.reserves) == (False, {"gata": 5, "vatten": 5})
    assert restraint_of(rules, [Holding("C", "gata"), Holding("gone", "gata")]) == (True, {"": 3}, frozenset())


def test_a_rule_of_a_queue_holds_the_written_work_of_that_queue_alone() -> None:
    """With the scope of the queue only what started it is held; beside a rule for the city everything is."""
    own = FloorRule("Q", "Own", (LONG,), FloorThen(hold_media=("written",)))
    city = FloorRule("C", "All", (LONG,), FloorThen(hold_media=("written",)), scope="city")
    rules = {rule.id: rule for rule in (own, city)}
    assert restraint_of(rules, [Holding("Q", "gata")]) == (False, {}, frozenset({"gata"}))
    assert restraint_of(rules, [Holding("Q", "gata"), Holding("C", "bygg")]) == (True, {}, frozenset({"gata"}))


def test_a_handover_that_is_late_twice_goes_to_the_units_manager() -> None:
    """Of the rules that hit, the first escalation and the strictest priority count, and every alarm."""
    rules = [
        HandoverRule("R1", {"overdue": ">=2"}, HandoverThen("unit_manager", "late", "P3")),
        HandoverRule("R2", {"overdue": ">=1", "unit": "gata"}, HandoverThen("supervisor", "gata_late", "P2")),
        HandoverRule("R3", {"topic": "GAT.*"}, HandoverThen(alarm="late")),
    ]

    twice = escalation_of(rules, Late(2, "GAT.HÅL", "gata"))
    assert (twice.rules, twice.escalate, twice.priority) == (("R1", "R2", "R3"), "unit_manager", "P2")
    assert twice.alarms == ("late", "gata_late")
    assert escalation_of(rules, Late(1, "", "va")).rules == ()


def test_the_example_citys_floor_rules_start_and_stop() -> None:
    """K42 holds all written work while ten minutes are waited, for at least ten minutes."""
    rules = compile_floor_rules(load_city(EXAMPLE).strategy.strategy.floor_rules)
    busy = {"gata": {"wait_estimate_s": 700, "waiting": 5, "oldest_wait_s": 400}}
    calm = {"gata": {"wait_estimate_s": 0, "waiting": 0, "oldest_wait_s": 0}}

    began = next_holding(rules, busy, {}, T0)
    assert {each.rule for each in began} == {"K42", "K42B"}
    assert {each.rule for each in next_holding(rules, calm, began, T0 + 400_000)} == {"K42"}
    assert next_holding(rules, calm, began, T0 + 600_000) == {}
