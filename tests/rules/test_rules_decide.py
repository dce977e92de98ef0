from hypothesis import given, settings
from hypothesis import strategies as st

from rules.compile import compile_strategy, strategy_hash
from rules.decide import FactValue, decide, interpret
from rules.explain import readings, traced
from rules.strategy import CellValue, HandOver, Outcome, Row, Rule, Strategy, Tier, UnknownEffect
from tests.rules.rules_samples import BOOK, RECEIVERS, facts, strategies, strategy_of


def rule(name: str, *when: Row, then: Outcome | None = None, unknown: UnknownEffect | None = None) -> Rule:
    """A rule of an ordinary tier that leads to a queue of its own name."""
    return Rule(name, "E", then or Outcome(queue=name), when=when, unknown=unknown)


def hits(strategy: Strategy, given_facts: dict[str, FactValue]) -> tuple[str, ...]:
    """Ids of the rules that hit."""
    return decide(compile_strategy(strategy, BOOK), given_facts).trace.hits


@settings(max_examples=250, deadline=None)
@given(strategies, st.lists(facts, min_size=1, max_size=4))
def test_the_fast_way_equals_the_plain_definition(strategy: Strategy, several: list[dict[str, FactValue]]) -> None:
    """For random strategies and facts, odd ones too, compiled masks decide what reading every cell decides."""
    compiled = compile_strategy(strategy, BOOK, RECEIVERS)

    for one in several:
        assert decide(compiled, one) == interpret(strategy, BOOK, one, RECEIVERS)


@settings(max_examples=100, deadline=None)
@given(strategies, facts)
def test_the_same_facts_and_strategy_give_the_same_decision(strategy: Strategy, one: dict[str, FactValue]) -> None:
    """Neither the order of the facts, nor what was decided before, nor compiling anew changes a decision."""
    compiled = compile_strategy(strategy, BOOK, RECEIVERS)
    first = decide(compiled, one)
    for other in ({}, {"topic": "KUF.BIB"}, {"medium": "voice"}, {"owner": "park"}):
        _ = decide(compiled, other)

    assert decide(compiled, dict(reversed(one.items()))) == first
    assert decide(compile_strategy(strategy, BOOK, RECEIVERS), one) == first


@settings(max_examples=100, deadline=None)
@given(strategies, facts)
def test_a_human_way_exists_in_every_decision(strategy: Strategy, one: dict[str, FactValue]) -> None:
    """Whatever the rules say, there is a queue or a unit, and always somewhere to fall back to."""
    decision = decide(compile_strategy(strategy, BOOK), one)

    assert decision.fallback
    assert {"queue": decision.queue, "hand_over": decision.unit, "answer": decision.fallback}[decision.kind]


@settings(max_examples=100, deadline=None)
@given(strategies, facts)
def test_a_decision_names_its_strategy_and_what_stopped_it(strategy: Strategy, one: dict[str, FactValue]) -> None:
    """The trace holds version, hash, the rules hit in tier order, and nothing hit after a stop."""
    trace = decide(compile_strategy(strategy, BOOK), one).trace
    by_id = {each.id: each for each in strategy.rules}

    assert (trace.strategy_version, trace.strategy_hash) == ("test", strategy_hash(strategy, BOOK))
    assert [by_id[hit].tier for hit in trace.hits] == sorted(by_id[hit].tier for hit in trace.hits)
    assert not any(by_id[hit].then.stop for hit in trace.hits[:-1])
    assert trace.stopped_by == next((hit for hit in trace.hits if by_id[hit].then.stop), "")


def test_unhashable_facts_count_as_unknown() -> None:
    """A fact of a kind that nobody foresaw is unknown; deciding never raises."""
    odd: dict[str, FactValue] = {"medium": ["voice"], "topic": {}, "loa": []}  # pyright: ignore[reportAssignmentType] (odd on purpose)
    compiled = compile_strategy(strategy_of(rule("q", {"medium": "voice"}), rule("r", {"loa": ">=1"})), BOOK)

    assert decide(compiled, odd) == decide(compiled, {})


