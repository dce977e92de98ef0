"""`servicecenter floor`: what a supervisor reads at a glance, in two languages, on any screen, service or none."""

import asyncio
import io
import os
import pty
import signal
import string
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from aiohttp import web
from rich.console import Console
from rich.text import Text

from router.app import Running, running
from router.cli import run_command
from router.commands.floor import TOKEN_VARIABLE
from router.config import CityConfig, Config, HttpConfig, StoreConfig
from router.floor_figures import (
    AgentFigure,
    AgentState,
    Alarm,
    AlarmKind,
    Band,
    CallbackFigure,
    DisturbanceFigure,
    FloorDocument,
    HandoverFigure,
    InHand,
    QueueFigure,
    QueueState,
    ServiceFigure,
)
from router.floor_view.feed import Ended, Feed
from router.floor_view.moments import lasted, share
from router.floor_view.picture import View, picture
from router.floor_view.trouble import is_unstaffed, trouble_of
from router.floor_view.words import LANGUAGES, Language, Words, catalogue
from router.http.auth import Caller
from router.http.description_floor import FLOOR
from router.orders import Order
from tests.journeys.ekeby import write_city

NOW = 1_795_421_700_120
MINUTE_MS = 60_000
WAIT_S = 20.0
HANG_S = 90.0
"""Only a program that hangs takes so long, however slow the machine."""
SIZES = [(80, 24), (100, 30), (140, 50)]


def busy_floor() -> FloorDocument:
    """A bad Monday: alarms, trouble in many queues, more agents than any screen has lines."""
    figure = ServiceFigure(20, 15, 9, 3, 1, 0, 9 / 17, 2 / 17)
    queues = [
        QueueFigure("finska", "voice", 1, "Suomeksi", oldest_at=NOW - MINUTE_MS, no_one_possible=1, band="nobody"),
        QueueFigure("bygg", "written", 7, "Bygga", overdue=2, due_soon=3, next_due_at=NOW - MINUTE_MS, today=figure),
        QueueFigure(
            "gata", "voice", 4, "Gata", oldest_at=NOW - 4 * MINUTE_MS, able=5, band="5_to_10_min", today=figure
        ),
        QueueFigure("barn", "voice", 0, "Barn", "closing", NOW + MINUTE_MS, last_15_min=figure),
        QueueFigure("vatten", "voice", 0, "Vatten", "diverted", to="gata"),
        *(QueueFigure(f"q{number}", "voice", 1, f"Kö {number}", oldest_at=NOW - 1_000, able=1) for number in range(30)),
        QueueFigure("stilla", "voice", 0, "Stilla"),
    ]
    hand = InHand("c1", "phone", "voice", "leg", NOW - 20 * MINUTE_MS, 1_200)
    agents = [
        AgentFigure("deaf", "Doris", "not_responding", NOW - 90_000, "away", reason="not_responding"),
        AgentFigure("long", "Lars", "live", NOW - 20 * MINUTE_MS, "available", in_hand=(hand,)),
        *(AgentFigure(f"a{number}", f"Anna {number}", "idle", NOW, "available") for number in range(60)),
    ]
    return FloorDocument(
        NOW,
        "Ekeby stad",
        "Europe/Stockholm",
        crisis_until=NOW + 60 * MINUTE_MS,
        queues=tuple(queues),
        live_today=figure,
        live_15_min=figure,
        agent_states={"not_responding": 1, "live": 1, "idle": 60},
        alarms=(
            Alarm("overdue", NOW - MINUTE_MS, "bygg", "written", contacts=2),
            Alarm("not_responding", NOW - 90_000, agent="deaf"),
            Alarm("no_one_possible", NOW - 5_000, "finska", "voice", contacts=1),
            Alarm("floor_rule", NOW - MINUTE_MS, "bygg", code="long_waits"),
        ),
        callbacks=CallbackFigure(3, 2, 1, 1, 0),
        handovers=HandoverFigure(5, 31, 2),
        notices_late=0,
        fairness=0.94,
        agents=tuple(agents),
    )


def drawn(floor: FloorDocument, width: int = 80, height: int = 24, language: Language = "sv", warning: str = "") -> str:
    """The picture as plain text."""
    console = Console(file=io.StringIO(), width=width, height=height, color_system=None, force_terminal=False)
    console.print(picture(View(floor, NOW, Words(language), width, height, Text("link"), Text(warning))))
    return str(getattr(console.file, "getvalue")())  # noqa: B009 # a StringIO


