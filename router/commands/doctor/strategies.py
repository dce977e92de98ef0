"""Check of strategy versions in service: whether every one can be read and decides as it was approved. Only reads."""

import asyncio
from pathlib import Path

from sqlalchemy import Engine

from router.activations import Activation
from router.commands.doctor.findings import Finding, error, ok, some, warning
from router.commands.doctor.history import sqlite_file
from router.errors import RegisterUnavailable, StrategyError
from router.register import strategies as versions
from router.register.engine import open_engine
from router.store.redis_store import Store
from rules.city import City, load_city
from rules.versions import compile_text

NAME = "strategy"


async def in_service(store: Store, register_url: str, city_path: Path) -> Finding:
    """Every version that decides now, will, or would after a rollback, loaded as a router loads it."""
    now = store.clock.now_ms()
    activations = await store.activations.all()
    needed = activations.needed(now)
    if not activations.number and (lost := await asyncio.to_thread(_known_to, register_url)):
        todo = "start a router that reaches the register: it tells the store again what is in service"
        return error(NAME, f"the store has lost what is in service, the register knows of {lost} versions", todo)
    if not needed:
        return ok(NAME, "the city folder's own strategy decides")
    try:
        city = await asyncio.to_thread(load_city, city_path)
    except StrategyError:
        return warning(NAME, f"{len(needed)} versions in service, not looked at", "mend the city first")
    engine = open_engine(register_url, is_reader=True)
    try:
        problems = [(each, await asyncio.to_thread(_problem, engine, city, each)) for each in needed]
    finally:
        engine.dispose()
    broken = [f"{each.id} ({each.version}): {problem}" for each, problem in problems if problem]
    if broken:
        todo = "roll it back, or mend the register or the city's folder; what lies below decides meanwhile"
        return error(NAME, f"can't be loaded: {some(broken)}", todo)
    names = [each.version for each in needed if each.in_force(now)]
    return ok(NAME, f"in force: {some(names)}" if names else "the city folder's own strategy decides")


def _known_to(register_url: str) -> int:
    """How many versions ever came into service, as far as the register can be asked."""
    if (path := sqlite_file(register_url)) is not None and not path.exists():
        return 0
    engine = open_engine(register_url, is_reader=True)
    try:
        return len(versions.in_service(engine))
    except RegisterUnavailable:
        return 0
    finally:
        engine.dispose()


def _problem(engine: Engine, city: City, wanted: Activation) -> str:
    try:
        text = versions.toml_of(engine, wanted.hash)
        if text is None:
            return "the register has no such version"
        compiled = compile_text(city, text)
    except (RegisterUnavailable, StrategyError) as problem:
        return problem.detail or problem.slug
    return "" if compiled.hash == wanted.hash else "the city's topics have changed since it was approved"