def test_a_truth_value_is_no_number_and_a_number_no_truth_value() -> None:
    """`loa = true` and `business = 1` are unknown, not level 1 and yes."""
    strategy = strategy_of(rule("loa", {"loa": 1}), rule("business", {"business": True}))

    assert hits(strategy, {"loa": 1, "business": True}) == ("loa", "business")
    assert hits(strategy, {"loa": True, "business": 1}) == ()


def test_cells_read_known_facts() -> None:
    """Every form of a cell says yes and no where it should."""
    examples: list[tuple[str, CellValue, FactValue, FactValue]] = [
        ("medium", "voice", "voice", "written"),
        ("medium", ("voice", "written"), "written", "messaging"),
        ("medium", "!voice", "written", "voice"),
        ("topic", "GAT.*", "GAT.SIG", "KUF.BIB"),
        ("topic", ("GAT.*", "!GAT.SIG"), "GAT.HÅL", "GAT.SIG"),
        ("topic_flag", "secret", "SOC.ORB", "GAT.SIG"),
        ("topic_flag", "!p1_possible", "GAT.HÅL", "GAT.SIG"),
        ("loa", ">=2", 2, 1),
        ("loa", ("<1", ">3"), 4, 2),
        ("loa", "1..2", 2, 3),
        ("business", True, True, False),
        ("language", "!sv", "so", "sv"),
    ]
    for fact, cell, yes, no in examples:
        name = "topic" if fact == "topic_flag" else fact
        strategy = strategy_of(rule("q", {fact: cell}))

        assert hits(strategy, {name: yes}) == ("q",), (fact, cell)
        assert hits(strategy, {name: no}) == (), (fact, cell)
        assert hits(strategy, {}) == (), (fact, cell)


def test_unknown_is_neither_true_nor_false() -> None:
    """A missing fact leaves `x` and `!x` undecided alike; only a cell that accepts unknown is satisfied by it."""
    strategy = strategy_of(
        rule("is", {"medium": "voice"}),
        rule("is_not", {"medium": "!voice"}),
        rule("may", {"medium": ("voice", "unknown")}),
    )

    assert hits(strategy, {}) == ("may",)
    assert hits(strategy, {"medium": "written"}) == ("is_not",)


def test_false_and_unknown_is_false_true_or_unknown_is_true() -> None:
    """AND with a false cell is settled, OR with a true row is settled, whatever else is unknown."""
    both: Row = {"medium": "voice", "language": "fi"}
    strategy = strategy_of(
        rule("and", both, unknown="hit"), rule("or", {"medium": "written"}, {"language": "fi"}, unknown="ask")
    )
    decision = decide(compile_strategy(strategy, BOOK), {"medium": "written"})

    assert decision.trace.hits == ("or",)
    assert decision.trace.unknown == ()
    assert decision.suggestions == ()


def test_an_undecided_rule_skips_hits_or_asks() -> None:
    """`unknown` says what an undecided rule does; the facts that mattered are named either way."""
    when: Row = {"medium": "voice", "language": "fi"}
    effects: list[tuple[UnknownEffect, tuple[str, ...], tuple[str, ...]]] = [
        ("skip", (), ()),
        ("hit", ("q",), ()),
        ("ask", (), ("ask:language",)),
    ]
    for effect, expected, suggestions in effects:
        compiled = compile_strategy(strategy_of(rule("q", when, unknown=effect)), BOOK)
        decision = decide(compiled, {"medium": "voice"})

        assert decision.trace.hits == expected
        assert decision.suggestions == suggestions
        assert decision.trace.unknown == ("language",)


def test_undecided_safety_and_law_rules_hit_by_default() -> None:
    """Tiers A and B act when unsure, the others don't."""
    tiers: list[tuple[Tier, tuple[str, ...]]] = [("A", ("q",)), ("B", ("q",)), ("C", ()), ("G", ())]
    for tier, expected in tiers:
        strategy = strategy_of(Rule("q", tier, Outcome(mask=True), when=({"business": True},)))

        assert hits(strategy, {}) == expected


def test_the_default_tier_speaks_only_when_nobody_else_says_where() -> None:
    """A rule of tier H hits only when no other rule names a way."""
    default = Rule("default", "H", Outcome(queue="generalist", suggestions=("rule_gap",)))
    strategy = strategy_of(default, rule("q", {"medium": "voice"}), rule("hint", then=Outcome(suggestions=("hint",))))

    assert hits(strategy, {"medium": "voice"}) == ("q", "hint")
    assert hits(strategy, {"medium": "written"}) == ("hint", "default")


