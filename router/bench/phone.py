"""Phone: new calls a second, from an Asterisk's event to the call being answered, which is after it is on disk."""

import asyncio
import itertools
from contextlib import AsyncExitStack
from typing import Any

from router.bench.figures import Figure, at_least, percentile, told
from router.bench.intake import steadily
from router.bench.pbx import Pbx
from router.bench.processes import cpu_by_part
from router.bench.service import quiet, service
from router.clock import elapsed_s

LEAST_RATE = 200
LANES = 64
CONNECT_S = 20.0
LONGEST_S = 10.0
Json = dict[str, Any]


class MeasuredPbx(Pbx):
    """Tells when a call is answered; forgets what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self._answered: dict[str, asyncio.Future[None]] = {}
        self._names = itertools.count(1)

    async def take(self) -> float:
        """Call, be answered, hang up; seconds from ring to answer."""
        name = f"bench-{next(self._names)}"
        answered = self._answered[name] = asyncio.get_running_loop().create_future()
        started = elapsed_s()
        await self.call_in(f"+46701740{605 + len(name) % 90}", channel=name)
        async with asyncio.timeout(LONGEST_S):
            await answered
        took = elapsed_s() - started
        await self.hang_up(name)
        return took

    async def _answer(self, method: str, path: str, fields: Json) -> tuple[int, str]:
        answer = await super()._answer(method, path, fields)
        self.asked.clear()
        return answer

    async def _on_channel(self, method: str, name: str, rest: list[str], fields: Json) -> tuple[int, object]:
        answer = await super()._on_channel(method, name, rest, fields)
        if rest == ["answer"] and (waiting := self._answered.pop(name, None)) is not None:
            waiting.set_result(None)
        return answer


async def bench_phone(*, is_quick: bool = False) -> list[Figure]:
    """Calls a second flat out; then how long a caller rings at the rate of the budget."""
    seconds = 2.0 if is_quick else 8.0
    async with AsyncExitStack() as stack:
        pbx = await stack.enter_async_context(MeasuredPbx())
        settings = {"URL": pbx.url, "USER": pbx.user, "PASSWORD": pbx.password}
        extra = {f"SERVICECENTER_CHANNELS__ASTERISK__{name}": value for name, value in settings.items()}
        target = await stack.enter_async_context(service(settings=extra))
        await pbx.until(lambda: bool(pbx.filter), CONNECT_S)
        await _flat_out(pbx, 0.5)
        before = cpu_by_part(target.pids)
        rate = await _flat_out(pbx, seconds)
        after = cpu_by_part(target.pids)
        await quiet(target)
        took: list[float] = []

        async def call(_number: int, _due: float) -> None:
            took.append(await pbx.take() * 1000)

        await steadily(call, LEAST_RATE, seconds)
    return [
        at_least("phone, new calls answered, each on disk first", rate, "1/s", LEAST_RATE),
        told(f"phone, p50 from ring to answer at {LEAST_RATE}/s", percentile(took, 0.5), "ms"),
        told(f"phone, p99 from ring to answer at {LEAST_RATE}/s", percentile(took, 0.99), "ms"),
        *(
            told(f"phone, CPU of the {part} for one call", (after[part] - before[part]) / (rate * seconds) * 1e6, "us")
            for part in after
        ),
    ]


async def _flat_out(pbx: MeasuredPbx, seconds: float) -> float:
    """Calls a second: every lane calls again as soon as it was answered."""
    started = elapsed_s()

    async def lane() -> int:
        count = 0
        while elapsed_s() < started + seconds:
            await pbx.take()
            count += 1
        return count

    counts = await asyncio.gather(*(lane() for _ in range(LANES)))
    return sum(counts) / (elapsed_s() - started)
