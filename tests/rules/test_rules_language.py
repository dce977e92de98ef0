from pathlib import Path

import pytest

from router.errors import StrategyError
from rules.cells import parse_cell
from rules.city import load_city
from rules.compile import compile_strategy
from rules.strategy import CellValue, Outcome, Rule
from tests.rules.rules_samples import BOOK, strategy_of
from tests.rules.spoiled_city import copy_city, spoil

K05 = 'when = [{ topic = "OMS.LAR" }]'
K49 = 'then = { queue = "generalist", suggestions = ["ask:topic"], stop = true }'

MISTAKES: list[tuple[str, str, str, str, tuple[str, ...]]] = [
    # file, what is there, what is written instead, the table named, what the detail says
    ("strategy.toml", K05, 'when = [{ topc = "OMS.LAR" }]', "rule K05", ("when.topc", "name of a fact", '"topic"')),
    ("strategy.toml", K05, 'when = [{ topic = "OMS.LARM" }]', "rule K05", ("when.topic", "a topic code", '"OMS.LAR"')),
    ("strategy.toml", K05, 'when = [{ topic = "OSM.*" }]', "rule K05", ("when.topic", '"OSM.*"', '"OMS.*"')),
    ("strategy.toml", K05, "when = [{ topic = 5 }]", "rule K05", ("when.topic", "word in quotes", "got 5")),
    ("strategy.toml", K05, 'when = [{ medium = "voise" }]', "rule K05", ("when.medium", "written", '"voice"')),
    ("strategy.toml", K05, 'when = [{ loa = "high" }]', "rule K05", ("when.loa", "a number or a range", "'high'")),
    ("strategy.toml", K05, 'when = [{ business = "yes" }]', "rule K05", ("when.business", "true or false", "'yes'")),
    ("strategy.toml", K05, "when = [{ loa = 1.5 }]", "rule K05", ("when.loa", "a number", "1.5")),
    ("strategy.toml", K05, "when = [{ medium = [] }]", "rule K05", ("when.medium", "at least one value", "empty list")),
    ("strategy.toml", K05, 'when = [{ language = "f*" }]', "rule K05", ("when.language", "only a topic", '"f*"')),
    ("strategy.toml", K05, 'when = [{ medium = { a = "b" } }]', "rule K05", ("when.medium", "not a table", "")),
    ("strategy.toml", K05, 'when = [{ calendar = "open" }]', "rule K05", ("when.calendar", "a table", "servicecenter")),
    (
        "strategy.toml",
        K05,
        'when = [{ calendar = { alwys = "open" } }]',
        "rule K05",
        ("calendar", "a calendar", '"always"'),
    ),
    (
        "strategy.toml",
        K05,
        'when = [{ calendar = { always = "opn" } }]',
        "rule K05",
        ("always", "closed, open", '"open"'),
    ),
    ("strategy.toml", 'tier = "C"', 'tier = "X"', "rule K17", ("cell tier", "one of A, B, C", '"X"')),
    ("strategy.toml", 'unknown = "ask"', 'unknown = "asks"', "rule K10B", ("cell unknown", "skip, hit, ask", '"ask"')),
    ("strategy.toml", K49, 'then = { que = "generalist" }', "rule K49", ("then.que", "a key", '"queue"')),
    ("strategy.toml", K49, "then = {}\nstop = true", "rule K49", ("cell stop", "a key", '"then.stop"')),
    ("strategy.toml", K49, 'then = { queue = "general" }', "rule K49", ("then.queue", "a queue", '"generalist"')),
    (
        "strategy.toml",
        K49,
        "then = { target_s = '5' }",
        "rule K49",
        ("then.target_s", "expected a whole number", "words in quotes"),
    ),
    ("strategy.toml", K49, "then = { target_s = -5 }", "rule K49", ("then.target_s", "from 0 on", "-5")),
    ("strategy.toml", K49, 'then = { offers = ["callbak"] }', "rule K49", ("then.offers", "an offer", '"callback"')),
    ("strategy.toml", K49, 'then = { suppress = ["x"] }', "rule K49", ("then.suppress", "an offer", '"x"')),
    ("strategy.toml", K49, 'then = { notices = ["done"] }', "rule K49", ("then.notices", "moment:channel", '"done"')),
    ("strategy.toml", K49, 'then = { notices = ["dne:sms"] }', "rule K49", ("then.notices", "moment", '"done"')),
    ("strategy.toml", K49, 'then = { limit = { notices = ["smss"] } }', "rule K49", ("limit", "channel", '"sms"')),
    ("strategy.toml", K49, "then = { require = { fisnka = 1 } }", "rule K49", ("then.require", "a skill", '"finska"')),
    ("strategy.toml", K49, "then = { require = { finska = 6 } }", "rule K49", ("require.finska", "1 to 5", "6")),
    ("strategy.toml", K49, 'then = { keep = ["finsk"] }', "rule K49", ("then.keep", "a skill", '"finska"')),
    ("strategy.toml", K49, "then = { route = [{ at_s = -1 }] }", "rule K49", ("route.at_s", "seconds", "-1")),
    (
        "strategy.toml",
        K49,
        "then = { route = [{ at_s = 1, level = 1 }] }",
        "rule K49",
        ("route.level", "negative", "1"),
    ),
    ("strategy.toml", K49, "then = { route = [{ at = 1 }] }", "rule K49", ("then.route.at", "a key", '"at_s"')),
    (
        "strategy.toml",
        K49,
        'then = { hand_over = { unit = "gatan" } }',
        "rule K49",
        ("hand_over.unit", "a unit", '"gata"'),
    ),
    ("strategy.toml", K49, 'then = { warm_transfer = "dut" }', "rule K49", ("then.warm_transfer", "a unit", '"duty"')),
    (
        "strategy.toml",
        K49,
        'then = { fallback = "911" }',
        "rule K49",
        ("then.fallback", "a unit, a queue or 112", '"911"'),
    ),
    ("strategy.toml", K49, 'then = { team = "servicecentr" }', "rule K49", ("then.team", "a team", '"servicecenter"')),
    ("strategy.toml", K49, 'then = { priority = "P5" }', "rule K49", ("priority", "P1, P2, P3, P4", '"P5"')),
    ("strategy.toml", K49, 'then = { demand = "failur" }', "rule K49", ("demand", "value, failure", '"failure"')),
    ("strategy.toml", K49, 'then = { refer = ["polis"] }', "rule K49", ("then.refer", "a referral", '"polisen"')),
    ("strategy.toml", K49, 'then = { checklist = ["Ett Två"] }', "rule K49", ("then.checklist", "lower case", "Två")),
    (
        "strategy.toml",
        K49,
        'then = { capture = { forbid = ["txt"] } }',
        "rule K49",
        ("capture.forbid", "text, person, notes", '"text"'),
    ),
    (
        "strategy.toml",
        K49,
        'then = { capture = { forbid = ["text"], allow = ["text"] } }',
        "rule K49",
        ("then.capture", "forbidden or allowed", '"text"'),
    ),
    ("strategy.toml", K49, "then = { capture = { forbd = [] } }", "rule K49", ("capture.forbd", "a key", '"forbid"')),
    ("strategy.toml", K49, 'then = { limit = { teams = ["norby"] } }', "rule K49", ("limit.teams", "a team", "norrby")),
    ("strategy.toml", K49, 'then = { limit = { fields = ["txt"] } }', "rule K49", ("limit.fields", "topic", '"text"')),
    ("strategy.toml", K49, 'then = { limit = { push = "none" } }', "rule K49", ("limit.push", "no_content", '"none"')),
    ("strategy.toml", K49, "then = { hand_over = {} }", "rule K49", ("then.hand_over", "a unit, a duty chain", "none")),
    (
        "strategy.toml",
        K49,
        'then = { hand_over = { unit = "gata", duty = "jour" } }',
        "rule K49",
        ("then.hand_over", "either unit or duty", "both"),
    ),
    (
        "strategy.toml",
        K49,
        'then = { hand_over = { duty = "jour" } }',
        "rule K49",
        ("hand_over.duty", "a duty chain of duty_chains.toml", '"jour"'),
    ),
    (
        "strategy.toml",
        K49,
        'then = { hand_over = { require_fields = ["Org nr"] } }',
        "rule K49",
        ("hand_over.require_fields", "the name of a field", '"Org nr"'),
    ),
    (
        "strategy.toml",
        K49,
        'then = { hand_over = { unit = "owner_of_plac" } }',
        "rule K49",
        ("hand_over.unit", "a unit", '"owner_of_place"'),
    ),
    (
        "strategy.toml",
        K49,
        'then = { warm_transfer = { to = "gatan" } }',
        "rule K49",
        ("warm_transfer.to", "a unit", '"gata"'),
    ),
    (
        "strategy.toml",
        K49,
        'then = { warm_transfer = { to = "gata", within_s = -1 } }',
        "rule K49",
        ("warm_transfer.within_s", "from 0 on", "-1"),
    ),
    (
        "strategy.toml",
        K49,
        'then = { warm_transfer = { to = "gata", fallback = "112" }, fallback = "tib" }',
        "rule K49",
        ("then.fallback", "one fallback", '"tib"'),
    ),
    ("strategy.toml", K05, 'when = [{ scan = "cleen" }]', "rule K05", ("when.scan", "clean, infected", '"clean"')),
    ("strategy.toml", K05, 'when = [{ similar_open = "many" }]', "rule K05", ("when.similar_open", "a number", "many")),
    (
        "strategy.toml",
        'waiting = ">=3" }, {',
        "waitng = 3 }, {",
        "floor_rule K42",
        ("start.waitng", "a fact", '"waiting"'),
    ),
    (
        "strategy.toml",
        'oldest_wait_s = "<120"',
        "oldest_wait_s = true",
        "floor_rule K42B",
        ("stop.oldest_wait_s", "a number", "True"),
    ),
    (
        "strategy.toml",
        'announce = "wait_band"',
        'announce = "wait"',
        "floor_rule K42",
        ("then.announce", "said", '"wait_band"'),
    ),
    (
        "strategy.toml",
        'hold_media = ["written"]',
        'hold_media = ["voice"]',
        "floor_rule K42",
        ("then.hold_media", "written", "voice"),
    ),
    ("strategy.toml", "min_s = 600", "min_s = -1", "floor_rule K42", ("min_s", "from 0 on", "-1")),
    (
        "strategy.toml",
        "then = { reserve = 2 }",
        "then = {}",
        "floor_rule K42B",
        ("cell then", "one of hold_media", "none"),
    ),
    (
        "strategy.toml",
        'overdue = ">=2" }\nthen',
        'overdu = ">=2" }\nthen',
        "handover_rule K45H",
        ("when.overdu", "a fact", '"overdue"'),
    ),
    (
        "strategy.toml",
        'escalate = "unit_manager"',
        'escalate = "manager"',
        "handover_rule K45H",
        ("escalate", "unit_manager", '"unit_manager"'),
    ),
    (
        "strategy.toml",
        'declared_need = "hearing"',
        'declared_need = "hering"',
        "case Hör",
        ("facts.declared_need", "a value", '"hearing"'),
    ),
    (
        "city.toml",
        'phone = "+46701740623"',
        'phone = "polisen"',
        "referral polisen",
        ("phone", "a number", '"polisen"'),
    ),
    ("strategy.toml", K49, 'then = { queue = "gata", answer = "x" }', "rule K49", ("cell then", "one of", "several")),
    ("strategy.toml", 'id = "K50"', 'id = "K49"', "rule K49", ("cell id", "of its own", "taken")),
    (
        "strategy.toml",
        "[[handover_rule]]",
        "[[handovers]]",
        "",
        ("cell handovers", "a table of this file", '"handover_rule"'),
    ),
    (
        "strategy.toml",
        'default_queue = "generalist"',
        'default_queue = "gen"',
        "meta",
        ("default_queue", "a queue", ""),
    ),
    (
        "strategy.toml",
        'version = "2026.1"',
        "version = 2026.1",
        "meta",
        ("cell version", "expected words in quotes", "a number"),
    ),
    ("strategy.toml", 'topic = "VAT.LÄC" }\n', 'topik = "VAT.LÄC" }\n', "case Fredag", ("facts", "a fact", '"topic"')),
    (
        "strategy.toml",
        'stopped_by = "K07", n',
        'stoped_by = "K07", n',
        "case Fredag",
        ("stoped_by", "a key", '"stopped_by"'),
    ),
    ("strategy.toml", "[meta]", "[meta", "", ("expected TOML", "line", "")),
    ("topics.toml", 'unit = "forskola"', 'unit = "förskola"', "topic BAR.FSK", ("cell unit", "a unit", '"forskola"')),
    ("topics.toml", 'duty = "tib"', 'duty = "tibb"', "topic PRK.DJU", ("cell duty", "a unit", '"tib"')),
    ("topics.toml", '"needs_id"]', '"needs_eid"]', "topic BAR.FSK", ("flags[0]", "p1_possible", '"needs_id"')),
    (
        "topics.toml",
        'criterion = "guided"',
        'criterion = "gided"',
        "topic BAR.FSK",
        ("criterion", "answered", '"guided"'),
    ),
    ("topics.toml", 'en = "Preschool', 'eng = "Preschool', "topic BAR.FSK", ("cell eng", "a key", '"en"')),
    ("topics.toml", '"lss$"', '" "', "topic OMS.LSS", ("cell words", "expected words", "empty")),
    ("topics.toml", 'code = "BAR.AVG"', 'code = "BAR.FSK"', "topic BAR.FSK", ("cell code", "of its own", "taken")),
    (
        "units.toml",
        'calendar = "kontorstid"',
        'calendar = "kontor"',
        "unit forskola",
        ("calendar", "a calendar", "kontorstid"),
    ),
    (
        "units.toml",
        'kind = "department"',
        'kind = "dep"',
        "unit forskola",
        ("cell kind", "servicecenter, department", '"dep"'),
    ),
    (
        "queues.toml",
        'calendar = "servicecenter"',
        'calendar = "sc"',
        "queue generalist",
        ("calendar", "a calendar", '"sc"'),
    ),
    (
        "queues.toml",
        '"voice", "messaging"',
        '"voic", "messaging"',
        "queue generalist",
        ("media[0]", "voice", '"voice"'),
    ),
    (
        "queues.toml",
        "require = { skyddad_id",
        "require = { skydad_id",
        "queue skyddad",
        ("require", "a skill", "skyddad_id"),
    ),
    ("agreements.toml", 'unit = "va"', 'unit = "vaa"', "agreement va-felanmalan", ("cell unit", "a unit", '"va"')),
    ("agreements.toml", '"PRK.*"', '"PARK.*"', "agreement park-felanmalan", ("cell topics", "a topic", '"PRK.*"')),
    ("calendars.toml", "08:00-15:00", "8-15", "calendar servicecenter", ("hours", '"08:00-17:00"', '"8-15"')),
    ("calendars.toml", 'id = "always"', 'id = "alltid"', "unit larmcentral", ("calendar", "a calendar", '"always"')),
    ("city.toml", "inhabitants", "inhabitant", "city", ("cell inhabitant", "a key", '"inhabitants"')),
    ("city.toml", "Europe/Stockholm", "Europe/Ekeby", "calendar always", ("tz", "a time zone", '"Europe/Ekeby"')),
    ("skills.toml", "[[skill]]", "[[skil]]", "", ("cell skil", "a table of this file", '"skill"')),
]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_names_where_it_is_and_what_was_expected(
    tmp_path: Path, mistake: tuple[str, str, str, str, tuple[str, ...]]
) -> None:
    """File, rule or table, cell, what was expected and the nearest valid word are in the detail."""
    file, old, new, table, said = mistake
    folder = copy_city(tmp_path)
    spoil(folder, file, old, new)

    with pytest.raises(StrategyError) as error:
        _ = load_city(folder)

    detail = error.value.detail
    where = "units.toml" if "larmcentral" in table else "calendars.toml" if table.startswith("calendar") else file
    assert detail.startswith(f"{where}, {table}" if table else where), detail
    assert all(part in detail for part in said), detail


