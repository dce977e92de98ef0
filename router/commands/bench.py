"""`servicecenter bench`: measure the budgets against services of its own; nothing of yours is touched."""

import argparse
import sys
from collections.abc import Awaitable, Callable, Mapping

import msgspec
import structlog
import uvloop
from rich.console import Console
from rich.table import Table

from router.bench.chat import bench_chat
from router.bench.decide import bench_decide
from router.bench.desktop import bench_desktop
from router.bench.email import bench_email
from router.bench.figures import Figure
from router.bench.intake import bench_intake
from router.bench.memory import bench_memory
from router.bench.phone import bench_phone
from router.bench.planning import bench_planning
from router.bench.register import bench_register
from router.bench.replay import bench_replay
from router.bench.route import bench_route
from router.bench.simulate import bench_simulate
from router.bench.web import bench_web
from router.config import Config

Figures = list[Figure]
_log = structlog.get_logger(__name__)


async def _decide(*, is_quick: bool) -> Figures:
    return bench_decide(is_quick=is_quick)


async def _route(*, is_quick: bool) -> Figures:
    figures = await bench_route(is_quick=is_quick)
    return [*figures, *bench_planning(is_quick=is_quick), *await bench_memory(is_quick=is_quick)]


async def _simulate(*, is_quick: bool) -> Figures:
    return bench_simulate(is_quick=is_quick)


async def _replay(*, is_quick: bool) -> Figures:
    return bench_replay(is_quick=is_quick)


PARTS: Mapping[str, Callable[..., Awaitable[Figures]]] = {
    "decide": _decide,
    "intake": bench_intake,
    "route": _route,
    "desktop": bench_desktop,
    "register": bench_register,
    "phone": bench_phone,
    "simulate": _simulate,
    "replay": _replay,
    "email": bench_email,
    "chat": bench_chat,
    "web": bench_web,
}
"""What can be measured, in the order of `all`."""


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `bench`."""
    parser.add_argument("part", choices=[*PARTS, "all"], help="what to measure")
    parser.add_argument("--quick", action="store_true", help="smaller and shorter: rougher figures in less time")
    parser.add_argument("--strict", action="store_true", help="status 1 when a budget is missed")
    parser.set_defaults(command=bench)


def bench(arguments: argparse.Namespace, config: Config) -> int:
    """Measure and print; status 0 when it ran."""
    del config
    names = list(PARTS) if arguments.part == "all" else [arguments.part]
    figures: Figures = []
    for name in names:
        _log.info("measuring", part=name)
        figures += uvloop.run(_measured(name, is_quick=arguments.quick))
    if arguments.json:
        sys.stdout.write(msgspec.json.encode(figures).decode() + "\n")
    else:
        Console(file=sys.stdout, width=None if sys.stdout.isatty() else 200).print(table(figures))
    return int(arguments.strict and any(figure.ok is False for figure in figures))


async def _measured(name: str, *, is_quick: bool) -> Figures:
    return await PARTS[name](is_quick=is_quick)


def table(figures: Figures) -> Table:
    """The figures for people."""
    made = Table(box=None, header_style="bold")
    made.add_column("figure")
    made.add_column("value", justify="right")
    for heading in ("unit", "budget", "", "against"):
        made.add_column(heading)
    for figure in figures:
        ok = {True: "[green]ok[/]", False: "[red]missed[/]", None: ""}[figure.ok]
        peer = f"{figure.peer} ({figure.ratio:g} x)" if figure.ratio is not None else figure.peer
        made.add_row(figure.name, f"{figure.value:,.10g}", figure.unit, figure.budget or "", ok, peer)
    return made
