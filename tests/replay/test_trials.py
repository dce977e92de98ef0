"""Trials beside the service: answered by a process that is ended when it takes too long, and replaced when it dies."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from sqlalchemy import update

from router.config import Config, PublishingConfig
from router.errors import RegisterUnavailable, TrialUnfinished, UnreadableStrategy
from router.guard_limits import GuardLimits
from router.register import schema
from router.register.copying import copy_batch
from router.register.derive import derive_all
from router.register.engine import migrate, open_engine
from router.strategy_replay.trial import Covered, Simulation, answer
from router.trials import Setting, Simulate, Trials, Verdict
from tests.register.register_journals import START_MS, Journal
from tests.replay.replay_samples import example

CITY = example()
TEXT = (Config().city_path / "strategy.toml").read_text(encoding="utf-8")
DAY_MS = 86_400_000


def trials(register_url: str, trial_s: float = 60) -> Trials:
    """The trials of a service."""
    return Trials(CITY, register_url, PublishingConfig(trial_s=trial_s), GuardLimits())


@pytest.fixture
def register_url(tmp_path: Path) -> str:
    """An empty register."""
    url = f"sqlite:///{tmp_path}/register.db"
    engine = open_engine(url)
    _ = migrate(engine)
    engine.dispose()
    return url


@pytest_asyncio.fixture
async def beside(register_url: str) -> AsyncIterator[Trials]:
    """Trials over an empty register."""
    made = trials(register_url)
    yield made
    await made.close()


async def test_a_text_is_read_by_another_process(beside: Trials) -> None:
    """Its name, its hash and its canonical form are those of the strategy; a text that is none says where and why."""
    named = await beside.read(TEXT)
    assert (named.version, named.hash) == (CITY.strategy.version, CITY.strategy.hash)
    with pytest.raises(UnreadableStrategy, match="expected TOML"):
        _ = await beside.read("[meta")
    assert (await beside.read(TEXT)).content == named.content


async def test_a_process_that_died_is_replaced(beside: Trials) -> None:
    """Whoever waits for it is told to try again; the next question has a new process."""
    _ = await beside.read(TEXT)
    process = beside._reader._process
    assert process is not None
    process.kill()
    _ = await process.wait()
    with pytest.raises(TrialUnfinished, match="its process ended"):
        _ = await beside.read(TEXT)
    assert (await beside.read(TEXT)).hash == CITY.strategy.hash
    assert beside._reader._process is not process


async def test_what_takes_too_long_is_given_up(register_url: str) -> None:
    """The process is killed, not waited for, and the problem says how long it had."""
    made = trials(register_url, trial_s=0.01)
    with pytest.raises(TrialUnfinished, match=r"longer than 0\.01 seconds"):
        _ = await made.check(TEXT)
    assert made._simulator._process is None
    await made.close()


async def test_an_idle_process_ends_by_itself(beside: Trials) -> None:
    """Let go, it ends at the end of its stdin; the next question starts another."""
    _ = await beside.read(TEXT)
    process = beside._reader._process
    assert process is not None
    beside._reader._let_go()
    assert await process.wait() == 0
    assert (await beside.read(TEXT)).hash == CITY.strategy.hash


async def test_a_register_that_is_not_there_is_no_empty_history() -> None:
    """A register that does not answer is a problem, never a simulation of nothing."""
    gone = trials("sqlite:////nowhere/register.db")
    with pytest.raises(RegisterUnavailable):
        _ = await gone.simulate(TEXT, CITY.strategy.strategy, START_MS)
    await gone.close()


async def test_of_a_long_history_the_latest_are_played(register_url: str) -> None:
    """Older contacts, and those before the days that were asked for, are left out; the report says that it was cut."""
    engine, journal = open_engine(register_url), Journal()
    for number, days_ago in enumerate((100, 40, 30, 20, 10)):
        journal.receive(f"c{number}", received_at=START_MS - days_ago * DAY_MS)
    await copy_batch(engine, journal, START_MS)
    derive_all(engine, START_MS)
    with engine.begin() as connection:
        connection.execute(update(schema.decisions).values(decision='{"facts": {"channel": "phone", "topic": null}}'))
    engine.dispose()
    whole, cut = covered(register_url, 4), covered(register_url, 3)
    assert (whole.contacts, whole.is_cut) == (4, False)
    assert (cut.contacts, cut.is_cut, cut.is_empty) == (3, True, False)
    assert "äldre togs inte med" in cut.says["sv"]


def covered(register_url: str, most: int) -> Covered:
    """What a simulation says it has covered."""
    setting = Setting(CITY, register_url, 90, most, GuardLimits())
    verdict = answer(setting, Simulate(TEXT, CITY.strategy.strategy, START_MS))
    assert isinstance(verdict, Verdict)
    return msgspec.json.decode(verdict.body, type=Simulation).covered
