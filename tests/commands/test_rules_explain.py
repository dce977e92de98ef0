"""`servicecenter rules explain`: facts as people type them, sentences out."""

import json
from typing import Any, cast

import pytest

from router.cli import run_command
from rules.calendars import local_ms
from tests.commands.explained_page import EXAMPLE, PAGE, with_answers


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """The JSON document that the command prints."""
    assert run_command(["rules", "explain", "--json", *words]) == 0
    return cast("dict[str, Any]", json.loads(capsys.readouterr().out))


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What the command says when it refuses; status 2, nothing on stdout."""
    assert run_command(["rules", "explain", *words]) == 2
    said = capsys.readouterr()
    assert not said.out
    return said.err


def test_the_page_shows_what_the_program_prints() -> None:
    """The examples of docs/explaining.md are real: `python -m tests.commands.explained_page` writes them anew."""
    page = PAGE.read_text(encoding="utf-8")
    assert len(EXAMPLE.findall(page)) == 2
    assert page == with_answers(page)


def test_facts_are_completed_as_intake_would(capsys: pytest.CaptureFixture[str]) -> None:
    """A channel brings its medium, a named topic is sure, and the calendars are those of the local time."""
    found = answer(capsys, "--at", "2026-02-06 18:40", "channel=phone", "topic=VAT.LÄC")["explanation"]
    assert found["at_ms"] == local_ms("2026-02-06 18:40")
    facts = {"point": "received", "channel": "phone", "medium": "voice", "topic": "VAT.LÄC", "topic_confidence": 100}
    assert facts.items() <= found["facts"].items()
    assert found["facts"]["calendar.servicecenter"] == "closed"
    assert (found["decision"]["unit"], found["decided_by"]) == ("va_jour", "K07")


def test_what_is_given_stands(capsys: pytest.CaptureFixture[str]) -> None:
    """Facts win over what would be added; `unknown` leaves one out; numbers and yes and no are read as such."""
    words = ["point=waited", "channel=chat", "medium=written", "topic=BYG.LOV", "topic_confidence=unknown"]
    more = ["loa=2", "anonymous=ja", "business=no", "calendar.servicecenter=closed"]
    found = answer(capsys, "--at", "2026-02-03 10:00", *words, *more)["explanation"]["facts"]
    expected = {"point": "waited", "medium": "written", "loa": 2, "anonymous": True, "business": False}
    assert expected.items() <= found.items()
    assert found["calendar.servicecenter"] == "closed"
    assert "topic_confidence" not in found


def test_without_a_time_it_is_now(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing at all given is a question that can be answered."""
    assert answer(capsys, "--lang", "en")["told"]["sections"][0]["title"] == "The decision"


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("topic=VAT.LAC", 'did you mean "VAT.LÄC"?'),
        ("medum=voice", 'did you mean "medium"?'),
        ("medium=voce", 'did you mean "voice"?'),
        ("medium=telepathy", "expected one of in_person, messaging, voice, written"),
        ("severity=p1", 'did you mean "P1"?'),
        ("calendar.servicecentre=closed", 'did you mean "calendar.servicecenter"?'),
        ("calendar.servicecenter=shut", "expected one of closed, open"),
        ("loa=three", "expected a whole number"),
        ("loa=9999999999999999", "expected a whole number"),
        ("anonymous=maybe", "expected yes or no"),
        ("topic_flag=secret", "is no fact that can be given"),
        ("voice", "expected fact=value"),
        ("=", "expected fact=value"),
        ("topic=", "expected fact=value"),
    ],
)
def test_what_cannot_be_read_is_refused(capsys: pytest.CaptureFixture[str], word: str, says: str) -> None:
    """With the fact's name, what was expected, and what may have been meant."""
    assert says in refusal(capsys, word)


@pytest.mark.parametrize("at", ["soon", "2026-13-01 10:00", "0001-01-01 00:00", "9999-12-31 23:59"])
def test_times_that_are_none_are_refused(capsys: pytest.CaptureFixture[str], at: str) -> None:
    """A time no calendar is kept for is as wrong as one that can't be read."""
    assert "expected local time" in refusal(capsys, "--at", at)


def test_a_fact_given_twice_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody can know which one was meant."""
    assert "twice" in refusal(capsys, "loa=1", "loa=2")


def test_flags_may_stand_before_or_after_the_action(capsys: pytest.CaptureFixture[str]) -> None:
    """`rules --json check` and `rules check --json` are the same."""
    printed: list[str] = []
    for words in (["rules", "--json", "check"], ["rules", "check", "--json"]):
        assert run_command(words) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    assert json.loads(printed[0])["city"]
