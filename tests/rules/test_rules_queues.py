from pathlib import Path

import msgspec
import pytest

from router.errors import StrategyError, UnknownQueue
from rules.calendars import local_ms
from rules.check import check_city
from rules.city import City, load_city
from rules.decide import Decision, decide
from rules.organisation import Exit
from tests.rules.spoiled_city import EXAMPLE, copy_city, spoil

NEW = 'teams = ["servicecenter"]\n'
CLOSING = "closing = { serve_until_s = 900 }"
OVERFLOW = 'overflow = [{ after_s = 600, queue = "samverkan", agreement = "samverkan-norrby" }]'
K49 = 'then = { queue = "generalist", suggestions = ["ask:topic"], stop = true }'
GENERAL = "queue generalist"
NOON = local_ms("2026-02-03 12:00")

MISTAKES: list[tuple[str, str, str, str, tuple[str, ...]]] = [
    # file, what is there, what is written instead, the table named, what the detail says
    ("queues.toml", NEW, NEW + 'flow = "pul"', GENERAL, ("cell flow", "push, pull, both", '"pul"', '"pull"')),
    ("queues.toml", NEW, NEW + 'flows = { written = "pusch" }', GENERAL, ("flows", "push, pull, both", '"push"')),
    ("queues.toml", NEW, NEW + 'flows = { writen = "push" }', GENERAL, ("flows", "voice", '"written"')),
    (
        "queues.toml",
        'name_sv = "Samverkan',
        'exits = { written = [] }\nname_sv = "S',
        "queue samverkan",
        ("of this queue",),
    ),
    ("queues.toml", NEW, NEW + "reserve_s = 1", GENERAL, ("cell reserve_s", "a key", '"reserve"')),
    ("queues.toml", "reserve = 1", "reserve = -1", GENERAL, ("cell reserve", "agents from 0 on", "-1")),
    ("queues.toml", NEW, NEW + "wrap_up_max_s = 60", GENERAL, ("wrap_up_max_s", "at least wrap_up_s (90)", "60")),
    ("queues.toml", NEW, NEW + "max_wait_s = -1", GENERAL, ("cell max_wait_s", "from 0 on", "-1")),
    ("queues.toml", NEW, NEW + "targets_s = { voice = -5 }", GENERAL, ("targets_s.voice", "from 0 on", "-5")),
    ("queues.toml", CLOSING, "closing = { serve_until = 900 }", GENERAL, ("closing.serve_until", "serve_until_s")),
    ("queues.toml", CLOSING, "closing = { entry_stops_s = -1 }", GENERAL, ("closing.entry_stops_s", "from 0", "-1")),
    ("queues.toml", 'say = "wait_band"', 'say = "wait_minutes"', GENERAL, ("announcements[1].say", '"wait_band"')),
    ("queues.toml", "every_s = 90", "every_s = -90", GENERAL, ("announcements.every_s", "from 0 on", "-90")),
    ("queues.toml", "every_s = 90", "each_s = 90", GENERAL, ("announcements.each_s", "a key", '"at_s"')),
    ("queues.toml", NEW, NEW + 'exits = { voice = ["call"] }', GENERAL, ("exits.voice", "unit:<id>", '"call"')),
    ("queues.toml", NEW, NEW + 'exits = { voice = ["unit:vaa"] }', GENERAL, ("exits.voice", "a unit", '"va"')),
    ("queues.toml", NEW, NEW + 'exits = { voice = ["unit:"] }', GENERAL, ("exits.voice", "unit:<id>", '"unit:"')),
    ("queues.toml", NEW, NEW + "exit_s = { written = 60 }", GENERAL, ("exit_s.written", "exits.written too")),
    ("queues.toml", NEW, NEW + "exit_s = { voice = -1 }", GENERAL, ("exit_s.voice", "from 0 on", "-1")),
    (
        "queues.toml",
        OVERFLOW,
        OVERFLOW.replace("samverkan-n", "samvrkan-n"),
        GENERAL,
        ("agreement", "samverkan-norrby"),
    ),
    (
        "queues.toml",
        OVERFLOW,
        OVERFLOW.replace('"samverkan"', '"samvrkan"'),
        GENERAL,
        ("overflow.queue", '"samverkan"'),
    ),
    ("queues.toml", OVERFLOW, OVERFLOW.replace('"samverkan"', '"generalist"'), GENERAL, ("another queue",)),
    ("queues.toml", OVERFLOW, OVERFLOW.replace("600", "-600"), GENERAL, ("overflow.after_s", "from 0 on")),
    ("queues.toml", 'teams = ["norrby"]', "", GENERAL, ("overflow.queue", "with teams", '"samverkan"')),
    ("queues.toml", "restricted = true", f"restricted = true\n{OVERFLOW}", "queue skyddad", ("a restricted queue",)),
    ("queues.toml", NEW, 'teams = ["servicecentre"]\n', GENERAL, ("cell teams", "a team", '"servicecenter"')),
    ("queues.toml", NEW, NEW + 'exceptions = [{ date = "24/12", name = "x" }]', GENERAL, ("exceptions", '"24/12"')),
    (
        "queues.toml",
        NEW,
        NEW + 'exceptions = [{ date = "2026-12-24", name = "x", open = ["8-9"] }]',
        GENERAL,
        ("exceptions", '"08:00-17:00"', '"8-9"'),
    ),
    ("city.toml", 'id = "skyddad"', 'id = "skydd"', "queue skyddad", ("cell teams", "a team", '"skydd"')),
    ("city.toml", 'id = "norrby"', 'id = "skyddad"', "team skyddad", ("cell id", "of its own", "taken")),
    ("city.toml", "+46701740606", "070-174 06 06", "phone_book sjukvardsradgivning", ("cell number", '"+46701740605"')),
    ("city.toml", "[[phone_book]]", "[[phonebook]]", "", ("cell phonebook", "a table", '"phone_book"')),
    ("units.toml", "+46701740609", "+46-70", "unit larmcentral", ("cell phone", "+46701740605", '"+46-70"')),
    ("strategy.toml", K49, 'then = { route = [{ at_s = 1, teams = ["nrrby"] }] }', "rule K49", ("teams", '"norrby"')),
    ("strategy.toml", K49, 'then = { route = [{ at_s = 1, exit = "unit" }] }', "rule K49", ("route.unit", "a unit")),
    (
        "strategy.toml",
        K49,
        'then = { route = [{ at_s = 1, exit = "unit", unit = "vaa" }] }',
        "rule K49",
        ("then.route.unit", "a unit", '"va"'),
    ),
    (
        "strategy.toml",
        K49,
        'then = { route = [{ at_s = 1, exit = "written", unit = "va" }] }',
        "rule K49",
        ("then.route.unit", 'only with exit = "unit"'),
    ),
    (
        "strategy.toml",
        K49,
        'then = { route = [{ at_s = 1, exit = "calback" }] }',
        "rule K49",
        ("then.route[0].exit", "expected one of callback, written, unit, got", '"callback"'),
    ),
    (
        "strategy.toml",
        K49,
        'then = { route = [{ at_s = 1, drop = true, exit = "callback" }] }',
        "rule K49",
        ("then.route.exit", "a wider pool or an exit", "both"),
    ),
    ("strategy.toml", K49, "then = { prefer_last_s = -1 }", "rule K49", ("then.prefer_last_s", "from 0 on", "-1")),
    ("strategy.toml", "crisis = true }]", 'crisis = "on" }]', "rule K43", ("when.crisis", "true or false", "'on'")),
]