def fields(words: str) -> set[str]:
    """What is filled into a word."""
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


# Words -------------------------------------------------------------------------------------------------------------


def test_both_languages_say_the_same_things() -> None:
    """Every word stands in both languages and is filled with the same facts."""
    swedish, english = (catalogue()[language] for language in LANGUAGES)
    assert swedish.keys() == english.keys()
    assert {key: fields(word) for key, word in swedish.items()} == {key: fields(w) for key, w in english.items()}


@pytest.mark.parametrize(
    ("group", "codes"),
    [
        ("agent", get_args(AgentState)),
        ("alarm", get_args(AlarmKind)),
        ("band", get_args(Band)),
        ("state", get_args(QueueState)),
        ("medium", ("voice", "messaging", "written", "in_person")),
        ("kind", ("offer", "leg", "wrap", "parked", "interrupted", "consult", "supervisor")),
        ("trouble", ("0", "1", "2", "3")),
    ],
)
def test_every_code_has_a_word(group: str, codes: tuple[str, ...]) -> None:
    """Whatever the service may say of the floor is said in words."""
    for language in LANGUAGES:
        assert {f"{group}_{code}" for code in codes} <= catalogue()[language].keys()


def test_a_code_without_a_word_is_shown_as_it_is() -> None:
    """Reasons are free codes: an unknown one is better than nothing."""
    assert Words("sv").code("reason", "dentist") == "dentist"


# Picture -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_picture_fits_the_screen(width: int, height: int, language: Language) -> None:
    """However much goes wrong: no line is too long, no line too many, and both tables have room."""
    lines = drawn(busy_floor(), width, height, language).rstrip("\n").split("\n")
    assert len(lines) <= height
    assert max(map(len, lines)) <= width
    assert any("Suomeksi" in line for line in lines)
    assert any("Doris" in line and Words(language).say("long") in line for line in lines)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_out_of_order_stands_before_the_alarms(language: Language) -> None:
    """In words, with the topics it explains and until when it is thought to last."""
    hour = 60 * MINUTE_MS
    leak = DisturbanceFigure("leak", ("VAT.*",), "Vattnet är avstängt", NOW, NOW + 2 * hour, NOW + hour)
    floor = msgspec.structs.replace(busy_floor(), disturbances=(leak,))
    lines = drawn(floor, 120, 40, language).split("\n")
    (told,) = [line for line in lines if line.startswith("~ ")]
    assert "Vattnet är avstängt (VAT.*)" in told
    assert Words(language).say("crisis", until="").strip() not in told
    assert lines.index(told) < next(number for number, line in enumerate(lines) if line.startswith("! "))


def test_alarms_come_first_with_their_age() -> None:
    """Nobody possible before who does not answer before overdue; each says for how long."""
    lines = drawn(busy_floor()).split("\n")
    alarms = [line for line in lines if line.startswith("! ")]
    assert ["KAN TA Suomeksi" in alarms[0], "Doris" in alarms[1], "Bygga" in alarms[2]] == [True] * 3
    assert alarms[0].startswith("! 0:05 ")
    assert lines.index(alarms[0]) < next(number for number, line in enumerate(lines) if "AKUT" in line)


def test_queues_stand_by_trouble_and_say_it_in_a_word() -> None:
    """Without any colour the order and the word tell how bad it is."""
    lines = drawn(busy_floor(), 100, 60).split("\n")
    shown = [line for line in lines if line.startswith(("AKUT", "HÖG", "OBS", "ok"))]
    assert [line.split()[0] for line in shown[:4]] == ["AKUT", "HÖG", "OBS", "OBS"]
    assert [line.split()[1] for line in shown[:2]] == ["Suomeksi", "Bygga"]
    assert "stänger 09:16" in next(line for line in shown if " Barn" in line) or "stänger" in drawn(
        busy_floor(), 100, 60
    )
    assert "styrd till Gata" in drawn(busy_floor(), 100, 60)


def test_figures_that_must_not_be_trusted_say_so_first() -> None:
    """A lost connection stands in the first line, on the narrowest screen too."""
    assert drawn(busy_floor(), 60, 24, warning="FÖRBINDELSEN BRUTEN").startswith("FÖRBINDELSEN BRUTEN")


