"""`servicecenter doctor`: finds and names what is wrong, and says what to do. Changes nothing."""

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping

import msgspec
from rich.console import Console
from rich.table import Table

from router.clock import SystemClock
from router.commands.doctor import floor, history, machine, strategies
from router.commands.doctor.findings import Finding, error
from router.commands.doctor.server import of_server, reached
from router.config import Config
from router.errors import ConfigurationError, ServicecenterError
from router.store.redis_store import Store

MARKS = {"ok": "[green]ok[/]", "warning": "[yellow]warning[/]", "error": "[red]error[/]"}


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `doctor`."""
    parser.set_defaults(command=doctor, on_bad_configuration=tell_bad_configuration)


def doctor(arguments: argparse.Namespace, config: Config) -> int:
    """Print what was found; status 1 when anything is broken."""
    return tell(asyncio.run(examine(config, arguments.config, os.environ)), is_json=arguments.json)


def tell_bad_configuration(arguments: argparse.Namespace, problem: ConfigurationError) -> int:
    """The one finding there can be when the configuration can't be read."""
    found = f"{problem.detail} (at {problem.field})"
    return tell(
        [error("configuration", found, "mend the key named; nothing else was looked at")], is_json=arguments.json
    )


async def examine(config: Config, path: str, env: Mapping[str, str]) -> list[Finding]:
    """All checks, in the order in which one would mend things."""
    port, _ = await machine.port(config.http)
    findings = [
        machine.configuration(path, env),
        await asyncio.to_thread(machine.city, config.city_path),
        machine.data_directory(config.data_dir),
        machine.disk(machine.free_on_disk_of(config.data_dir)),
        machine.blobs(config.blobs_path),
        port,
    ]
    if not config.store.redis_url:
        findings.append(machine.ballast(config.data_dir))
    async with reached(config) as (store, finding):
        findings.append(finding)
        if store is None:
            return findings + await history.register(config.register_url, None, is_led=False)
        try:
            findings += await _of_store(store, config)
        except ServicecenterError as problem:
            findings.append(error("store", f"stopped answering: {problem.slug}", "look into the server's log"))
        return findings


async def _of_store(store: Store, config: Config) -> list[Finding]:
    """What can only be seen in a store that answers."""
    seen = await floor.routers(store, config.floor)
    is_led = bool(seen.leader)
    return [
        *await of_server(store, config.store, SystemClock()),
        *floor.leadership(seen),
        await floor.deadlines(store, is_led=is_led),
        *await floor.places(store),
        await strategies.in_service(store, config.register_url, config.city_path),
        *await history.register(config.register_url, store, is_led=is_led),
    ]


def tell(findings: list[Finding], *, is_json: bool) -> int:
    """Print; the exit status says whether anything is broken."""
    if is_json:
        sys.stdout.write(msgspec.json.encode(findings).decode() + "\n")
    else:
        Console(file=sys.stdout, width=None if sys.stdout.isatty() else 200, highlight=False).print(table(findings))
    return int(any(finding.status == "error" for finding in findings))


def table(findings: list[Finding]) -> Table:
    """The findings for people."""
    made = Table("check", "", "found", "to do", box=None, header_style="bold")
    for finding in findings:
        made.add_row(finding.name, MARKS[finding.status], finding.found, finding.todo)
    return made
