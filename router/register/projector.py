"""The projector: stage 1, stage 2 and retention in turns, for as long as the service runs.

It never gives up: a store or register that is down is tried again, a journal that forked is waited for, and intake
goes on meanwhile. Several projectors on one register do no harm; the one that leads moves the positions.
"""

import asyncio
from collections.abc import Callable
from typing import Literal

import msgspec
from sqlalchemy import Engine

from router.clock import Clock
from router.errors import Unavailable
from router.register.copying import BATCH, Copied, JournalForked, copy_batch
from router.register.derive import Derived, derive
from router.register.engine import migrate
from router.register.retention import Forget, Retention
from router.register.stream import JournalStream

GATHER_S = 0.05
"""Pause after a batch that was not full: one fsync for many entries, and still far below a second's lag."""
BLOCK_MS = 1_000
STANDBY_S = 1.0
FIRST_RETRY_S, LAST_RETRY_S = 0.1, 5.0
STALLED_MS = 5_000
"""How often an entry that could not be applied is tried again."""
HEARTBEAT_MS = 5_000


class Heartbeat(msgspec.Struct, frozen=True):
    """What the projector tells its parent, as one JSON line."""

    event: Literal["register_heartbeat"]
    state: str
    """`running`, `standby`, or the slug of what keeps it from running."""
    stall: str
    """Why stage 2 stands still; empty when it runs."""
    journal: int
    derived: int
    lag_ms: int
    """How long ago the tables held everything."""
    at: int


class Projector:
    """One projector on one register."""

    def __init__(
        self,
        engine: Engine,
        stream: JournalStream,
        clock: Clock,
        *,
        forget: Forget | None = None,
        report: Callable[[Heartbeat], None] = lambda _heartbeat: None,
    ) -> None:
        self._engine, self._stream, self._clock, self._report = engine, stream, clock, report
        self._forget = forget or stream.forget_contacts
        self._retention: Retention | None = None
        self._register_id = ""
        self._state, self._stall = "starting", ""
        self._journal = self._derived = 0
        self._caught_up_at = clock.now_ms()
        self._stalled_at = self._told_at = 0

    async def run(self) -> None:
        """Project until cancelled."""
        retry_s = FIRST_RETRY_S
        while True:
            pause_s, told = GATHER_S, self._state
            try:
                pause_s = await self.turn()
                retry_s = FIRST_RETRY_S
            except (Unavailable, JournalForked) as error:
                self._state = error.slug
                pause_s, retry_s = retry_s, min(retry_s * 2, LAST_RETRY_S)
            self._tell(is_news=self._state != told)
            await asyncio.sleep(pause_s)

    async def turn(self) -> float:
        """Store and derive one batch each; returns the seconds to wait before the next turn.

        Raises:
            Unavailable: the store or the register is down or locked.
            JournalForked: the store's journal is not the register's.
        """
        retention, began_at = self._retention or await self._begin(), self._clock.now_ms()
        try:
            copied = await self._copied(retention)
        except (JournalForked, Unavailable):
            self._derive()
            raise
        derived = self._derive()
        if BATCH in {copied.taken, derived.taken}:
            return 0
        if derived.n == copied.n:
            self._caught_up_at = began_at
        if copied.taken or derived.taken:
            return GATHER_S
        if copied.is_led_by_other:
            return STANDBY_S
        await self._stream.wait(copied.n, BLOCK_MS)
        if derived.n == copied.n:
            self._caught_up_at = self._clock.now_ms()
        return 0

    async def _begin(self) -> Retention:
        self._register_id = migrate(self._engine)
        self._retention = Retention(self._engine, self._stream, self._forget)
        return self._retention

    async def _copied(self, retention: Retention) -> Copied:
        copied = await copy_batch(self._engine, self._stream, self._clock.now_ms())
        is_first = self._state == "starting"
        self._journal = copied.n
        self._state = "standby" if copied.is_led_by_other else "running"
        if copied.taken or is_first or retention.has_due(self._clock.now_ms()):
            # Also after a crash between commit and mark: the first turn repeats the mark.
            await self._stream.mark(self._register_id, copied.n, self._clock.now_ms())
            await retention.run(copied.n, copied.ended, self._clock.now_ms())
        return copied

    def _derive(self) -> Derived:
        now_ms = self._clock.now_ms()
        if self._stall and now_ms - self._stalled_at < STALLED_MS:
            return Derived(self._derived, 0)
        derived = derive(self._engine, now_ms)
        self._derived = derived.n
        self._stall = f"{derived.stall.state}: {derived.stall.reason}" if derived.stall else ""
        self._stalled_at = now_ms if derived.stall else 0
        return derived

    def _tell(self, *, is_news: bool) -> None:
        now_ms = self._clock.now_ms()
        if not is_news and now_ms - self._told_at < HEARTBEAT_MS:
            return
        self._told_at = now_ms
        lag_ms = now_ms - self._caught_up_at
        self._report(
            Heartbeat("register_heartbeat", self._state, self._stall, self._journal, self._derived, lag_ms, now_ms)
        )