def crowded() -> FloorDocument:
    """A floor whose figures are as wide as they get."""
    figure = ServiceFigure(1_214, 1_196, 1_171, 15, 4, 0, 1171 / 1207, 11 / 1207)
    rows = [
        QueueFigure(
            "bygg", "written", 1_204, "Bygga, bo, mark och andra långa namn", due_soon=112, overdue=107,
            next_due_at=NOW - 90 * MINUTE_MS, able=116, idle=104, today=figure, last_15_min=figure,
        ),
        QueueFigure("barn", "voice", 26, "Barn och utbildning", "closing", NOW + MINUTE_MS, able=12, band="5_to_10_min",
                    oldest_at=NOW - 7 * MINUTE_MS, last_15_min=figure, today=figure),
        QueueFigure("vatten", "voice", 0, "Vatten", "diverted", NOW + MINUTE_MS, to="bygg"),
        QueueFigure("omsorg", "voice", 1, "Omsorg", "closed", NOW + 24 * 60 * MINUTE_MS, oldest_at=NOW - 60_000),
    ]  # fmt: skip
    orders = (Order("queue_diverted", "vatten", "bygg", reason="Vattenläcka", by="supervisor:siv", at=NOW),)
    states = {str(state): 12 for state in get_args(AgentState)}
    return FloorDocument(
        NOW, "Ekeby stad", "Europe/Stockholm", queues=tuple(rows), live_today=figure, live_15_min=figure,
        agent_states=states, orders=orders,
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", range(72, 202, 6))
def test_no_figure_is_ever_cut(width: int, language: Language) -> None:
    """On a narrow screen a column goes or a name gets shorter; 1204 waiting never reads as 120."""
    words = Words(language)
    lines = drawn(crowded(), width, 40, language).split("\n")
    written, barn = (next(line for line in lines if line.find(name) in range(4, 9)) for name in ("Bygga", "Barn"))
    cells = written.split(words.code("medium", "written"))[1].split()
    late = words.say("late_by", time="1 h 30").split()
    allowed = [["1204"], late, ["107+112"], ["104/116"], ["97", "%"], ["97", "%", "1171/1207"], ["97", "%"], ["1", "%"]]
    whole = [part for group in allowed for part in group]
    assert [cell for cell in cells if cell not in whole and not cell.isalpha()] == []
    assert {"1204", "30"} <= set(cells)
    assert words.code("band", "5_to_10_min") in barn
    assert f"12 {words.code('agent', 'idle')}" in "\n".join(lines)
    assert "24/11" not in "\n".join(lines) or "24/11 09:15" in "\n".join(lines)


def test_the_head_says_who_waits() -> None:
    """All who are on the line, the oldest of them, and the letters; then the shares."""
    first = drawn(crowded(), 120).split("\n")[0]
    assert "Väntar: 27 på linjen (äldst 7:00) · 1204 skrivna" in first


def test_an_order_says_by_whom_and_why() -> None:
    """Another supervisor's diversion explains itself."""
    assert "» Vatten STYRD till Bygga, bo, mark och andra långa namn: Vattenläcka (siv)" in drawn(crowded(), 120)


def test_who_is_free_says_what_they_can() -> None:
    """The skills of an idle agent stand where the work of a busy one does; nobody at all is said in words."""
    agent = AgentFigure("a1", "Aino", "idle", NOW - MINUTE_MS, "available", skills={"bygg": 2, "finska": 3})
    floor = FloorDocument(NOW, "Ekeby stad", "Europe/Stockholm", agents=(agent,), agent_states={"idle": 1})
    line = next(line for line in drawn(floor, 100).split("\n") if "Aino" in line)
    assert "bygg, finska" in line
    assert "ingen inloggad" in drawn(FloorDocument(NOW, "Ekeby stad", "Europe/Stockholm"))


def test_an_empty_floor_is_calm() -> None:
    """Before anything has happened nothing is made up: unknown shares, no alarms."""
    text = drawn(FloorDocument(NOW, "Ekeby stad", "Europe/Stockholm"))
    assert "Inga larm" in text
    assert Words("sv").say("unknown") in text
    assert "0 %" not in text


def test_the_described_example_can_be_drawn() -> None:
    """The example of the interface's description makes a picture."""
    assert "Bygga, bo" in drawn(msgspec.convert(FLOOR, FloorDocument), 140, 50)


@pytest.mark.parametrize(
    ("row", "trouble"),
    [
        (QueueFigure("q", "voice", 0), 0),
        (QueueFigure("q", "voice", 1, oldest_at=NOW - 1_000), 0),
        (QueueFigure("q", "voice", 1, oldest_at=NOW - 3 * MINUTE_MS), 1),
        (QueueFigure("q", "written", 1, due_soon=1), 1),
        (QueueFigure("q", "written", 1, overdue=1), 2),
        (QueueFigure("q", "voice", 1, oldest_at=NOW - 6 * MINUTE_MS), 2),
        (QueueFigure("q", "voice", 1, oldest_at=NOW - 11 * MINUTE_MS), 3),
        (QueueFigure("q", "voice", 1, no_one_possible=1), 3),
        (QueueFigure("q", "voice", 0, last_15_min=ServiceFigure(answered=4, service_level=0.5)), 0),
        (QueueFigure("q", "voice", 0, last_15_min=ServiceFigure(answered=5, service_level=0.79)), 1),
    ],
)
def test_trouble(row: QueueFigure, trouble: int) -> None:
    """From ok to urgent; a service level of a few contacts says nothing."""
    assert trouble_of(row, NOW) == trouble


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (245, "4:05"), (7_500, "2 h 05"), (-90, "-1:30"), (270_000, "3 d 3 h"), (3_599.9, "59:59")],
)
def test_times_are_short(seconds: float, text: str) -> None:
    """Minutes and seconds, hours, days; a minus for what is past due."""
    assert lasted(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, "-"), (0, "0 %"), (0.826, "83 %"), (0.9999, "99 %"), (1.0, "100 %")]
)
def test_only_all_of_it_is_a_hundred(value: float | None, text: str) -> None:
    """Rounding never turns one lost contact into none."""
    assert share(value) == text


