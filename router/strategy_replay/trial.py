"""What the service asks of a strategy before it is published: its name, a check, a replay of the register's history.

Runs in a process of its own (`python -m router.strategy_replay`); `router.trials` starts it. Changes nothing.
"""

from collections.abc import Iterator

import msgspec
from sqlalchemy import Engine

from router.errors import NotFound, StrategyError, UnreadableStrategy
from router.register.engine import open_engine
from router.strategy_replay.history_register import latest_from, read_register
from router.strategy_replay.noting import Noted
from router.trials import Check, Named, Read, Setting, Simulate, Verdict
from rules.check import check_loaded
from rules.city import City, compiled_strategy
from rules.replay.history import Recorded
from rules.replay.passing import Passed
from rules.replay.report import Asked, Report, report
from rules.versions import canonical, compile_text, with_strategy
from rules.words import LANGS, words_of

DAY_MS = 86_400_000
SEED = 1
SOURCE = "register"


class Covered(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of the history was played."""

    history_days: int
    """So many days back it was looked for."""
    most_contacts: int
    contacts: int
    observed: int
    is_cut: bool
    """There were more: only the latest were taken."""
    is_empty: bool
    """There were none: nothing was played, only the guards were tried on kinds of contact."""
    says: dict[str, str]
    """The same in words, by language."""


class Simulation(msgspec.Struct, frozen=True, kw_only=True):
    """What a simulation found."""

    method: str = "replay"
    blocked_by: tuple[str, ...]
    """The guards that keep it from being approved."""
    unmeasured: tuple[str, ...]
    """Guards that nothing could be said of."""
    covered: Covered
    replay: Report


def answer(setting: Setting, job: object) -> Named | Verdict:
    """What a job asks for.

    Raises:
        UnreadableStrategy: the text is no strategy for this city.
        RegisterUnavailable: the register does not answer.
    """
    try:
        match job:
            case Read(text):
                compiled = compile_text(setting.city, text)
                return Named(compiled.version, compiled.hash, canonical(compiled.strategy))
            case Check(text):
                return _checked(with_strategy(setting.city, compile_text(setting.city, text)))
            case Simulate():
                return _simulated(setting, job)
            case _:
                raise TypeError(type(job).__name__)
    except StrategyError as error:
        raise UnreadableStrategy(error.detail, field=error.field) from None


def _checked(city: City) -> Verdict:
    found = check_loaded(city)
    return Verdict(city.strategy.hash, found.ok, msgspec.json.encode(found))


def _simulated(setting: Setting, job: Simulate) -> Verdict:
    city = setting.city
    draft = with_strategy(city, compile_text(city, job.text))
    baseline = with_strategy(city, compiled_strategy(job.against, city.topics, city.names))
    noted, engine = Noted(), open_engine(setting.register_url, is_reader=True)
    from_ms = job.now_ms - setting.history_days * DAY_MS
    try:
        begins_ms = latest_from(engine, from_ms, job.now_ms, setting.most_contacts)
        passed = Passed(baseline, draft, SEED).run(_history(engine, begins_ms, job.now_ms, noted), job.now_ms)
    finally:
        engine.dispose()
    limits = setting.limits
    found = report(passed, Asked(SOURCE, SEED, limits.guards, limits.elsewhere), noted.gaps())
    body = Simulation(
        blocked_by=tuple(guard.code for guard in found.guards if guard.ok is False),
        unmeasured=tuple(guard.code for guard in found.guards if guard.ok is None),
        covered=_covered(setting, found, is_cut=begins_ms > from_ms),
        replay=found,
    )
    return Verdict(draft.strategy.hash, found.ok, msgspec.json.encode(body))


def _history(engine: Engine, from_ms: int, to_ms: int, noted: Noted) -> Iterator[Recorded]:
    """The contacts of the period; a new installation has none, and may publish all the same."""
    try:
        yield from read_register(engine, from_ms, to_ms, noted)
    except NotFound:
        return


def _covered(setting: Setting, found: Report, *, is_cut: bool) -> Covered:
    past = found.history
    key = "covered-none" if not past.contacts else "covered-cut" if is_cut else "covered-all"
    says = {
        lang: words_of(lang).say(
            key, days=setting.history_days, n=past.contacts, most=setting.most_contacts, bad=past.gaps.unreadable
        )
        for lang in LANGS
    }
    return Covered(
        history_days=setting.history_days,
        most_contacts=setting.most_contacts,
        contacts=past.contacts,
        observed=past.observed,
        is_cut=is_cut,
        is_empty=not past.contacts,
        says=dict(says),
    )