@pytest.fixture(scope="module")
def city() -> City:
    """The example city."""
    return load_city(EXAMPLE)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_queue_names_where_it_is_and_what_was_expected(
    tmp_path: Path, mistake: tuple[str, str, str, str, tuple[str, ...]]
) -> None:
    """File, table, cell, what was expected and the nearest valid word are in the detail."""
    file, old, new, table, said = mistake
    folder = copy_city(tmp_path)
    spoil(folder, file, old, new)

    with pytest.raises(StrategyError) as error:
        _ = load_city(folder)

    detail = error.value.detail
    where = "queues.toml" if table.startswith("queue") else file
    assert detail.startswith(f"{where}, {table}" if table else where), detail
    assert all(part in detail for part in said), detail


def test_help_needs_a_medium_in_common(tmp_path: Path) -> None:
    """Teams that take nothing of what waits are no help."""
    folder = copy_city(tmp_path)
    spoil(folder, "queues.toml", 'media = ["voice", "messaging"]\n', 'media = ["written"]\n')
    spoil(folder, "queues.toml", OVERFLOW, "")
    spoil(folder, "queues.toml", 'media = ["voice", "in_person"]', f'media = ["voice", "in_person"]\n{OVERFLOW}')
    spoil(folder, "queues.toml", 'restricted = true\nteams = ["socialtjanst"]', 'teams = ["socialtjanst"]')

    with pytest.raises(
        StrategyError, match=r"queue socialtjanst, cell overflow\.queue: expected a queue with a medium"
    ):
        _ = load_city(folder)


