"""The parts of a replay: calendars, the rule that differs, intervals, outcomes, small groups, the sample."""

import math
import random
from pathlib import Path

import pytest

from rules.calendars import local_ms
from rules.replay.intervals import Day, change, student
from rules.replay.moments import Moments
from tests.replay.replay_samples import MONDAY_NOON, NEW_RULE, contact, draft_city, example, graffiti, replayed

DAY_MS = 86_400_000
ODD_HOURS = ("calendars.toml", 'mon = ["08:00-17:00"]', 'mon = ["08:07-16:53"]')

OF_STREETS, OF_CHILDREN = (f'then = {{ queue = "{queue}", require' for queue in ("gata", "barn"))


def test_calendars_are_looked_at_exactly(tmp_path: Path) -> None:
    """At random moments, in any order, both cities' calendar facts are what each calendar says by itself."""
    baseline, draft = example(), draft_city(tmp_path, ODD_HOURS)
    moments = Moments(baseline, draft)
    dice = random.Random(3)  # noqa: S311 # repeatable, no secret
    begin = local_ms("2026-03-20 00:00")
    for _ in range(3_000):
        at_ms = begin + dice.randrange(250 * DAY_MS)
        number, _day = moments.look(at_ms)
        assert moments.facts[number] == (baseline.calendar_facts(at_ms), draft.calendar_facts(at_ms))
    edge = local_ms("2026-09-07 08:07")
    states = [moments.facts[moments.look(at)[0]][1]["calendar.servicecenter"] for at in (edge - 1, edge)]
    assert states == ["closed", "open"]


@pytest.mark.parametrize(
    ("old", "new", "rule", "how"),
    [
        ('\n[[rule]]\nid = "K29"\n', None, "NEW", "added"),
        (OF_STREETS, 'then = { queue = "generalist", require', "E-GAT", "changed"),
        ('topic = ["GAT.*", "PRK.*"], topic_confidence', 'topic = "GAT.*", topic_confidence', "E-GAT", "changed"),
    ],
    ids=["added", "changed", "no longer hits"],
)
def test_the_first_rule_that_differs_is_named(tmp_path: Path, old: str, new: str | None, rule: str, how: str) -> None:
    """A changed contact stands with the first rule by which the two traces part, and in which way."""
    draft = graffiti(tmp_path) if new is None else draft_city(tmp_path, ("strategy.toml", old, new))
    found = replayed(example(), draft, [contact(1)])
    assert [(group.rule, group.how, group.contacts) for group in found.groups] == [(rule, how, 1)]


def test_a_rule_that_is_gone_is_named(tmp_path: Path) -> None:
    """What a removed rule did is laid to that rule."""
    folder = tmp_path / "with"
    folder.mkdir()
    found = replayed(graffiti(folder), example(), [contact(1)])
    assert [(group.rule, group.how) for group in found.groups] == [("NEW", "removed")]


def test_a_change_outside_the_rules_is_the_citys(tmp_path: Path) -> None:
    """Another responsible unit changes decisions although no rule differs."""
    draft = draft_city(tmp_path, ("topics.toml", _PLAN, _PLAN.replace("stadsbyggnad", "gata")))
    history = [contact(1, "BYG.PLN", channel="web", medium="written")]
    found = replayed(example(), draft, history)
    assert [(group.rule, group.how, group.moved) for group in found.groups] == [("-", "city", 1)]


_PLAN = 'en = "Zoning plan, consultation"\nunit = "stadsbyggnad"'


def test_students_quantiles_are_the_tables() -> None:
    """The interval's factor equals the printed table to half a per cent."""
    printed = {4: 2.776, 5: 2.571, 9: 2.262, 19: 2.093, 29: 2.045, 234: 1.970}
    assert all(math.isclose(student(freedom), value, rel_tol=0.005) for freedom, value in printed.items())


def test_days_are_the_sample() -> None:
    """Five days: shares are of all contacts, and the change's interval comes from how days differ."""
    days = {f"d{n}": Day(100, 50, 50 + gain, gain) for n, gain in enumerate((8, 12, 10, 9, 11))}
    found = change(days)
    assert (found.share_before, found.share_after, found.points) == (0.5, 0.6, pytest.approx(10))
    half = student(4) * math.sqrt(10 * 5 / 4) / 500 * 100
    assert found.points_high == pytest.approx(10 + half)
    assert found.sample == "days"


def test_few_days_take_contacts_as_the_sample() -> None:
    """Two days: the interval is that of paired contacts, from those that changed sides."""
    found = change({"a": Day(200, 100, 110, 30), "b": Day(200, 100, 110, 30)})
    half = 1.959964 * math.sqrt((60 / 400 - 0.05**2) / 400) * 100
    assert found.sample == "contacts"
    assert found.points_low == pytest.approx(5 - half, abs=1e-4)


def test_nothing_that_counts_has_no_share(tmp_path: Path) -> None:
    """Contacts that are no matter for a servicecenter are named, and no share is made of nothing."""
    found = replayed(example(), graffiti(tmp_path), [contact(1, "KOM.SÖK"), contact(2, "INT.SUP")])
    assert found.history.excluded == {"KOM.SÖK": 1, "INT.SUP": 1}
    assert (found.can.strict.share_before, found.can.strict.points, found.can.strict.sample) == (None, None, "none")


