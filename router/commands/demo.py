"""`servicecenter demo`: a whole city on this machine, until Ctrl-C: the real service, made-up people around it."""

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import msgspec
import uvloop
from rich.console import Console
from rich.live import Live

from router.clock import SystemClock, elapsed_s
from router.config import Config
from router.demo import calibration
from router.demo.fast_city import write_fast_city
from router.demo.live_view import Setting, picture, plain_line
from router.demo.residents import Residents
from router.demo.scoreboard import Percentiles, Scoreboard
from router.demo.service import Service, free_port, logged_errors, own_service
from router.demo.stage import Crew, calling, city_of, deciding_rules, floor
from router.demo.traffic import Traffic
from router.demo.watch import Goal, Watch
from router.errors import ConfigurationError

REFRESHES_PER_S = 3
PLAIN_EVERY_S = 2.0
DEFAULT_SPEED = 60.0
TOKENS = "tokens.sh"
EVENT = (
    '{"specversion":"1.0","id":"1","source":"/you","type":"se.servicecenter.contact.received",'
    '"data":{"channel":"web","text":"Gatlampan vid torget är trasig"}}'
)


class Options(msgspec.Struct, frozen=True):
    """What the command line asks for, checked."""

    seconds: float
    per_s: float
    agents: int
    speed: float
    seed: int
    is_json: bool


class Summary(msgspec.Struct, frozen=True):
    """What `--json` prints at the end."""

    seconds: float
    city_seconds: float
    speed: float
    agents: int
    posted: int
    accepted: int
    observed: int
    answered: int
    abandoned: int
    handed_over: int
    handed_over_by_agents: int
    messages: int
    by_channel: dict[str, int]
    offers: dict[str, int]
    finished: dict[str, int]
    handovers: dict[str, int]
    departments: dict[str, int]
    refused: dict[str, int]
    resumes: int
    service_errors: int
    """Errors in the service's log; must be 0."""
    first_offer_ms: Percentiles
    """From 202 to the first offer on a desktop, waiting for a free agent included."""
    goal: Goal | None


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `demo`."""
    parser.add_argument(
        "--seconds", type=float, default=0.0, metavar="N", help="end after N seconds; default: at Ctrl-C"
    )
    parser.add_argument(
        "--rate", type=float, default=0.0, metavar="X", help="contacts a second; default: the city's own"
    )
    parser.add_argument(
        "--agents", type=int, default=0, metavar="N", help="how many agents; default: enough for the rate"
    )
    parser.add_argument(
        "--speed", type=float, default=DEFAULT_SPEED, help="how much faster the city lives (default 60)"
    )
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same residents")
    parser.set_defaults(command=demo)


def demo(arguments: argparse.Namespace, config: Config) -> int:
    """Run the show."""
    options = _options(arguments)
    summary = uvloop.run(show(config, options))
    text = msgspec.json.encode(summary).decode() if options.is_json else in_words(summary)
    sys.stdout.write(text + "\n")
    return 0


def _options(arguments: argparse.Namespace) -> Options:
    speed: float = arguments.speed
    if not 1 <= speed <= 1000:  # noqa: PLR2004 # slower than life or faster than timers tell nothing
        raise ConfigurationError("expected 1 to 1000", field="--speed")
    for name in ("seconds", "rate", "agents"):
        if getattr(arguments, name) < 0:
            raise ConfigurationError("expected a positive number", field=f"--{name}")
    per_s: float = arguments.rate or calibration.mean_per_s(speed)
    agents: int = arguments.agents or calibration.agents_for(per_s, speed)
    return Options(arguments.seconds, per_s, agents, speed, arguments.seed, arguments.json)


async def show(config: Config, options: Options) -> Summary:
    """The service, the floor, the residents, the view; everything ends in the opposite order."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    make_city = partial(_make_city, config.city_path, options.speed)
    port = free_port(config.http.host, config.http.port)
    board = Scoreboard()
    began = elapsed_s()
    sys.stderr.write("starting the service ...\n")
    async with own_service(config, make_city, port=port) as service, calling(service) as api:
        residents = Residents(api, service.token("integration", "demo"), board, options.speed)
        watch = Watch(api, service.token("supervisor", "demo"), board)
        crew = Crew(options.agents, options.speed, options.seed)
        async with floor(service, api, residents, board, crew) as agents:
            setting = _setting(config, service, options)
            opened = elapsed_s()
            per_city_s = options.per_s / options.speed
            tasks = [
                asyncio.create_task(residents.live(Traffic(options.seed, per_city_s)), name="residents"),
                asyncio.create_task(watch.run(), name="watch"),
                asyncio.create_task(_view(service, setting, board, watch, residents, options, opened), name="view"),
            ]
            async with _cancelling(tasks):
                await _until(stop, options.seconds, tasks)
            await residents.close()
            await watch.look()
        resumes = sum(agent.client.resumes for agent in agents)
        errors = logged_errors(service)
        return _summary(board, watch, options, elapsed_s() - began, residents.city_s, resumes, errors)


