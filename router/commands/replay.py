"""`servicecenter replay FILE`: recorded contacts through the real intake, strategy and floor; a report at the end."""

import argparse
import asyncio
import itertools
import signal
import sys
from functools import partial
from pathlib import Path

import msgspec
import uvloop

from router.clock import SystemClock, elapsed_s
from router.config import Config
from router.demo.fast_city import write_fast_city
from router.demo.recorded import read_rows
from router.demo.replay_report import Report, first_decisions, in_words, report, tally
from router.demo.replaying import Pace, Replay
from router.demo.scoreboard import Scoreboard
from router.demo.service import Service, own_service
from router.demo.simulated_agents import STEADY
from router.demo.stage import Crew, calling, city_of, deciding_rules, floor
from router.demo.watch import Watch
from router.errors import ConfigurationError
from router.http.public import utc
from router.register.engine import open_engine

SPEED = 10_000.0
DRAIN_S, STILL_S, QUIET_S, REGISTER_S = 600.0, 10.0, 2.0, 60.0
PROGRESS_S = 2.0
POLL_S = 0.5


class Options(msgspec.Struct, frozen=True):
    """What the command line asks for, checked."""

    file: Path
    limit: int
    per_s: float
    agents: int
    speed: float


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `replay`."""
    parser.add_argument(
        "file", metavar="FILE", help="311 requests (CSV) or the call centre's calls (TSV), also gzipped"
    )
    parser.add_argument("--limit", type=int, default=0, metavar="N", help="only the first N rows")
    pace = parser.add_mutually_exclusive_group()
    pace.add_argument("--rate", type=float, default=0.0, metavar="R", help="rows a second")
    pace.add_argument("--fast", action="store_true", help="as fast as the service takes them (default)")
    parser.add_argument("--agents", type=int, default=40, metavar="N", help="how many agents (default 40)")
    parser.add_argument("--speed", type=float, default=SPEED, help="how much faster than recorded people live")
    parser.set_defaults(command=replay)


def replay(arguments: argparse.Namespace, config: Config) -> int:
    """Replay and report; status 1 when the service refused anything."""
    for name in ("limit", "rate", "agents"):
        if getattr(arguments, name) < 0:
            raise ConfigurationError("expected a positive number", field=f"--{name}")
    if arguments.speed <= 0:
        raise ConfigurationError("expected a positive number", field="--speed")
    options = Options(Path(arguments.file), arguments.limit, arguments.rate, arguments.agents, arguments.speed)
    # The header is read before anything is started.
    next(read_rows(options.file), None)
    found, rule_titles = uvloop.run(run_replay(config, options))
    text = msgspec.json.encode(found).decode() + "\n" if arguments.json else in_words(found, rule_titles)
    sys.stdout.write(text)
    return int(bool(found.refused))


async def run_replay(config: Config, options: Options) -> tuple[Report, dict[str, str]]:
    """A service for the replay, a floor that drains it, the rows, the report; a signal ends the sending."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    make_city = partial(_standing_city, config.city_path)
    board = Scoreboard()
    async with own_service(config, make_city, port=0) as service, calling(service) as api:
        token = service.token("integration", "replay", rights=("backdate",))
        sender = Replay(api, token, Pace(options.per_s, options.speed))
        watch = Watch(api, service.token("supervisor", "replay"), board)
        crew = Crew(options.agents, options.speed, temper=STEADY)
        async with floor(service, api, sender, board, crew):
            await _send(sender, watch, board, options, stop)
            if not stop.is_set():
                await _drained(watch, board, sender, stop)
            await sender.close()
        return await _report(service, sender, watch, board), {
            rule.id: rule.title for rule in city_of(service).strategy.strategy.rules
        }


def _standing_city(source: Path, target: Path) -> None:
    """The city's own durations; always forenoon; no floor rules: waits are the replay's, not a floor's."""
    write_fast_city(source, target, 1.0, SystemClock().now_ms(), has_floor_rules=False)


async def _send(sender: Replay, watch: Watch, board: Scoreboard, options: Options, stop: asyncio.Event) -> None:
    rows = read_rows(options.file)
    chosen = itertools.islice(rows, options.limit) if options.limit else rows
    began = elapsed_s()
    sending = asyncio.create_task(sender.run(chosen), name="rows")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        while not (sending.done() or stopping.done()):
            await asyncio.wait([sending, stopping], timeout=PROGRESS_S, return_when=asyncio.FIRST_COMPLETED)
            await watch.look(with_goal=False)
            _tell(sender, watch, board, elapsed_s() - began)
        if sending.done():
            sending.result()
    finally:
        for task in (sending, stopping):
            task.cancel()
        await asyncio.wait([sending, stopping])
        sender.seconds = sender.seconds or elapsed_s() - began


async def _drained(watch: Watch, board: Scoreboard, sender: Replay, stop: asyncio.Event) -> None:
    """Until nobody waits and nothing moves, or nothing has moved for longer. Queue figures are a second old."""
    began = moved = told = elapsed_s()
    last = (-1, -1)
    while elapsed_s() - began < DRAIN_S and not stop.is_set():
        await asyncio.sleep(POLL_S)
        await watch.look(with_goal=False)
        now = elapsed_s()
        if (board.answered, sender.left) != last:
            last, moved = (board.answered, sender.left), now
        elif now - moved > (STILL_S if watch.waiting() else QUIET_S):
            return
        if now - told > PROGRESS_S:
            told = now
            _tell(sender, watch, board, now - began)


def _tell(sender: Replay, watch: Watch, board: Scoreboard, seconds: float) -> None:
    done = sender.accepted + sender.observed
    sys.stderr.write(
        f"{seconds:6.1f} s  rows {sender.rows}  accepted {done}  met {board.answered}  waiting {watch.waiting()}\n"
    )


async def _report(service: Service, sender: Replay, watch: Watch, board: Scoreboard) -> Report:
    """Wait until the register has caught up, then count."""
    watch.period = {"from": utc(sender.first_ms), "to": utc(sender.last_ms + 1)} if sender.last_ms else {}
    began = elapsed_s()
    while True:
        await watch.look()
        contacts = watch.goal.contacts if watch.goal else None
        if contacts and contacts.received + contacts.observed >= sender.accepted + sender.observed:
            break
        if elapsed_s() - began > REGISTER_S:
            break
        await asyncio.sleep(POLL_S)
    rules = deciding_rules(city_of(service))
    engine = open_engine(f"sqlite:///{service.data_dir / 'register.db'}", is_reader=True)
    try:
        decisions = await asyncio.to_thread(lambda: tally(first_decisions(engine), rules))
    finally:
        engine.dispose()
    return report(
        sender, decisions, met=board.answered, waiting=watch.waiting(), handovers=watch.handovers, goal=watch.goal
    )
