"""Keeps the projector's process alive beside the service and reads its heartbeats."""

import asyncio
import contextlib
import sys

import msgspec
import structlog

from router.clock import elapsed_s
from router.config import Config
from router.register.projector import Heartbeat
from router.telemetry import Metrics

FIRST_PAUSE_S, LAST_PAUSE_S = 0.2, 10.0
_log = structlog.get_logger(__name__)
_heartbeat = msgspec.json.Decoder(Heartbeat)


class ProjectorChild:
    """One `python -m router.register`, restarted when it ends."""

    def __init__(self, config: Config, store_url: str, metrics: Metrics) -> None:
        self._document = {
            "redis_url": store_url,
            "tenant": config.tenant.id,
            "register_url": config.register_url,
            "replicas": config.store.replicas,
            "barrier_ms": config.store.barrier_ms,
        }
        self._metrics = metrics
        self.last: Heartbeat | None = None

    @property
    def lag_ms(self) -> int:
        """How far the register was behind when it last said so; 0 before it has."""
        return self.last.lag_ms if self.last is not None else 0

    async def run(self) -> None:
        """Start and restart until cancelled; the child ends with this process."""
        pause_s = FIRST_PAUSE_S
        while True:
            started_s = elapsed_s()
            try:
                code = await self._serve_one()
                _log.warning("projector_ended", code=code)
            except (OSError, RuntimeError) as error:
                # No process, or one that ended before it was told what to do: uvloop says RuntimeError of its pipe.
                _log.warning("projector_not_started", error=type(error).__name__)
            await asyncio.sleep(pause_s)
            has_lasted = elapsed_s() - started_s > LAST_PAUSE_S
            pause_s = FIRST_PAUSE_S if has_lasted else min(pause_s * 2, LAST_PAUSE_S)

    async def _serve_one(self) -> int:
        """One child from start to end; its exit code."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "router.register", stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        try:
            if process.stdin is not None:
                process.stdin.write(msgspec.json.encode(self._document) + b"\n")
                await process.stdin.drain()
            if process.stderr is not None:
                await self._listen(process.stderr)
            return await process.wait()
        finally:
            await _end(process)

    async def _listen(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            try:
                beat = _heartbeat.decode(line)
            except msgspec.DecodeError:
                _log.warning("projector_said", text=line.decode(errors="replace").strip()[:500])
                continue
            if self.last is None or beat.state != self.last.state or beat.stall != self.last.stall:
                _log.info("projector_state", state=beat.state, stall=beat.stall, journal=beat.journal)
            self.last = beat

    def tell(self, position: int) -> None:
        """Put the lag into the gauges."""
        beat = self.last
        if beat is not None:
            lag = {
                "journal_position": {(): float(position)},
                "register_lag_entries": {(): float(max(0, position - beat.derived))},
                "register_lag_seconds": {(): beat.lag_ms / 1000},
            }
            self._metrics.shared.update(lag)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(5):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
