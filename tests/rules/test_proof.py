"""The proof: each spoiled strategy is found out, the rule named, with a contact that shows it when decided anew."""

from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest

from rules.calendars import local_ms
from rules.cases import run_cases
from rules.check import check_city, in_words
from rules.city import City, load_city
from rules.decide import Decision, decide
from rules.lint import lint
from rules.proof.crew import Member, read_crew
from rules.proof.findings import CODES, Found
from rules.proof.hours import somebody_there
from rules.proof.moments import Moment, moments_of
from rules.strategy import DEFAULT_TIER
from rules.words import LANGS, words_of
from tests.rules.spoiled_city import EXAMPLE, copy_city
from tests.rules.spoiled_strategies import CORPUS, DEAD, Spoiled


class Replay(NamedTuple):
    """The example of a finding, decided anew in the spoiled city."""

    city: City
    found: Found
    decision: Decision
    at_ms: int

    @property
    def hits(self) -> tuple[str, ...]:
        """The rules that hit."""
        return self.decision.trace.hits

    @property
    def other(self) -> str:
        """The other rule of a pair."""
        return str(self.found.arguments["rule"])

    @property
    def topic(self) -> str:
        """The example's topic."""
        return str(self.found.example.facts.get("topic", "")) if self.found.example else ""


def replay(city: City, found: Found) -> Replay:
    """What `decide` says about the example."""
    assert found.example is not None
    at_ms = local_ms(found.example.at, city.info.tz)
    return Replay(city, found, decide(city.strategy, {**city.calendar_facts(at_ms), **found.example.facts}), at_ms)


def nobody_there(each: Replay) -> bool:
    """Whether queue, unit and fallback are closed at the example's time."""
    open_queues = frozenset(name for name, hours in each.city.hours.items() if hours.is_open(each.at_ms))
    return not somebody_there(each.city, each.decision, Moment(each.city.calendar_facts(each.at_ms), open_queues))


def no_agreement(each: Replay) -> bool:
    """Whether nothing is agreed at the example's time about what its contact, or a queue's overflow, needs."""
    name = each.found.arguments.get("agreement")
    if each.found.rule:
        return each.city.agreement_for(each.topic, each.decision.unit, each.at_ms) is None
    return all(
        one.id != name or each.city.agreement_for(one.topics[0][:-1] + "X", one.unit, each.at_ms) is None
        for one in each.city.agreements
    )


def says_openly(each: Replay) -> bool:
    """Whether a notice about a secret topic goes where others read it."""
    topic = each.city.topics.get(each.topic)
    channels = {notice.partition(":")[2] for notice in each.decision.notices}
    is_open = bool(channels & {"sms", "email", "same", "chosen"}) and not each.decision.limit.push
    return topic is not None and "secret" in topic.flags and is_open


SHOWN: Mapping[str, Callable[[Replay], bool]] = {
    "unreachable_rule": lambda each: each.found.rule not in each.hits,
    "unreachable_row": lambda each: each.found.rule not in each.hits,
    "shadowed_rule": lambda each: (
        each.found.rule not in each.hits and str(each.found.arguments["by"]).split(", ")[0] != ""
    ),
    "shadowed_row": lambda each: each.found.rule not in each.hits and each.decision.trace.stopped_by != "",
    "equal_stops": lambda each: each.decision.trace.stopped_by == each.other and each.found.rule not in each.hits,
    "conflicting_ways": lambda each: {each.found.rule, each.other} <= {*each.hits},
    "conflicting_teams": lambda each: {each.found.rule, each.other} <= {*each.hits},
    "case_failed": lambda each: each.found.rule != each.decision.trace.stopped_by,
    "no_case": lambda each: each.found.rule in each.hits,
    "hits_on_nothing": lambda each: (
        each.found.rule in each.hits and "topic" not in (each.found.example.facts if each.found.example else ())
    ),
    "known_too_late": lambda each: each.found.rule not in each.hits,
    "uncovered_hour": nobody_there,
    "closed_without_fallback": lambda each: each.decision.emergency and nobody_there(each),
    "medium_not_taken": lambda each: (
        str(each.found.arguments["medium"]) not in each.city.queue(each.decision.queue).media
    ),
    "topic_without_rule": lambda each: all(
        rule.tier == DEFAULT_TIER or not rule.then.goes_somewhere
        for rule in each.city.strategy.rules
        if rule.id in each.hits
    ),
    "topic_without_mandate": lambda each: each.decision.kind == "hand_over",
    "no_agreement": no_agreement,
    "agreement_expired": no_agreement,
    "agreement_not_yet": no_agreement,
    "agreement_ends": no_agreement,
    "open_notice": says_openly,
    "limits_share_nothing": lambda each: {each.found.rule, each.other} <= {*each.hits},
    "self_service_alone": lambda each: (
        "self_service" in each.decision.offers and "callback" not in each.decision.offers
    ),
}
"""What the example of each code must show when it is decided anew."""


