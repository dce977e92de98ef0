"""Does what calls want done, call by call in order: asks Asterisk, tells the service, wakes calls later.

One slow call holds up nobody else; an Asterisk that is away keeps nothing from the service, nor the other way round: a
call has a queue for each. What the service can't take now is told again until it can; a caller whom it does not take in
time is given up to the dialplan. Decides nothing about a call: answers go back into it.
"""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Protocol, TypeVar

import structlog

from channels.asterisk import agents, caller
from channels.asterisk.call import Call
from channels.asterisk.calls import Calls, Move
from channels.asterisk.requests import Ask, Reply
from channels.asterisk.settings import AsteriskSettings
from channels.asterisk.tell import (
    Arm,
    CallBack,
    Connected,
    End,
    FailSetup,
    FailTransfer,
    Left,
    Look,
    Receive,
    Step,
    Steps,
)
from channels.asterisk.wire import contact_of
from channels.base import Inbox, Key, Seen
from channels.faults import is_recoverable
from channels.inbound import InboundEnd
from channels.reconnecting import pause_s
from router.errors import ServicecenterError, StateError

_T = TypeVar("_T")
log = structlog.get_logger(__name__)
MOST_TRIES = 4
"""Against an Asterisk that does not answer in time, and against a contact that somebody else keeps changing."""
LONGEST_PAUSE_S = 2.0


class Line(Protocol):
    """Asks Asterisk, and waits while there is no connection."""

    async def ask(self, asked: Ask) -> Reply:
        """Its answer; status 0 when it did not answer in time."""
        ...


Lane = tuple[Call, bool]
"""A call, and whether its steps ask Asterisk; the others tell the service."""


