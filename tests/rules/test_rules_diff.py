"""What differs between two strategies, cell by cell; and that nothing that differs is left unsaid."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.diff import CellChange, Named, StrategyDiff, TableChange, compare
from rules.strategy import Case, Expected, HandOver, Meta, Outcome, Rule, Strategy

META = Meta(version="1", default_queue="gata")
ONE = Rule("A-1", "A", Outcome(queue="gata"), title="Ett", when=({"topic": "GAT.*"},))
TWO = Rule("C-1", "C", Outcome(require={"bygg": 2}), title="Två", when=({"medium": "voice"},))
THREE = Rule("C-2", "C", Outcome(queue="bygg"), title="Tre")
CASE = Case("Hål", Expected(queue="gata"), {"topic": "GAT.HÅL"})
OLD = Strategy(META, (ONE, TWO, THREE), (CASE,))


def changed(**parts: object) -> Strategy:
    """The old strategy with other parts."""
    return msgspec.structs.replace(OLD, **parts)


def test_the_same_strategy_has_no_difference() -> None:
    """Nothing is said of what is equal."""
    assert compare(OLD, changed()) == StrategyDiff()
    assert compare(OLD, changed()).is_same


def test_rules_added_and_removed() -> None:
    """By id, with their titles, in the order of their file."""
    new = Rule("H-1", "H", Outcome(queue="gata"), title="Ny")
    found = compare(OLD, changed(rules=(ONE, THREE, new)))
    assert (found.added, found.removed) == ((Named("rule", "H-1", "Ny"),), (Named("rule", "C-1", "Två"),))
    assert (found.changed, found.moved) == ((), ())


def test_a_changed_rule_says_which_cells() -> None:
    """Conditions and outcome, each with what it was and what it is; a cell that is not there is None."""
    other = msgspec.structs.replace(
        TWO,
        when=({"medium": "voice", "crisis": False},),
        then=Outcome(require={"bygg": 3}, hand_over=HandOver("gata"), keep=("bygg",)),
    )
    (change,) = compare(OLD, changed(rules=(ONE, other, THREE))).changed
    assert change == TableChange(
        "rule",
        "C-1",
        "Två",
        (
            CellChange("then.require.bygg", 2, 3),
            CellChange("then.keep", [], ["bygg"]),
            CellChange("then.hand_over.unit", None, "gata"),
            CellChange("then.hand_over.reason", None, ""),
            CellChange("then.hand_over.duty", None, ""),
            CellChange("when[0].crisis", None, False),
        ),
    )


def test_the_order_inside_a_tier_is_a_difference() -> None:
    """The first rule that says where wins, so a rule that stands before another now is named; others are not."""
    assert compare(OLD, changed(rules=(ONE, THREE, TWO))).moved in (
        (Named("rule", "C-1", "Två"),),
        (Named("rule", "C-2", "Tre"),),
    )
    assert compare(OLD, changed(rules=(TWO, THREE, ONE))).is_same, "the order of tiers is not the file's"


def test_cases_and_meta() -> None:
    """Cases by title, the strategy's own table by cell."""
    other = msgspec.structs.replace(CASE, expect=Expected(queue="bygg"))
    found = compare(OLD, changed(cases=(other, Case("Ny", Expected())), meta=Meta("2", "gata")))
    assert found.added == (Named("case", "Ny", "Ny"),)
    assert [(each.id, each.cells) for each in found.changed] == [
        ("Hål", (CellChange("expect.queue", "gata", "bygg"),)),
    ]
    assert found.meta == (CellChange("version", "1", "2"),)


POOL = tuple(msgspec.structs.replace(rule, id=f"R-{i}") for i, rule in enumerate((ONE, TWO, THREE, TWO, THREE)))
_some = st.lists(st.sampled_from(POOL), unique_by=lambda rule: rule.id).map(tuple)


@settings(max_examples=200, deadline=None)
@given(_some, _some)
def test_whatever_differs_is_said(one: tuple[Rule, ...], other: tuple[Rule, ...]) -> None:
    """No difference is said exactly when both hold the same rules in the same order of deciding."""
    before, after = changed(rules=one), changed(rules=other)
    assert compare(before, after).is_same == (before.ordered() == after.ordered())
    assert compare(before, before).is_same
