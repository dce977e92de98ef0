"""`servicecenter rules plan`: planned volumes, recorded ones and the register; text, JSON and refusals."""

import json
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from sqlalchemy import update

from router.cli import run_command
from router.register import schema
from router.register.copying import copy_batch
from router.register.derive import derive_all
from router.register.engine import migrate, open_engine
from rules.cases import run_cases
from rules.city import load_city
from rules.planner import Plan
from tests.commands.planned_page import EXAMPLE as COMMAND
from tests.commands.planned_page import PAGE, with_answers
from tests.register.register_journals import START_MS, Journal
from tests.rules.spoiled_city import EXAMPLE, copy_city, spoil


def said(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    """What the command prints."""
    assert run_command(["rules", "plan", *words]) == status
    return capsys.readouterr().out


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What the command says when it refuses; status 2, nothing on stdout."""
    assert run_command(["rules", "plan", *words]) == 2
    printed = capsys.readouterr()
    assert not printed.out
    return printed.err


def contact(number: int, topic: str, resolution: str = "", **more: object) -> str:
    """One line of a history: a mail in the morning of one of ten days."""
    line: dict[str, object] = {
        "id": f"c{number}",
        "received_at": f"2026-02-{2 + number % 10:02}T09:00:00Z",
        "facts": {"channel": "email", "topic": topic, "topic_confidence": 100, "severity": "P3", "protection": "none"},
        **more,
    }
    if resolution:
        line["matters"] = [{"topic": topic, "resolution": resolution}]
    return json.dumps(line) + "\n"


def test_the_page_shows_what_the_program_prints() -> None:
    """The example of docs/planning.md is real: `python -m tests.commands.planned_page` writes it anew."""
    page = PAGE.read_text(encoding="utf-8")
    assert COMMAND.findall(page)
    assert page == with_answers(page)


def test_a_goal_out_of_reach_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Status 1, how far it goes, and everything that is left with its reason."""
    told = said(capsys, "--goal", "95", "--lang", "en", "--all", status=1)
    assert "The goal of 95.0 % can" in told
    assert "be reached with the mandates there are: from 70.0 % to 79.3 % at most" in told
    assert "stays: safety or law" in told
    assert "stays: no mandate" in told
    assert "met here, not resolved at the first contact" in told


def test_a_goal_within_reach_is_told_with_its_steps(capsys: pytest.CaptureFixture[str]) -> None:
    """Status 0, in Swedish without a word about it, and no more steps than it takes."""
    told = said(capsys, "--goal", "71")
    assert "Målet 71,0 % går att nå" in told
    assert "Behövs inte för målet" in told
    assert "[[rule]]" not in told
    assert "är redan nått" in said(capsys, "--goal", "50")


def test_a_rule_that_is_pasted_does_what_the_plan_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The sketch, put before the rule that it names, loads, and the next plan no longer has anything to take over."""
    folder = copy_city(tmp_path)
    told = said(capsys, str(folder), "--lang", "en", status=1)
    rules = [part.split("\n\n")[0] for part in told.split("[[rule]]")[1:]]
    assert rules
    for text in rules:
        before = told.split(text)[0].rsplit("To stand before ", 1)[1].split(" ")[0]
        rule = "[[rule]]" + "\n".join(line.rstrip() for line in text.splitlines())
        spoil(folder, "strategy.toml", f'[[rule]]\nid = "{before}"', f'{rule}\n\n[[rule]]\nid = "{before}"')
    ids = {rule.id for rule in load_city(folder).strategy.rules}
    assert sum(name.startswith("T-") for name in ids) == len(rules)

    broken = {result.title for result in run_cases(load_city(folder)) if not result.ok}
    planned = msgspec.json.decode(said(capsys, "--json", status=1), type=Plan)
    named = {title for step in planned.steps if step.rule for title in step.rule.cases}
    assert broken == named
    assert all(title in " ".join(told.split()) for title in named)
    assert named

    after = msgspec.json.decode(said(capsys, str(folder), "--json", status=1), type=Plan)
    assert {step.kind for step in after.steps} == {"deepen"}
    assert after.today.resolved > planned.today.resolved


def test_a_history_takes_the_place_of_planned_volumes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Counts, outcomes and what went straight to a unit are the history's; with ten days there is an interval."""
    file = tmp_path / "history.jsonl"
    known = [contact(n, "KUF.BIB", "answered" if n % 2 else "unresolved") for n in range(40)]
    grants = [contact(100 + n, "KUF.BID") for n in range(10)]
    direct = [contact(200 + n, "KUF.BID", observed=True) for n in range(10)]
    left_out = [contact(300, "KOM.SÖK", "named_person"), contact(301, "KUF.BIB", "spam")]
    file.write_text("".join([*known, *grants, *direct, *left_out]), encoding="utf-8")

    found = msgspec.json.decode(said(capsys, str(EXAMPLE), str(file), "--json", status=1), type=Plan)
    assert found.today.resolved == pytest.approx(20 / 60)
    assert found.contacts / found.direct == pytest.approx(50 / 10)
    assert set(found.excluded) == {"KOM.SÖK", "spam"}
    assert found.interval is not None
    assert found.interval.sample == "days"
    assert found.interval.low <= found.today.resolved <= found.interval.high
    by_topic = {each.topic: each for each in found.topics}
    assert by_topic["KUF.BIB"].rate == "measured"
    assert [way.rule for way in by_topic["KUF.BID"].ways] == ["K39"]
    assert {step.topic: step.kind for step in found.steps} == {"KUF.BIB": "deepen", "KUF.BID": "take_over"}
    assert found.after.resolved == pytest.approx((40 * 0.9 + 10 * 0.7) / 60)


def test_a_lone_file_is_a_history_of_the_configured_city(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`rules plan FILE` plans for the city that is served, and the text says where its interval comes from."""
    file = tmp_path / "history.jsonl"
    file.write_text("".join(contact(n, "KUF.BIB", "answered") for n in range(20)), encoding="utf-8")
    told = said(capsys, str(file), "--lang", "en")
    assert "Based on: history.jsonl" in told
    assert "already reached: 100.0 %" in told
    assert "Uncertainty (95 %)" in told


def test_json_is_the_whole_plan(capsys: pytest.CaptureFixture[str]) -> None:
    """One document with the steps, their rules and what is left."""
    found = cast("dict[str, Any]", json.loads(said(capsys, "--json", status=1)))
    assert {"today", "after", "steps", "left", "topics", "crew_after"} <= found.keys()
    taken = [step for step in found["steps"] if step["kind"] == "take_over"]
    assert taken
    assert all(step["rule"]["holds"] and step["from"] for step in taken)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('code = "BYG.LOV"', 'code = "BYG.LAV"', 'did you mean "BYG.LOV"?'),
        ("first_contact = 75", "first_contakt = 75", 'did you mean "first_contact"?'),
        ("first_contact = 75", "first_contact = 175", "first_contact: expected `float` <= 100".replace("`", "")),
        ("possible = 85", "possible = 5", "expected at least first_contact, 75"),
        ('mandate = "guide"', 'mandate = "giude"', 'did you mean "guide"?'),
        ('mandate = "guide"\n', "", "expected how far the servicecenter may go"),
        ('elsewhere = ["socialtjanst"', 'elsewhere = ["socialtjenst"', 'did you mean "socialtjanst"?'),
        ("[planning]", "[plan]", 'did you mean "planning"?'),
        ("busiest_hour = 13", "busiest_hour = 0", "busiest_hour"),
        ("share = 62", 'share = "many"', "share"),
    ],
)
def test_figures_that_can_t_be_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, says: str
) -> None:
    """A mistake in planning.toml names the file, the table, the cell and the nearest word."""
    folder = copy_city(tmp_path)
    spoil(folder, "planning.toml", old, new)
    told = refusal(capsys, str(folder))
    assert "planning.toml" in told
    assert says in told


def test_what_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A city without figures, a history that is none, two histories at once, a history without contacts."""
    folder = copy_city(tmp_path)
    empty = tmp_path / "empty.jsonl"
    empty.write_text('{"id": 1}\n', encoding="utf-8")
    assert "can't be read" in refusal(capsys, str(folder), str(empty))
    assert "expected one history" in refusal(capsys, str(folder), str(empty), "--register")
    assert "expected a city's folder" in refusal(capsys, str(tmp_path / "nowhere"), str(empty))
    assert "No such file" in refusal(capsys, str(folder), str(tmp_path / "nothing"))
    (folder / "planning.toml").unlink()
    assert "planning.toml: expected this file" in refusal(capsys, str(folder))
    assert said(capsys, str(folder), "--planning", str(EXAMPLE / "planning.toml"), "--goal", "50")


@pytest.mark.parametrize("goal", ["0", "101", "-1", "most"])
def test_a_goal_is_given_in_per_cent(capsys: pytest.CaptureFixture[str], goal: str) -> None:
    """Above 0 and at most 100."""
    with pytest.raises(SystemExit) as refused:
        _ = run_command(["rules", "plan", f"--goal={goal}"])
    assert refused.value.code == 2
    assert "--goal" in capsys.readouterr().err


async def test_the_register_is_a_history_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--register`: what has come through the service is planned for, by the facts of each first decision."""
    journal = Journal()
    journal.receive("c1")
    journal.receive("c2")
    url = f"sqlite:///{tmp_path / 'register.db'}"
    engine = open_engine(url)
    _ = migrate(engine)
    await copy_batch(engine, journal, START_MS)
    derive_all(engine, START_MS)
    facts = {"channel": "email", "medium": "written", "topic": "KUF.BID", "topic_confidence": 100}
    with engine.begin() as connection:
        stored = msgspec.json.encode({"decision": {}, "facts": facts}).decode()
        connection.execute(update(schema.decisions).values(decision=stored))
    engine.dispose()
    monkeypatch.setenv("SERVICECENTER_REGISTER__URL", url)

    found = msgspec.json.decode(said(capsys, "--register", "--json", status=1), type=Plan)
    assert (found.source, found.today.resolved) == ("register", 0)
    assert [(step.topic, step.kind) for step in found.steps] == [("KUF.BID", "take_over")]
