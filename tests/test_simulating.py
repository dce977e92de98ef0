"""What a strategy would change on recent contacts' facts: counted, by where from and where to, and by rule."""

import msgspec

from router.config import example_city
from router.records import DecisionRecord
from router.simulating import SHOWN, compare
from rules.city import load_city
from rules.decide import decide
from rules.strategy import Outcome, Rule
from rules.versions import compile_text, with_strategy

CITY = load_city(example_city())
LIBRARY = {"channel": "phone", "medium": "voice", "topic": "KUF.BIB", "topic_confidence": 100}
PERMIT = {**LIBRARY, "topic": "BYG.LOV"}


def rows(*facts: dict[str, str | int]) -> list[tuple[str, str]]:
    """Contacts as the register has them."""
    decided = [DecisionRecord(decide(CITY.strategy, each), each) for each in facts]
    return [(f"c{number}", msgspec.json.encode(each).decode()) for number, each in enumerate(decided)]


def other(**then: object) -> str:
    """The city's strategy with one more rule for questions about the library, before all others."""
    text = (example_city() / "strategy.toml").read_text(encoding="utf-8")
    cells = ", ".join(f"{name} = {msgspec.json.encode(value).decode()}" for name, value in then.items())
    rule = (
        f'[[rule]]\nid = "X-1"\ntier = "A"\nunknown = "skip"\nwhen = [{{ topic = "KUF.BIB" }}]\nthen = {{ {cells} }}\n'
    )
    return text.replace("[[rule]]", rule + "\n[[rule]]", 1)


def test_the_same_strategy_changes_nothing() -> None:
    """Every contact is counted, none is changed."""
    report = compare(rows(LIBRARY, PERMIT), CITY.strategy, CITY.strategy)
    assert (report.contacts, report.changed, report.otherwise, report.examples) == (2, 0, 0, [])
    assert report.kinds_before == report.kinds_after == {"queue": 2}


def test_contacts_that_go_elsewhere_are_counted_by_rule() -> None:
    """From where to where, which rule made the difference, and a few to look at."""
    there = next(queue for queue in CITY.queues if queue != decide(CITY.strategy, LIBRARY).queue)
    changed = compile_text(CITY, other(queue=there))
    assert with_strategy(CITY, changed).strategy.hash != CITY.strategy.hash
    report = compare(rows(*[LIBRARY] * (SHOWN + 5), PERMIT), changed, CITY.strategy)
    here = decide(CITY.strategy, LIBRARY).queue
    assert (report.contacts, report.changed) == (SHOWN + 6, SHOWN + 5)
    assert report.moves == {f"queue {here} -> queue {there}": SHOWN + 5}
    assert report.by_rule["X-1"] == SHOWN + 5
    assert len(report.examples) == SHOWN
    assert (report.examples[0].contact, "X-1" in report.examples[0].rules) == ("c0", True)


def test_other_conditions_are_told_apart_and_what_can_not_be_read_is_counted() -> None:
    """The same queue with another skill is no change of place; a row that is no record spoils nothing."""
    changed = compile_text(CITY, other(head_start_s=30))
    report = compare([*rows(LIBRARY, PERMIT), ("c9", "{}")], changed, CITY.strategy)
    assert (report.contacts, report.changed, report.otherwise, report.unreadable) == (2, 0, 1, 1)


def test_rules_are_what_they_were() -> None:
    """The sample rule is read as it is meant."""
    rule = compile_text(CITY, other(head_start_s=30)).rules[0]
    assert rule == Rule("X-1", "A", Outcome(head_start_s=30), when=({"topic": "KUF.BIB"},), unknown="skip")