def test_outcomes_stay_or_take_the_known_rate(tmp_path: Path) -> None:
    """Matters that stay keep their outcome; those that move to a unit take what hand-overs of the topic reached."""
    here = [contact(n, matters=(("PRK.KLO", "answered"),)) for n in range(40)]
    away = [
        contact(100 + n, matters=(("PRK.KLO", "registered_complete" if n < 15 else "uncoded"),), channel="app",
                medium="written", has_location=True)
        for n in range(30)
    ]  # fmt: skip
    found = replayed(example(), graffiti(tmp_path), [*here, *away])
    done = found.done
    assert done is not None
    assert (done.matters, done.moved, done.without_rate, done.borrowed) == (70, 40, 0, 0)
    assert (done.strict.before, done.strict.after) == (40, 0)
    assert (done.registered.before, done.registered.after) == (55, pytest.approx(15 + 40 * 0.5))


def test_without_a_known_rate_moved_matters_are_not_resolved(tmp_path: Path) -> None:
    """Where nothing was ever handed over, what moves there counts as not resolved, and the report says so."""
    found = replayed(example(), graffiti(tmp_path), [contact(n, matters=(("PRK.KLO", "answered"),)) for n in range(30)])
    assert found.done is not None
    assert (found.done.without_rate, found.done.registered.after) == (30, 0)


def test_without_outcomes_nothing_is_said_to_be_resolved(tmp_path: Path) -> None:
    """A history that does not know what became of contacts gives no such figure."""
    assert replayed(example(), graffiti(tmp_path), [contact(1)]).done is None


def test_small_groups_are_not_shown(tmp_path: Path) -> None:
    """Groups of fewer than five persons stand together, and one person with many contacts is one person."""
    many = [contact(n, district="Norr", person=f"p{n}") for n in range(10)]
    one = [contact(20 + n, district="Väst", person="p1") for n in range(10)]
    few = [contact(40 + n, district="Öst") for n in range(4)]
    found = replayed(example(), graffiti(tmp_path), [*many, *one, *few])
    assert [(part.name, part.contacts) for part in found.by["district"]] == [("other", 14), ("Norr", 10)]


def test_no_sum_gives_a_small_group_away(tmp_path: Path) -> None:
    """One small group alone would be the total less the others: it stands with the next larger one."""
    history = [contact(n, district=name) for name, size in (("A", 30), ("B", 9), ("C", 2)) for n in range(size)]
    found = replayed(example(), graffiti(tmp_path), history)
    assert [(part.name, part.contacts) for part in found.by["district"]] == [("A", 30), ("other", 11)]


def test_no_sum_gives_a_hidden_change_away(tmp_path: Path) -> None:
    """One hidden change alone would be the total less the others: the next smallest one is hidden with it."""
    sizes = (("A", 30, 20), ("B", 20, 6), ("C", 10, 2), ("D", 10, 0))
    history = [
        contact(n, "PRK.KLO" if n < changed else "BAR.FSK", district=name)
        for name, size, changed in sizes
        for n in range(size)
    ]
    found = replayed(example(), graffiti(tmp_path), history)
    assert [(p.name, p.changed) for p in found.by["district"]] == [("A", 20), ("B", None), ("C", None), ("D", 0)]


def test_few_changes_in_a_group_are_hidden(tmp_path: Path) -> None:
    """Where fewer than five contacts of a group changed, neither how many nor which way is shown."""
    history = [contact(n, "BAR.FSK", district="Norr") for n in range(20)] + [contact(50, district="Norr")]
    (part,) = replayed(example(), graffiti(tmp_path), history).by["district"]
    assert (part.contacts, part.changed, part.after, part.points) == (21, None, None, None)


def test_the_sample_is_fair_and_repeatable(tmp_path: Path) -> None:
    """Fifty contacts, each rule in turn, the same whatever the order of the history, others for another seed."""
    changes = (
        ("strategy.toml", _K29, NEW_RULE),
        ("strategy.toml", OF_CHILDREN, 'then = { queue = "generalist", require'),
    )
    draft = draft_city(tmp_path, *changes)
    history = [contact(n) for n in range(500)] + [contact(1000 + n, "BAR.FSK") for n in range(10)]
    found = replayed(example(), draft, history)
    shares = [each.rule for each in found.review]
    assert (len(shares), shares.count("E-BAR"), shares.count("NEW")) == (50, 10, 40)
    backwards = replayed(example(), draft, reversed(history))
    assert [each.id for each in backwards.review] == [each.id for each in found.review]
    assert [each.id for each in replayed(example(), draft, history, seed=2).review] != [e.id for e in found.review]


_K29 = '\n[[rule]]\nid = "K29"\n'


def test_the_sample_points_at_nobody(tmp_path: Path) -> None:
    """Contacts of protected persons are counted but never drawn, and facts that no rule asks for do not stand there."""
    history = [contact(n, protection="marked") for n in range(20)] + [contact(30, person="p1", nickname="Kalle")]
    draft = draft_city(tmp_path, ("strategy.toml", OF_STREETS, 'then = { queue = "generalist", require'))
    found = replayed(example(), draft, history)
    assert found.changed >= 1
    (drawn,) = found.review
    assert drawn.id == "c30"
    assert {"nickname", "protection", "district"}.isdisjoint(drawn.facts)
    assert drawn.hour % 3_600_000 == 0


def test_topics_of_no_city_are_named(tmp_path: Path) -> None:
    """Topics that the city lacks are counted by name and the contacts are decided all the same."""
    draft = graffiti(tmp_path)
    found = replayed(example(), draft, [contact(1, "OLD.ONE"), contact(2, "OLD.ONE"), contact(3)])
    assert found.history.unknown_topics == {"OLD.ONE": 2}
    assert found.history.contacts == 3


def test_equal_strategies_change_nothing() -> None:
    """A draft that is the baseline moves nobody, and no guard blocks it."""
    history = [contact(n, at_ms=MONDAY_NOON + n * DAY_MS) for n in range(20)]
    found = replayed(example(), example(), history)
    assert (found.changed, found.moved, found.groups, found.review, found.ok) == (0, 0, [], [], True)
