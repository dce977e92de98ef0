"""`servicecenter rules replay`: the report in three forms, the exit status, and what is said of bad input."""

import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import update

from router.cli import run_command
from router.measures.goal import instant
from router.register import schema
from router.register.copying import copy_batch
from router.register.derive import derive_all
from router.register.engine import migrate, open_engine
from router.strategy_replay.words import LANGUAGES, Words
from rules.replay.guards import Limits
from rules.replay.report import Report
from tests.register.register_journals import START_MS, Journal
from tests.replay.replay_samples import NEW_RULE, graffiti, made_up_file
from tests.rules.spoiled_city import EXAMPLE, copy_city, spoil

Capture = pytest.CaptureFixture[str]
VOID = frozenset({"meta", "path", "rect", "polyline"})


class Page(HTMLParser):
    """A page as a reader of its tags: they must close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One tag opens."""
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One tag that is closed at once."""
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        """One tag closes."""
        assert self.open.pop() == tag


@pytest.fixture
def case(tmp_path: Path) -> list[str]:
    """A draft and a history."""
    _ = graffiti(tmp_path)
    return [str(tmp_path / "city"), str(made_up_file(tmp_path / "history.jsonl"))]


def test_the_json_is_the_whole_report(case: list[str], capsys: Capture) -> None:
    """One document on stdout that reads back as the report; progress goes to stderr; a guard blocks: status 1."""
    assert run_command(["rules", "replay", *case, "--json"]) == 1
    said = capsys.readouterr()
    found = msgspec.json.decode(said.out, type=Report)
    assert (found.draft.version, found.history.source, found.ok) == ("2026.1", "history.jsonl", False)
    assert found.changed > 0
    assert "decided by both strategies" in said.err


def test_a_draft_that_changes_nothing_may_be_published(tmp_path: Path, capsys: Capture) -> None:
    """The same strategy again: no guard blocks, status 0."""
    folder, history = copy_city(tmp_path), made_up_file(tmp_path / "history.jsonl")
    assert run_command(["rules", "replay", str(folder), str(history), "--baseline", str(folder)]) == 0
    assert "Ingen spärr hindrar publicering" in capsys.readouterr().out


@pytest.mark.parametrize(("language", "says"), [("sv", "Publicering stoppas"), ("en", "Publishing is blocked")])
def test_the_terminal_says_what_matters(case: list[str], capsys: Capture, language: str, says: str) -> None:
    """Verdict, shares, the rule that did it and the unit that gets more stand in the terminal, in either language."""
    assert run_command(["rules", "replay", *case, "--lang", language]) == 1
    said = capsys.readouterr().out
    assert says in said
    assert "NEW" in said
    assert ("Parkenheten" if language == "sv" else "Parks unit") in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_stands_alone(case: list[str], tmp_path: Path, language: str) -> None:
    """One page: no script, nothing fetched, its language said, tags closed, a table after every named chart."""
    out = tmp_path / "report.html"
    arguments = ["rules", "replay", *case, "--html", str(out), "--lang", language, "--json", "--crew", "3"]
    assert run_command(arguments) == 1
    text = out.read_text(encoding="utf-8")
    page = Page(text)
    assert not page.open
    assert ("html", "lang", language) in page.attributes
    assert {"script", "link", "img", "iframe"}.isdisjoint(page.tags)
    assert not re.search(r"https?://|url\(|@import|src=", text)
    assert ("svg", "role", "img") in page.attributes
    assert page.tags.count("svg") == page.tags.count("title") - 1 >= 5
    assert all("<table" in part.partition("<figure")[0] for part in text.split("</figure>")[1:])
    assert "onerror" not in text


def test_text_of_others_is_escaped(tmp_path: Path) -> None:
    """A rule's title, a district and a source that look like tags are shown, never run."""
    folder = copy_city(tmp_path)
    spoil(folder, "strategy.toml", '\n[[rule]]\nid = "K29"\n', NEW_RULE.replace("Klotter: direkt", "<b>Klotter</b>"))
    history, out = made_up_file(tmp_path / "<i>history.jsonl"), tmp_path / "report.html"
    _ = history.write_text(history.read_text(encoding="utf-8").replace("Norr", "<u>Norr&"), encoding="utf-8")
    _ = run_command(["rules", "replay", str(folder), str(history), "--html", str(out), "--json"])
    text = out.read_text(encoding="utf-8")
    assert not [tag for tag in ("<b>Klotter", "<i>history", "<u>Norr") if tag in text]
    assert "&lt;b&gt;Klotter&lt;/b&gt;" in text
    assert "&lt;u&gt;Norr&amp;" in text


