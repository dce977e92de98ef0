"""`servicecenter rules cases`: every case told, rules without one named, a new one that freezes what is decided."""

import dataclasses
import tomllib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.cli import run_command
from rules.case_book import CaseBook, Wanted, case_book
from rules.cases import Difference, run_cases
from rules.city import City, load_city
from rules.new_case import case_text, new_case
from rules.references import check_case
from rules.strategy import Case
from rules.tables import Place
from rules.toml_text import cell_text, table_text
from tests.rules.random_facts import any_facts, seeded
from tests.rules.spoiled_city import EXAMPLE, copy_city, spoil

CITY = load_city(EXAMPLE)


def said(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    """What the command prints."""
    assert run_command(["rules", "cases", *words]) == status
    return capsys.readouterr().out


def with_strategy(folder: Path, text: str) -> City:
    """The example city with this much more at the end of its strategy."""
    city = folder if (folder / "strategy.toml").exists() else copy_city(folder)
    with (city / "strategy.toml").open("a", encoding="utf-8") as file:
        file.write("\n" + text)
    return load_city(city)


def test_a_case_is_told_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """Number, title, the contact as `rules explain` takes it, what was expected, what came and by which rule."""
    told = said(capsys, "--rule", "K07", "--lang", "en")
    first = "\n".join(told.splitlines()[:4])

    assert first.startswith("   1  holds  Fredag 18.40, vattenläcka, telefon\n")
    assert "contact: point=received channel=phone medium=voice topic=VAT.LÄC --at '2026-02-06 18:40'" in first
    assert 'expected: kind = "hand_over", unit = "va_jour", duty = "vatten"' in first
    assert "came: Water on call, by K07 (rules that applied: K07)" in first
    assert "147 cases" not in first
    assert "9 of 9 cases shown hold" in told


def test_a_rule_s_cases_are_those_that_speak_of_it() -> None:
    """The filter keeps a case when the rule speaks in it or the case names the rule, and no other."""
    shown = {case.title for case in case_book(CITY, Wanted(rule="K07")).cases}
    for case, result in zip(CITY.strategy.strategy.cases, run_cases(CITY), strict=True):
        named = "K07" in {*case.expect.hits, *case.expect.hits_not, case.expect.stopped_by}
        assert (case.title in shown) == (named or "K07" in result.hits), case.title


def test_json_is_the_whole_book(capsys: pytest.CaptureFixture[str]) -> None:
    """One document: what the program knows, nothing left out."""
    printed = said(capsys, "--json")
    assert msgspec.json.decode(printed) == msgspec.json.decode(msgspec.json.encode(case_book(CITY)))
    book = msgspec.json.decode(printed, type=CaseBook)
    assert (book.total, book.failed, len(book.coverage)) == (len(book.cases), 0, len(CITY.strategy.rules))


def test_only_failed_ones_are_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A case that no longer holds is shown with what differs, and the status says so; one that holds is not shown."""
    city = copy_city(tmp_path)
    spoil(
        city,
        "strategy.toml",
        'expect = { kind = "queue", queue = "finska"',
        'expect = { kind = "queue", queue = "bygg"',
    )
    told = said(capsys, str(city), "--failed", status=1)

    assert "2  STÄMMER INTE  Finsktalande ringer" in told
    assert 'skiljer sig: queue: väntat "bygg", blev "finska"' in told
    assert 'queue: expected "bygg", came "finska"' in said(capsys, str(city), "--failed", "--lang", "en", status=1)
    assert "0 av 1 visade fall stämmer" in told
    assert "vattenläcka" not in told
    assert "0 av 0 visade fall" in said(capsys, str(city), "--failed", "--rule", "K07")


def test_a_tier_s_cases_are_decided_by_it_or_name_it() -> None:
    """A case of a tier is one that a rule of the tier decides, or that names one."""
    shown = {case.title for case in case_book(CITY, Wanted(tier="H")).cases}
    default = {"K49", "K50"}
    for case in case_book(CITY).cases:
        expect = CITY.strategy.strategy.cases[case.number - 1].expect
        named = {*expect.hits, *expect.hits_not, expect.stopped_by}
        assert (case.title in shown) == bool(case.decided_by in default or not case.decided_by or named & default)


def test_rules_without_enough_cases_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A rule that no case hits is told first, then one that a single case holds; enough is two."""
    lonely = '[[rule]]\nid = "X1"\ntier = "E"\nwhen = [{ campaign = "a" }]\nthen = { queue = "barn" }\n'
    thin = lonely.replace("X1", "X2").replace('"a"', '"b"')
    case = '[[case]]\ntitle = "b"\nfacts = { campaign = "b", topic = "BAR.SKV" }\nexpect = { hits = ["X2"] }\n'
    city = with_strategy(tmp_path, lonely + thin + case)

    book = case_book(city)
    assert [each.rule for each in book.thin] == ["X1", "X2"]
    assert "X1" not in {each.rule for each in book.once}
    again = '[[case]]\ntitle = "b 2"\nfacts = { campaign = "b", topic = "BAR.SKJ" }\nexpect = { hits = ["X2"] }\n'
    told = said(capsys, str(tmp_path / "city"))
    assert "Inget fall träffar en regel: X1" in told
    assert "Bara ett fall håller en regel på plats: X2" in told
    assert [each.rule for each in case_book(with_strategy(tmp_path / "city", again)).thin] == ["X1"]


def test_coverage_does_not_depend_on_what_is_shown() -> None:
    """The count of a rule's cases is over all of them, and equals a count by hand."""
    book = case_book(CITY)
    assert case_book(CITY, Wanted(rule="K17")).coverage == book.coverage
    results = run_cases(CITY)
    for each in book.coverage:
        assert each.hits == sum(each.rule in result.hits for result in results)
        assert each.beside == sum(each.rule in case.expect.hits_not for case in CITY.strategy.strategy.cases)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--rule", "K7"], 'no rule "K7"; did you mean "K'),
        (["--at", "2026-02-03 10:00"], "only with --new"),
        (["--new", "topic=VAT.LAC"], 'did you mean "VAT.LÄC"?'),
        (["--new", "channel=phone", "--at", "soon"], "expected local time"),
        (["--new", "channel=phone", "--title", "Finsktalande ringer"], "give another --title"),
    ],
)
def test_what_cannot_be_done_is_refused(capsys: pytest.CaptureFixture[str], words: list[str], says: str) -> None:
    """With what was expected and, where one is near, the right word; status 2 and nothing on stdout."""
    assert run_command(["rules", "cases", *words]) == 2
    printed = capsys.readouterr()
    assert not printed.out
    assert says in printed.err