def found_in(folder: Path, spoiled: Spoiled) -> tuple[City, list[Found]]:
    """The city with the mistake, and what is found of its kind."""
    for each in spoiled.how:
        each(folder)
    city = load_city(folder)
    found = lint(city, run_cases(city))
    return city, [each for each in found if (each.code, each.rule) == (spoiled.code, spoiled.rule)]


@pytest.mark.parametrize("name", CORPUS)
def test_a_spoiled_strategy_is_found_out_and_shown(name: str, tmp_path: Path) -> None:
    """The finding has the code, names the rule, and its contact shows the mistake when it is decided anew."""
    spoiled = CORPUS[name]
    city, found = found_in(copy_city(tmp_path), spoiled)

    assert found, name
    assert all(SHOWN[spoiled.code](replay(city, each)) for each in found)


@pytest.mark.parametrize("name", DEAD)
def test_what_nothing_leads_to_is_told(name: str, tmp_path: Path) -> None:
    """A queue, unit, skill, calendar, team, referral or agreement that nothing uses is a warning, never an error."""
    _, found = found_in(copy_city(tmp_path), DEAD[name])

    assert [each.level for each in found] == ["warning"]


def test_a_skill_that_nobody_has_is_found_against_the_crew(tmp_path: Path) -> None:
    """With the crew's file the queue's and the rules' skills together must be somebody's."""
    file = tmp_path / "crew.toml"
    skills = ", ".join(f"{skill} = 3" for skill in load_city(EXAMPLE).skills if skill != "finska")
    _ = file.write_text(
        f'[[agent]]\nname = "Alva"\nskills = {{ {skills} }}\n[[agent]]\nname = "Bo"\nskills = {{ finska = 2 }}'
    )
    report = check_city(EXAMPLE, crew=read_crew(file))
    told = [each for each in report.findings if each.code == "skill_nobody_has"]

    assert not report.ok
    assert {each.rule for each in told} == {"K17"}
    assert all(each.example and each.example.facts["language"] == "fi" for each in told)
    everything = Member("Cia", dict.fromkeys(load_city(EXAMPLE).skills, 5))
    assert check_city(EXAMPLE, crew=(everything,)).findings == ()


def test_every_finding_is_said_in_both_languages(tmp_path: Path) -> None:
    """What is found has a sentence in Swedish and in English, and the level of its code."""
    for number, spoiled in enumerate([*CORPUS.values()][::6]):
        _, found = found_in(copy_city(tmp_path / str(number)), spoiled)
        for lang, each in product(LANGS, found):
            finding = in_words(words_of(lang), each)
            assert finding.text
            assert finding.level == CODES[finding.code]


def test_a_case_that_names_both_rules_settles_their_order(tmp_path: Path) -> None:
    """Which of two stops comes first is a decision of people; a case that states it ends the finding."""
    spoiled = CORPUS["two stops that cross"]
    folder = copy_city(tmp_path)
    case = (
        '\n[[case]]\ntitle = "Företag, inte digitalt"\nfacts = { business = true, no_digital = true }\n'
        'expect = { queue = "naringsliv", stopped_by = "X1", hits_not = ["X2"] }\n'
    )
    with (folder / "strategy.toml").open("a", encoding="utf-8") as end:
        _ = end.write(case)
    _, found = found_in(folder, spoiled)

    assert found == []


def test_every_combination_of_hours_of_the_year_is_looked_at() -> None:
    """Whatever is open at any quarter of an hour of the year, a moment with the same open doors is among those."""
    city = load_city(EXAMPLE)
    known = {tuple(sorted(moment.states.items())) for moment in moments_of(city)}
    first, last = local_ms("2026-02-01 00:00"), local_ms("2027-02-01 00:00")
    seen = {tuple(sorted(city.calendar_facts(at_ms).items())) for at_ms in range(first, last, 900_000)}

    assert seen <= known
    for moment in moments_of(city):
        assert city.calendar_facts(local_ms(moment.at)) == moment.states