class Effects:
    """Two queues of steps for every call, each worked off by one task."""

    def __init__(self, plan: AsteriskSettings, calls: Calls, line: Line, inbox: Inbox) -> None:
        self._plan = plan
        self._calls = calls
        self._line = line
        self._inbox = inbox
        self._queues: dict[Lane, deque[Step]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: dict[Call, dict[str, asyncio.TimerHandle]] = {}

    @property
    def backlog(self) -> int:
        """Steps that wait to be done."""
        return sum(map(len, self._queues.values()))

    def do(self, moves: list[Move]) -> None:
        """Take them on."""
        for call, steps in moves:
            if call is None:
                self._begin(self._work_alone(steps))
                continue
            self._line_up(call, steps)
            self._tidy(call)

    def _line_up(self, call: Call, steps: Steps) -> None:
        for step in steps:
            if isinstance(step, Arm):
                self._arm(call, step)
                continue
            lane = call, isinstance(step, Ask)
            if lane in self._queues:
                self._queues[lane].append(step)
            else:
                self._queues[lane] = deque((step,))
                self._begin(self._work_off(lane))

    def tell_lost(self, lost: list[Seen]) -> None:
        """Open contacts whose caller is gone: nobody knows a call of theirs any more."""
        for seen in lost:
            self._begin(self._end_lost(seen))

    def look_first(self, contact: str, then: Callable[[Seen | None], None]) -> None:
        """Do something with what the service says of a contact, as soon as it says it."""

        async def look() -> None:
            then(await self._tell(lambda: self._inbox.look(contact)))

        self._begin(look())

    async def stop(self, grace_s: float) -> None:
        """Wake nobody any more, let what is begun become durable."""
        for call in list(self._timers):
            self._quiet(call)
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=grace_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _begin(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finish)

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("call_step_failed", error=type(error).__name__, exc_info=error)

    async def _work_alone(self, steps: Steps) -> None:
        """For a channel that belongs to nobody."""
        for step in steps:
            if isinstance(step, Ask):
                await self._ask(step)

    async def _work_off(self, lane: Lane) -> None:
        call, queue = lane[0], self._queues[lane]
        try:
            while queue:
                self._line_up(call, await self._do(call, queue[0]))
                queue.popleft()
        finally:
            del self._queues[lane]
            self._tidy(call)

    def _tidy(self, call: Call) -> None:
        if call.is_gone and (call, True) not in self._queues and (call, False) not in self._queues:
            self._calls.forget(call)
            self._quiet(call)

    def _quiet(self, call: Call) -> None:
        for timer in self._timers.pop(call, {}).values():
            timer.cancel()

    async def _do(self, call: Call, step: Step) -> Steps:
        match step:
            case Ask():
                return agents.hear(call, step, await self._ask(step))
            case Receive(topic=topic):
                return await self._receive(call, topic)
            case CallBack(number=number):
                return caller.promise(call) if await self._tell(lambda: self._promise(call, number)) else []
            case End():
                await self._end(call, step)
            case Connected(leg=leg):
                await self._tell(lambda: self._inbox.connected(leg))
            case FailSetup(leg=leg, reason=reason):
                await self._tell(lambda: self._inbox.fail_setup(leg, reason))
            case FailTransfer(reason=reason):
                return await self._fail_transfer(call, reason)
            case Left(leg=leg):
                await self._tell(lambda: self._inbox.left(leg))
            case Look(turn=turn):
                return caller.look(call, await self._tell(lambda: self._inbox.look(call.contact)), turn)
            case _:
                pass
        return []

    async def _ask(self, asked: Ask) -> Reply:
        """Ask until there is an answer; every request can be made twice."""
        reply = Reply(0)
        for _ in range(MOST_TRIES):
            reply = await self._line.ask(asked)
            if reply.status:
                break
        return reply

    async def _receive(self, call: Call, topic: str) -> Steps:
        key = Key(call.source, call.key, call.id)
        contact = contact_of(
            call.channel, dialled=call.dialled, topic=topic, region=self._plan.region, before=call.before
        )
        try:
            async with asyncio.timeout(self._plan.hand_in_s):
                taken = await self._tell(lambda: self._inbox.receive(key, contact))
        except TimeoutError:
            taken = None
        if taken is None:
            log.warning("call_not_taken")
            return caller.refuse(call)
        steps = caller.receive(call, taken)
        self._calls.name(call)
        return steps

    async def _promise(self, call: Call, number: str) -> bool:
        await self._inbox.call_back(call.contact, number)
        return True

    async def _fail_transfer(self, call: Call, reason: str) -> Steps:
        async def fail() -> bool:
            await self._inbox.fail_transfer(call.contact, reason)
            return True

        if call.is_gone or await self._tell(fail):
            return []
        self._calls.lose_name(call)
        return caller.come_again(call)

    async def _end(self, call: Call, end: End) -> None:
        if call.contact and not call.is_over:
            key = Key(call.source, f"{call.key}:end", call.id)
            await self._tell(lambda: self._inbox.end(key, InboundEnd(call.contact, end.reason)))

    async def _end_lost(self, seen: Seen) -> None:
        key = Key(seen.source, f"{seen.subject}:end:{seen.contact}", seen.subject)
        await self._tell(lambda: self._inbox.end(key, InboundEnd(seen.contact, "line_lost")))

    async def _tell(self, tell: "Callable[[], Awaitable[_T]]") -> _T | None:
        """Tell the service, again while it can succeed later; None when it never will."""
        attempt = 0
        while True:
            try:
                return await tell()
            except ServicecenterError as error:
                is_hopeless = not is_recoverable(error) or (isinstance(error, StateError) and attempt >= MOST_TRIES)
                if is_hopeless:
                    log.warning("call_word_refused", reason=error.slug, field=error.field)
                    return None
            await asyncio.sleep(pause_s(attempt, random.random(), longest_s=LONGEST_PAUSE_S))  # noqa: S311 - jitter
            attempt += 1

    def _arm(self, call: Call, arm: Arm) -> None:
        if call.is_gone:
            return
        timers = self._timers.setdefault(call, {})
        name = f"{arm.name} {arm.token}" if arm.name == "phone" else arm.name
        if name in timers:
            timers[name].cancel()
        timers[name] = asyncio.get_running_loop().call_later(arm.after_s, partial(self._wake, call, arm, name))

    def _wake(self, call: Call, arm: Arm, name: str) -> None:
        self._timers.get(call, {}).pop(name, None)
        self.do([Move(call, agents.ring_out(call, arm.name, arm.token))])