def test_the_guards_limits_come_from_a_file(case: list[str], tmp_path: Path, capsys: Capture) -> None:
    """Wider limits let the same draft through."""
    limits = tmp_path / "guards.toml"
    _ = limits.write_text("[guards]\nstrict_fall_points = 50\nunit_growth_percent = 900\n", encoding="utf-8")
    assert run_command(["rules", "replay", *case, "--guards", str(limits), "--json"]) == 0
    found = msgspec.json.decode(capsys.readouterr().out, type=Report)
    assert {guard.limit for guard in found.guards} >= {50, 900, Limits().wait_rise_s}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--register"], "FILE or --register"),
        (["--from", "2026-09-01"], "only with --register"),
        (["--crew", "0"], "1 agent or more"),
        (["--crew", "nowhere.toml"], "No such file"),
        (["--guards", "nowhere.toml"], "No such file"),
        (["--baseline", "nowhere"], "does not load"),
        (["--html", "/nowhere/report.html"], "No such file"),
    ],
)
def test_bad_arguments_are_named(case: list[str], capsys: Capture, more: list[str], says: str) -> None:
    """Every mistake in the arguments ends with status 2 and says what was expected."""
    assert run_command(["rules", "replay", *case, *more]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "says"),
    [("[guards]\nstrict = 1", "unknown field"), ('elsewhere = ["x"]', 'no queue "x"'), ("[", "guards.toml")],
)
def test_bad_limits_are_named(case: list[str], tmp_path: Path, capsys: Capture, text: str, says: str) -> None:
    """A limit that does not exist, a queue that does not, a file that is no TOML."""
    limits = tmp_path / "guards.toml"
    _ = limits.write_text(text, encoding="utf-8")
    assert run_command(["rules", "replay", *case, "--guards", str(limits)]) == 2
    assert says in capsys.readouterr().err


def test_a_draft_that_does_not_load_is_named(case: list[str], capsys: Capture) -> None:
    """The finding of the draft stands in the error: file, rule, cell and the nearest word."""
    spoil(Path(case[0]), "strategy.toml", 'queue = "gata"', 'queue = "gatta"')
    assert run_command(["rules", "replay", *case]) == 2
    said = capsys.readouterr().err
    assert "does not load" in said
    assert '"gatta"' in said


@pytest.mark.parametrize(
    ("content", "says"), [("", "expected 311"), ("[]", "it is empty"), ('{"a": 1}\n', "can't be read")]
)
def test_a_history_of_nothing_is_an_error(
    case: list[str], tmp_path: Path, capsys: Capture, content: str, says: str
) -> None:
    """An empty history, or one of which nothing can be read, gives no report."""
    empty = tmp_path / "empty.jsonl"
    _ = empty.write_text(content, encoding="utf-8")
    assert run_command(["rules", "replay", case[0], str(empty)]) == 2
    assert says in capsys.readouterr().err


def test_figures_are_written_as_the_language_has_them() -> None:
    """Swedish has a comma and a thin space, English a point and a comma; both a true minus and a dash for none."""
    sv, en = Words("sv"), Words("en")
    assert (sv.number(61676.25, 1), en.number(61676.25, 1)) == ("61\u202f676,2", "61,676.2")
    assert (sv.signed(-0.04), sv.signed(0.5), sv.signed(-3.25, 2)) == ("0,0", "+0,5", "\u22123,25")
    assert (sv.share(None), en.share(0.7089)) == ("\u2013", "70.9 %")


async def test_the_command_replays_the_register(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """`--register` with a period: the register's contacts through both strategies, or an error when it has none."""
    journal = Journal()
    journal.receive("c1")
    journal.receive("c2")
    url = f"sqlite:///{tmp_path / 'register.db'}"
    engine = open_engine(url)
    _ = migrate(engine)
    await copy_batch(engine, journal, START_MS)
    derive_all(engine, START_MS)
    stored = msgspec.json.encode({"decision": {}, "facts": {"channel": "phone", "topic": "BAR.FSK"}}).decode()
    with engine.begin() as connection:
        connection.execute(update(schema.decisions).values(decision=stored))
    engine.dispose()
    monkeypatch.setenv("SERVICECENTER_REGISTER__URL", url)
    city, day = str(EXAMPLE), instant(START_MS)[:10]
    assert run_command(["rules", "replay", city, "--register", "--from", day, "--to", day, "--json"]) == 0
    history = msgspec.json.decode(capsys.readouterr().out)["history"]
    assert (history["source"], history["contacts"]) == ("register", 2)
    assert run_command(["rules", "replay", city, "--register", "--to", "1999-01-01"]) == 2
    assert "no contacts in this period" in capsys.readouterr().err
    assert run_command(["rules", "replay", city, "--register", "--from", day, "--to", "1999-01-01"]) == 2
    assert run_command(["rules", "replay", city, "--register", "--from", "soon"]) == 2
    assert 'got "soon"' in capsys.readouterr().err