# Against a service ---------------------------------------------------------------------------------------------------


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    """A real service."""
    city = write_city(tmp_path / "city")
    store = StoreConfig(data_dir=str(tmp_path / "var"))
    async with running(Config(http=HttpConfig(port=0), store=store, city=CityConfig(path=str(city)))) as found:
        yield found


def token_of(service: Running, role: str = "supervisor") -> str:
    """A token of the service's own making."""
    return service.tokens.create(msgspec.convert({"role": role, "name": "wall", "agent": "wall"}, Caller))


async def ran(*arguments: str) -> int:
    """The command in a thread of its own; its status."""
    return await asyncio.to_thread(run_command, ["floor", *arguments])


async def until_led(service: Running) -> None:
    """Until somebody publishes figures."""
    while not await service.store.runner.read("EXISTS", service.store.keys.prefix + "figures"):
        await asyncio.to_thread(os.sched_yield)


async def test_once_and_json(
    service: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One picture, or the document itself; the token from a file or from the environment, and never shown."""
    await until_led(service)
    token = token_of(service)
    (tmp_path / "token").write_text(token + "\n", encoding="utf-8")
    assert await ran("--url", service.url, "--token-file", str(tmp_path / "token"), "--once", "--lang", "en") == 0
    shown = capsys.readouterr()
    assert "Ekeby stad" in shown.out
    monkeypatch.setenv(TOKEN_VARIABLE, token)
    assert await ran("--url", service.url + "/", "--json") == 0
    printed = capsys.readouterr()
    document = msgspec.json.decode(printed.out, type=FloorDocument)
    assert {row.queue for row in document.queues} == set(service.city.queues)
    assert token not in shown.out + shown.err + printed.out + printed.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--url", "URL", "--token", "made-up"], "unauthenticated"),
        (["--url", "URL", "--token", "AGENT"], "forbidden"),
        (["--url", "http://127.0.0.1:9", "--token", "x"], "127.0.0.1:9"),
        (["--url", "nonsense", "--token", "x"], "--url"),
        (["--url", "URL"], "--token"),
        (["--url", "URL", "--token-file", "/nowhere"], "--token-file"),
    ],
)
async def test_what_can_not_be_shown_is_said(
    service: Running,
    arguments: list[str],
    told: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A sentence on stderr and status 2, without a traceback."""
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    await until_led(service)
    known = {"URL": service.url, "AGENT": token_of(service, "agent")}
    assert await ran(*(known.get(argument, argument) for argument in arguments), "--once") == 2
    shown = capsys.readouterr()
    assert told in shown.err
    assert "Traceback" not in shown.err
    assert "Ekeby stad" not in shown.out


async def test_the_view_ends_cleanly(service: Running) -> None:
    """It draws, again and again, and Ctrl-C ends it with 0 and nothing on stderr."""
    environment = os.environ | {TOKEN_VARIABLE: token_of(service), "TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "router", "floor", "--url", service.url,
        env=environment, stdin=theirs, stdout=theirs, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    os.close(theirs)
    shown, is_drawn_again = bytearray(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def read() -> None:
        # To the very end: a terminal that nobody reads lets its program wait for ever, also with its last picture.
        try:
            shown.extend(os.read(ours, 65_536))
        except OSError:  # the program has closed its end
            loop.remove_reader(ours)
        if shown.count(b"Ekeby stad") >= 2:
            is_drawn_again.set()

    loop.add_reader(ours, read)
    try:
        async with asyncio.timeout(HANG_S):
            await is_drawn_again.wait()
            process.send_signal(signal.SIGINT)
            _, errors = await process.communicate()
    finally:
        loop.remove_reader(ours)
        os.close(ours)
        if process.returncode is None:
            process.kill()
    assert (process.returncode, errors) == (0, b"")
    assert TOKEN_VARIABLE.encode() not in shown


# Coming back ---------------------------------------------------------------------------------------------------------

Speak = Callable[[web.WebSocketResponse, int], object]


async def served(speak: Speak, port_holder: list[str]) -> web.AppRunner:
    """A service that only greets, and then does what the test says."""
    visits = iter(range(1_000))

    async def ticket(_: web.Request) -> web.Response:
        return web.json_response({"ticket": "t"}, status=201)

    async def desktop(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"t": "hello", "v": 1, "hb": 25, "max": 65536})
        await socket.receive()
        document = msgspec.to_builtins(FloorDocument(NOW, "Ekeby stad"))
        ready = {"t": "ready", "sid": "s", "seq": 0, "resume_ttl": 1, "snapshot": {"floor": document}}
        await socket.send_json(ready)
        await socket.receive()
        code = speak(socket, next(visits))
        if isinstance(code, int):
            await socket.close(code=code)
        else:
            await socket.receive()
        return socket

    app = web.Application()
    app.add_routes([web.post("/v1/ws-tickets", ticket), web.get("/v1/desktop", desktop)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port_holder.append(f"http://127.0.0.1:{runner.addresses[0][1]}")
    return runner


async def test_a_lost_connection_is_said_and_mended() -> None:
    """The service goes down twice: the view says why and when it tries again, keeps its figures, and comes back."""
    where: list[str] = []
    runner = await served(lambda _, visit: 1012 if visit < 2 else None, where)
    feed = Feed(where[0], "token")
    following = asyncio.create_task(feed.run())
    states: list[tuple[str, str]] = []
    async with asyncio.timeout(WAIT_S):
        while states.count(("connected", "")) < 3:
            await feed.changed.wait()
            feed.changed.clear()
            if not states or states[-1] != (feed.state, feed.why):
                states.append((feed.state, feed.why))
            if feed.state == "connected" and len(states) > 4:
                break
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    await runner.cleanup()
    assert ("lost", "1012") in states
    assert feed.floor is not None


async def test_another_view_of_the_same_name_ends_this_one() -> None:
    """Two screens with one token would throw each other out for ever: the older one gives up and says so."""
    where: list[str] = []
    runner = await served(lambda _, __: 4009, where)
    feed = Feed(where[0], "token")
    async with asyncio.timeout(WAIT_S):
        with pytest.raises(Ended) as ended:
            await feed.run()
    await runner.cleanup()
    assert ended.value.slug == "replaced"


def test_an_open_queue_without_a_crew_is_looked_at_first() -> None:
    """Marked and named `obemannad` while nobody waits yet; a closed one, or one that nobody has measured, is not."""
    unstaffed = QueueFigure("finska", "voice", 0, "Finska", crew=0)
    assert is_unstaffed(unstaffed)
    assert trouble_of(unstaffed, NOW) == 1
    for other in (
        msgspec.structs.replace(unstaffed, crew=1),
        msgspec.structs.replace(unstaffed, crew=None),
        msgspec.structs.replace(unstaffed, state="closed"),
        msgspec.structs.replace(unstaffed, medium="written"),
    ):
        assert trouble_of(other, NOW) == 0