def _make_city(source: Path, speed: float, target: Path) -> None:
    write_fast_city(source, target, speed, SystemClock().now_ms())


@asynccontextmanager
async def _cancelling(tasks: list[asyncio.Task[None]]) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _until(stop: asyncio.Event, seconds: float, tasks: list[asyncio.Task[None]]) -> None:
    """Until a signal, the time asked for, or a part of the show that fails."""
    stopping = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([stopping, *tasks], timeout=seconds or None, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        stopping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await stopping


async def _view(
    service: Service,
    setting: Setting,
    board: Scoreboard,
    watch: Watch,
    residents: Residents,
    options: Options,
    opened: float,
) -> None:
    """A live picture in a terminal, otherwise a line every two seconds; with --json lines go to stderr."""
    console = Console()
    tokens = (service.data_dir / TOKENS).read_text(encoding="utf-8")
    out = sys.stderr if options.is_json else sys.stdout
    out.write(f"{tokens}{setting.next_steps}\n")
    out.flush()
    if options.is_json or not console.is_terminal:
        while True:
            await asyncio.sleep(PLAIN_EVERY_S)
            out.write(plain_line(board, watch, residents.city_s) + "\n")
            out.flush()
    clock = SystemClock()
    with Live(console=console, screen=True, auto_refresh=False, transient=True) as live:
        while True:
            now = elapsed_s()
            rows = console.size.height
            shown = picture(setting, board, watch, residents.city_s, clock.now_ms(), now - opened, rows)
            live.update(shown, refresh=True)
            await asyncio.sleep(1 / REFRESHES_PER_S)


def _setting(config: Config, service: Service, options: Options) -> Setting:
    city = city_of(service)
    is_wanted = not config.http.port or service.url.endswith(f":{config.http.port}")
    notes = () if is_wanted else (f"port {config.http.port} is taken",)
    return Setting(
        city=city.info.name,
        url=service.url,
        speed=options.speed,
        per_s=options.per_s,
        agents=options.agents,
        rule_titles={rule.id: rule.title for rule in city.strategy.strategy.rules},
        deciding_rules=deciding_rules(city),
        next_steps=_next_steps(service),
        notes=notes,
    )


def _next_steps(service: Service) -> str:
    """Commands that work, and the file with what they need; it goes with the data directory."""
    lines = [
        f"U={service.url}",
        f"S={service.token('supervisor', 'you')}",
        f"I={service.token('integration', 'you')}",
    ]
    path = service.data_dir / TOKENS
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return f""". {path}   # U is the address, S a supervisor's token, I an integration's
.venv/bin/servicecenter floor --url $U --token $S   # the floor as a supervisor sees it, live
curl -s $U/v1/goal -H "Authorization: Bearer $S"
curl -s $U/v1/queues -H "Authorization: Bearer $S"
curl -s $U/v1/events -H "Authorization: Bearer $I" -H "Content-Type: application/cloudevents+json" -d '{EVENT}'
curl -s $U/v1/contacts/ID/decision -H "Authorization: Bearer $S"   # ID from the answer above"""


def in_words(summary: Summary) -> str:
    """The end of the show in a few lines."""
    goal = summary.goal
    share = goal.ratio.resolved if goal else None
    return (
        f"{summary.city_seconds / 3600:.1f} hours of the city in {summary.seconds:.0f} s: {summary.accepted} contacts, "
        f"{summary.answered} met by an agent, {summary.handed_over} handed over, {summary.abandoned} left before; "
        f"resolved by the servicecenter {f'{share:.0%}' if share is not None else '-'}"
    )


def _summary(
    board: Scoreboard, watch: Watch, options: Options, seconds: float, city_s: float, resumes: int, errors: int
) -> Summary:
    return Summary(
        seconds=round(seconds, 2),
        city_seconds=round(city_s),
        speed=options.speed,
        agents=options.agents,
        posted=board.posted,
        accepted=board.accepted,
        observed=board.observed,
        answered=board.answered,
        abandoned=board.abandoned,
        handed_over=sum(watch.handovers.values()),
        handed_over_by_agents=board.handed_over,
        messages=board.messages,
        by_channel=dict(board.by_channel),
        offers=dict(board.offers),
        finished=dict(board.finished),
        handovers=watch.handovers,
        departments=dict(board.units),
        refused=dict(board.refused),
        resumes=resumes,
        service_errors=errors,
        first_offer_ms=board.offer_times(),
        goal=watch.goal,
    )