def test_a_new_case_can_be_pasted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is printed goes into the file as it is, holds at once, and fails when the strategy says something else."""
    facts = ["channel=phone", "topic=VAT.LÄC", "severity=P3", "anonymous=nej", "loa=2", "calendar.socialjour=open"]
    printed = said(capsys, "--new", *facts, "--at", "2026-02-03 10:00", "--title", 'Läckan "vid \\ torget"')
    city = with_strategy(tmp_path, printed)
    assert run_cases(city)[-1].ok
    assert run_cases(city)[-1].title == 'Läckan "vid \\ torget"'

    spoil(tmp_path / "city", "strategy.toml", 'then = { queue = "vatten", require', 'then = { queue = "gata", require')
    assert run_cases(load_city(tmp_path / "city"))[-1].differences == (
        Difference("queue", "other", '"vatten"', '"gata"'),
    )


def test_a_new_case_is_also_json(capsys: pytest.CaptureFixture[str]) -> None:
    """One document with the case and its text, titled by its facts and the time that it holds at."""
    printed = said(capsys, "--new", "channel=email", "topic=BYG.LOV", "--at", "2026-02-03 10:00", "--json")
    made = msgspec.json.decode(printed)
    assert made["case"]["title"] == "E-post, ”Bygglov”, 2026-02-03 10:00"
    assert tomllib.loads(made["toml"])["case"][0]["expect"]["queue"] == "bygg"


def test_without_a_time_it_is_frozen_now(capsys: pytest.CaptureFixture[str]) -> None:
    """The case carries the moment at which its calendars were read, so it says the same tomorrow."""
    printed = tomllib.loads(said(capsys, "--new", "channel=phone"))["case"][0]
    assert len(printed["at"]) == len("2026-02-03 10:00")


@pytest.mark.parametrize("seed", range(150))
def test_every_decision_can_be_frozen(seed: int) -> None:
    """Whatever the facts, the case is one that the language takes back, and it holds."""
    at = ("2026-02-03 10:00", "2026-02-06 18:40", "2026-12-24 03:00")[seed % 3]
    text = case_text(new_case(CITY, "x", any_facts(seeded(seed), is_hostile=False), at))
    case = msgspec.convert(tomllib.loads(text)["case"][0], Case)
    check_case(Place("strategy.toml"), case, CITY.names, {rule.id for rule in CITY.strategy.strategy.rules})
    strategy = msgspec.structs.replace(CITY.strategy.strategy, cases=(case,))
    city = msgspec.structs.replace(CITY, strategy=dataclasses.replace(CITY.strategy, strategy=strategy))
    assert run_cases(city)[0].differences == ()


@given(st.text(max_size=60), st.text(max_size=20))
def test_text_stays_what_it_is(value: str, name: str) -> None:
    """Quotes, line ends and odd characters in a name or a value come back as they went."""
    assert tomllib.loads(cell_text(name, value)) == {name: value}
    assert tomllib.loads(table_text("t", {name: [value, {name: value}]})) == {"t": [{name: [value, {name: value}]}]}
