"""What takes long about a strategy, done beside the service: reading it, checking it, simulating it on the history.

Owns the processes that do it: started when there is something to do, ended when they take too long or have been idle.
Computes nothing of it in the service's own process, and decides nothing about publishing.
"""

import asyncio
import contextlib
import pickle
import sys
from typing import TypeVar

import msgspec
import structlog

from router.config import PublishingConfig
from router.errors import ServicecenterError, TrialUnfinished
from router.guard_limits import GuardLimits
from rules.city import City
from rules.strategy import Strategy

COMMAND = ("-m", "router.strategy_replay")
LENGTH = 8
"""Bytes before each message that say how long it is."""
IDLE_S = 30.0
END_S = 2.0
T = TypeVar("T")
_log = structlog.get_logger(__name__)


class Setting(msgspec.Struct, frozen=True):
    """What all trials of one service share; the first message to a process."""

    city: City
    register_url: str
    history_days: int
    most_contacts: int
    limits: GuardLimits


class Read(msgspec.Struct, frozen=True):
    """Read a strategy's text: answered by what it is called, or by what is wrong with it."""

    text: str


class Check(msgspec.Struct, frozen=True):
    """Check a strategy."""

    text: str


class Simulate(msgspec.Struct, frozen=True):
    """Play a strategy on the register's history, beside the one in force."""

    text: str
    against: Strategy
    now_ms: int


class Named(msgspec.Struct, frozen=True):
    """What a strategy that reads is called."""

    version: str
    hash: str
    content: str
    """In canonical form."""


class Verdict(msgspec.Struct, frozen=True):
    """What a check or a simulation says of a strategy."""

    hash: str
    is_ok: bool
    body: bytes
    """The report, JSON."""


class Blocked(msgspec.Struct, frozen=True):
    """What of a simulation's report publishing asks for."""

    blocked_by: tuple[str, ...] = ()
    """Guards that the strategy breaks."""


def packed(message: object) -> bytes:
    """A message as it goes through a pipe between the service and its own child, and nowhere else."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return len(body).to_bytes(LENGTH, "big") + body


class Trials:
    """The trials of one service: texts are read at once, checks and simulations take turns."""

    def __init__(self, city: City, register_url: str, config: PublishingConfig, limits: GuardLimits) -> None:
        setting = Setting(city, register_url, config.history_days, config.most_contacts, limits)
        self._reader = TrialProcess(packed(setting), config.trial_s)
        self._simulator = TrialProcess(packed(setting), config.trial_s)

    async def read(self, text: str) -> Named:
        """What a strategy's text is called.

        Raises:
            UnreadableStrategy: it is no strategy for this city.
            TrialUnfinished: it took too long.
        """
        return await self._reader.ask(Read(text), Named)

    async def check(self, text: str) -> Verdict:
        """What a check says of a strategy.

        Raises:
            UnreadableStrategy: it is no strategy for this city.
            TrialUnfinished: it took too long.
        """
        return await self._simulator.ask(Check(text), Verdict)

    async def simulate(self, text: str, against: Strategy, now_ms: int) -> Verdict:
        """What would be different on the register's history if this strategy decided instead of `against`.

        Raises:
            UnreadableStrategy: it is no strategy for this city.
            RegisterUnavailable: the register does not answer.
            TrialUnfinished: it took too long.
        """
        return await self._simulator.ask(Simulate(text, against, now_ms), Verdict)

    async def close(self) -> None:
        """End the processes, whatever they are at."""
        await self._reader.close()
        await self._simulator.close()


class TrialProcess:
    """One process, one trial at a time."""

    def __init__(self, setting: bytes, limit_s: float) -> None:
        self._setting = setting
        self._limit_s = limit_s
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[int]] = set()

    async def ask(self, job: object, kind: type[T]) -> T:
        """The process's answer; what it raises is raised here."""
        async with self._turn:
            answer = await self._answered(job)
        if isinstance(answer, ServicecenterError):
            raise answer
        if not isinstance(answer, kind):
            raise TrialUnfinished("its process gave no answer")
        return answer

    async def _answered(self, job: object) -> object:
        """One question and its answer; a process that is not through by then is no use to the next question."""
        if self._idle is not None:
            self._idle.cancel()
        is_through = False
        try:
            async with asyncio.timeout(self._limit_s):
                process = self._process or await self._started()
                answer = await _exchanged(process, packed(job))
            is_through = True
        except TimeoutError:
            raise TrialUnfinished(f"it took longer than {self._limit_s:g} seconds") from None
        except (OSError, RuntimeError, asyncio.IncompleteReadError) as error:
            # No process, or one that has ended: uvloop says RuntimeError of its pipe.
            _log.warning("trial_ended", job=type(job).__name__, error=type(error).__name__)
            raise TrialUnfinished("its process ended") from None
        finally:
            if not is_through:
                self._kill()
        self._idle = asyncio.get_running_loop().call_later(IDLE_S, self._let_go)
        return answer

    async def _started(self) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(sys.executable, *COMMAND, stdin=pipe, stdout=pipe)
        self._process = process
        if process.stdin is not None:
            process.stdin.write(self._setting)
        return process

    def _let_go(self) -> None:
        """Nobody has asked for a while: the end of its stdin ends the process."""
        if self._process is not None and self._process.stdin is not None and not self._turn.locked():
            self._process.stdin.close()
            self._part_from(self._process)

    def _kill(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            self._part_from(self._process)

    def _part_from(self, process: asyncio.subprocess.Process) -> None:
        """The next question has another process; somebody waits for the end of this one."""
        self._process = None
        ending = asyncio.ensure_future(process.wait())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """End it."""
        if self._idle is not None:
            self._idle.cancel()
        self._kill()
        if self._ending:
            _ = await asyncio.wait(self._ending, timeout=END_S)


async def _exchanged(process: asyncio.subprocess.Process, message: bytes) -> object:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("no pipes")
    process.stdin.write(message)
    await process.stdin.drain()
    length = int.from_bytes(await process.stdout.readexactly(LENGTH), "big")
    return pickle.loads(await process.stdout.readexactly(length))  # noqa: S301 # our own child wrote it