def test_a_missing_file_and_a_missing_folder_are_mistakes(tmp_path: Path) -> None:
    """Nothing is assumed about a file that is not there."""
    folder = copy_city(tmp_path)
    (folder / "queues.toml").unlink()

    with pytest.raises(StrategyError, match=r"queues\.toml: expected this file"):
        _ = load_city(folder)
    with pytest.raises(StrategyError, match="expected a city's folder"):
        _ = load_city(tmp_path / "nowhere")


def test_text_that_is_not_utf_8_is_a_mistake(tmp_path: Path) -> None:
    """A file saved in another encoding is named."""
    folder = copy_city(tmp_path)
    _ = (folder / "queues.toml").write_bytes("[[queue]]\nname_sv = 'Kö'\n".encode("latin-1"))

    with pytest.raises(StrategyError, match=r"queues\.toml: expected text saved as UTF-8, line 2 is not"):
        _ = load_city(folder)


def test_the_field_is_the_path_of_the_cell(tmp_path: Path) -> None:
    """The error's field tells a program where the mistake is."""
    folder = copy_city(tmp_path)
    spoil(folder, "strategy.toml", K05, 'when = [{ topc = "OMS.LAR" }]')

    with pytest.raises(StrategyError) as error:
        _ = load_city(folder)

    assert error.value.field == "$.rule K05.when.topc"


def test_a_strategy_built_in_python_is_checked_too() -> None:
    """Compiling refuses a rule that can't be read, and names it."""
    with pytest.raises(StrategyError, match=r"rule R1, cell topic: .*GAT\.HÅL"):
        _ = compile_strategy(strategy_of(Rule("R1", "E", Outcome(), when=({"topic": "GAT.HAL"},))), BOOK)


@pytest.mark.parametrize(
    ("fact", "value"), [("calendar.day", "ajar"), ("language", ""), ("language", "!"), ("loa", True), ("loa", ">=x")]
)
def test_cells_that_mean_nothing_are_refused(fact: str, value: CellValue) -> None:
    """Words outside a closed list, empty words and bounds without a number are mistakes."""
    with pytest.raises(StrategyError):
        _ = parse_cell(fact, value)