def voice(city: City, **facts: str | int | bool) -> Decision:
    """The decision for a call at noon."""
    return decide(city.strategy, {**city.calendar_facts(NOON), "medium": "voice", "channel": "phone", **facts})


def test_another_queues_teams_help_while_the_agreement_is_in_force(city: City) -> None:
    """The overflow is a step of the route from the day of the agreement on, for its media only."""
    decision = voice(city, topic="KUF.BIB")
    before = local_ms("2025-12-31 12:00")

    route = city.queue_route(decision, "voice", NOON)

    assert decision.queue == "generalist"
    assert [(step.at_s, step.teams) for step in route if step.teams] == [(600, ("norrby",))]
    assert city.queue_route(decision, "voice", before) == decision.route
    assert city.queue_route(decision, "in_person", NOON) == decision.route


def test_restricted_contacts_stay_with_their_own_teams(city: City) -> None:
    """What is restricted is not helped by the teams of an open queue."""
    decision = msgspec.structs.replace(voice(city, topic="KUF.BIB"), restricted=True)

    assert city.queue_route(decision, "voice", NOON) == decision.route


def test_the_queues_exits_follow_the_medium_and_what_may_be_promised(city: City) -> None:
    """Voice is called back, messaging is written to first; nobody whose callbacks are suppressed is called back."""
    open_to_all, hidden = voice(city, topic="KUF.BIB"), voice(city, protection="marked")

    assert city.queue_exits(open_to_all, "voice") == (Exit("callback"),)
    assert city.queue_exits(open_to_all, "messaging") == (Exit("written"), Exit("callback"))
    assert city.queue_exits(open_to_all, "written") == ()
    assert city.queue_exits(hidden, "voice") == ()
    assert city.queue_exits(hidden, "messaging") == (Exit("written"),)
    assert city.queue_exits(msgspec.structs.replace(open_to_all, emergency=True), "voice") == ()


def test_a_queue_may_let_go_after_so_long_a_wait(tmp_path: Path) -> None:
    """`exit_s` makes the queue's exits steps of the route, also to a unit, merged with the rules' own."""
    folder = copy_city(tmp_path)
    spoil(folder, "queues.toml", OVERFLOW, 'exit_s = { voice = 90 }\nexits = { voice = ["callback", "unit:kansli"] }')
    city = load_city(folder)

    route = city.queue_route(voice(city, topic="KUF.BIB"), "voice", NOON)

    assert [(step.at_s, step.exit, step.unit) for step in route] == [
        (60, "", ""),
        (90, "callback", ""),
        (90, "unit", "kansli"),
        (120, "", ""),
    ]


def test_flows_differ_by_medium(city: City) -> None:
    """A queue pushes unless it says otherwise, of all media or of one."""
    assert city.queue("generalist").flow_for("written") == "push"
    assert city.queue("naringsliv").flow_for("written") == "both"
    assert city.queue("naringsliv").flow_for("voice") == "push"


def test_a_queue_has_days_of_its_own(tmp_path: Path) -> None:
    """Exceptions of a queue change its hours, not its calendar's nor another queue's."""
    folder = copy_city(tmp_path)
    day = 'exceptions = [{ date = "2026-02-03", name = "Utbildningsdag", open = ["13:00-17:00"] }]\n'
    spoil(folder, "queues.toml", NEW, NEW + day)
    city = load_city(folder)

    assert not city.queue_calendar("generalist").is_open(NOON)
    assert city.queue_calendar("generalist").is_open(NOON + 3_600_000)
    assert city.queue_calendar("barn").is_open(NOON)
    assert city.calendars["servicecenter"].is_open(NOON)
    with pytest.raises(UnknownQueue):
        _ = city.queue_calendar("gone")


def test_the_example_city_shows_what_a_queue_can_say(city: City) -> None:
    """Reserve, closing, overflow, announcements, teams and a phone book are all in use, in fictional numbers."""
    general = city.queue("generalist")
    numbers = [entry.number for entry in city.phone_book.values()] + [unit.phone for unit in city.units.values()]

    assert (general.reserve, general.closing.serve_until_s, len(general.announcements)) == (1, 900, 3)
    assert {"servicecenter", "skyddad", "socialtjanst", "norrby"} == set(city.teams)
    assert all(number.startswith("+467017406") for number in numbers if number)
    assert check_city(EXAMPLE).findings == ()