def test_a_topic_that_is_not_in_the_book_is_unknown() -> None:
    """A code that the city has taken away leaves topic conditions undecided."""
    compiled = compile_strategy(strategy_of(rule("q", {"topic": "!GAT.*"})), BOOK)

    assert decide(compiled, {"topic": "OLD.ONE"}).trace.unknown == ("topic",)


def test_handing_over_to_the_topics_unit_needs_a_topic() -> None:
    """`responsible` and `duty` name the topic's units; without a topic the next rule says where."""
    strategy = strategy_of(
        rule("unit", {"medium": "voice"}, then=Outcome(hand_over=HandOver("responsible"))),
        rule("duty", {"medium": "written"}, then=Outcome(hand_over=HandOver("duty", "late"))),
    )
    compiled = compile_strategy(strategy, BOOK)

    assert decide(compiled, {"medium": "voice", "topic": "GAT.SIG"}).unit == "gata"
    assert decide(compiled, {"medium": "written", "topic": "GAT.SIG"}).unit == "gatujour"
    assert decide(compiled, {"medium": "written", "topic": "KUF.BIB"}).unit == "kultur"
    assert decide(compiled, {"medium": "voice"}).queue == "generalist"


def test_a_place_is_handed_to_its_owner_and_to_nobody_who_is_no_unit() -> None:
    """`owner_of_place` is the fact's unit; with another owner, or none, and no topic, the next rule says where."""
    compiled = compile_strategy(
        strategy_of(rule("place", then=Outcome(hand_over=HandOver("owner_of_place"))), rule("q")), BOOK, RECEIVERS
    )
    units = [decide(compiled, {"owner": owner}).unit for owner in ("park", "trafikverket", None, "gata", "park")]

    assert units == ["park", "", "", "gata", "park"]
    assert decide(compiled, {}).queue == "q"


def test_a_duty_chain_is_called_from_its_first_link() -> None:
    """The decision names the chain and the unit of its first link; a chain without one says nothing."""
    strategy = strategy_of(
        rule("empty", then=Outcome(hand_over=HandOver(duty="empty"))),
        rule("jour", then=Outcome(hand_over=HandOver(duty="jour", reason="fault"))),
    )
    decision = decide(compile_strategy(strategy, BOOK, RECEIVERS), {})

    assert (decision.kind, decision.unit, decision.duty, decision.reason) == ("hand_over", "gatujour", "jour", "fault")


def test_composed_decisions_are_kept_within_bounds() -> None:
    """The same row set is composed once and given again as it is."""
    compiled = compile_strategy(strategy_of(rule("q", {"medium": "voice"})), BOOK)
    first = decide(compiled, {"medium": "voice", "loa": 1})

    assert decide(compiled, {"medium": "voice", "loa": 2}) is first
    assert len(compiled.composed) == 1


def test_explaining_names_the_rules_that_one_cell_kept_away() -> None:
    """A rule one cell from hitting is near; one that hit, or misses two cells, is not."""
    strategy = strategy_of(
        rule("hit", {"medium": "voice"}),
        rule("near", {"medium": "voice", "language": "fi"}),
        rule("far", {"medium": "written", "language": "fi"}),
    )
    compiled = compile_strategy(strategy, BOOK)
    explained = traced(compiled, {"medium": "voice", "language": "sv"})

    assert explained.trace.near == ("near",)
    assert explained.trace.hits == ("hit",)
    assert [reading.truth for reading in readings(compiled, {"medium": "voice"})] == ["true", "unknown", "false"]


def test_the_hash_names_everything_a_decision_depends_on() -> None:
    """Another outcome is another hash; a case or a title written differently by order of tables is not."""
    one, two = rule("a", {"medium": "voice"}), Rule("b", "A", Outcome(mask=True))

    assert strategy_hash(strategy_of(one, two), BOOK) == strategy_hash(strategy_of(two, one), BOOK)
    assert strategy_hash(strategy_of(one), BOOK) != strategy_hash(strategy_of(two), BOOK)
