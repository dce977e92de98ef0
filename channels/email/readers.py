"""A few processes that read mail, each killed when it takes too long. Owns them; never reads a mail in this process.

When all are busy, whoever brings the next mail waits: nothing is buffered here.
"""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress

import msgspec
import structlog

from channels.email.limits import ANSWER_BYTES, HEADERS_S, WHOLE_S
from channels.email.mail import Mail, Request
from channels.email.normaliser import LENGTH_BYTES
from router.errors import Unavailable

START_S = 30.0
MAILS_PER_PROCESS = 2_000
"""After so many a fresh one: what a library leaks is given back."""
_log = structlog.get_logger(__name__)
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Mail).decode


class Reader:
    """One process; started when it is needed."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._answered = 0
        self._starting = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """Of its process; None while it has none."""
        return self._process.pid if self._process is not None else None

    async def ask(self, request: Request, limit_s: float) -> Mail | None:
        """Its answer; None when it took too long, died or said nonsense. Then it is gone.

        Raises:
            Unavailable: no process can be started.
        """
        process = await self._started()
        is_well = False
        try:
            async with asyncio.timeout(limit_s):
                answer = await _asked(process, request)
            is_well = True
        except (TimeoutError, OSError, EOFError, msgspec.DecodeError):
            return None
        finally:
            self._answered += 1
            if not is_well or self._answered >= MAILS_PER_PROCESS:
                await self.stop()
        return answer

    async def start(self) -> None:
        """Have a process. Raises Unavailable."""
        await self._started()

    async def _started(self) -> Process:
        async with self._starting:
            return await self._running()

    async def _running(self) -> Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        try:
            async with asyncio.timeout(START_S):
                self._process = process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-P", "-m", "channels.email.normaliser"), stdin=PIPE, stdout=PIPE, stderr=DEVNULL
                )
                await _frame(process)
        except (OSError, EOFError, TimeoutError) as error:
            await self.stop()
            raise Unavailable from error
        self._answered = 0
        return process

    async def stop(self) -> None:
        """Kill it; it owns nothing."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if process is not None and process.stdin is not None:
            process.stdin.close()


async def _asked(process: Process, request: Request) -> Mail:
    body = _encode(request)
    if process.stdin is None:
        raise EOFError
    process.stdin.write(len(body).to_bytes(LENGTH_BYTES, "big"))
    process.stdin.write(body)
    await process.stdin.drain()
    return _decode(await _frame(process))


async def _frame(process: Process) -> bytes:
    """One frame of its answers: the length, then so many bytes."""
    if process.stdout is None:
        raise EOFError
    length = int.from_bytes(await process.stdout.readexactly(LENGTH_BYTES), "big")
    if length > ANSWER_BYTES:
        raise EOFError
    return await process.stdout.readexactly(length)


class Readers:
    """All of them."""

    def __init__(self, count: int, *, whole_s: float = WHOLE_S, headers_s: float = HEADERS_S) -> None:
        self._limits = ((True, whole_s), (False, headers_s))
        self._all = [Reader() for _ in range(count)]
        self._idle: asyncio.LifoQueue[Reader] = asyncio.LifoQueue()
        for reader in self._all:
            self._idle.put_nowait(reader)
        self.killed = 0

    async def read(self, raw: bytes, *, is_null_sender: bool) -> Mail:
        """What the mail says, in bounded time: all of it, or its headers, or that nothing could be read.

        Raises:
            Unavailable: no process can be started; the mail has not been looked at.
        """
        reader = await self._idle.get()
        try:
            for is_whole, limit_s in self._limits:
                answer = await reader.ask(Request(raw, is_whole, is_null_sender), limit_s)
                if answer is not None:
                    return answer if is_whole else msgspec.structs.replace(answer, faults=(*answer.faults, "killed"))
                self.killed += 1
                _log.warning("mail_reader_killed", size=len(raw), is_whole=is_whole)
        finally:
            self._idle.put_nowait(reader)
        return Mail(is_read=False, faults=("killed",))

    async def warm(self) -> None:
        """Start all processes before the first mail comes; one that can't be started is tried again by the mail."""
        with suppress(Unavailable):
            await asyncio.gather(*(reader.start() for reader in self._all))

    @property
    def pids(self) -> list[int]:
        """The processes that run now."""
        return [reader.pid for reader in self._all if reader.pid is not None]

    async def stop(self) -> None:
        """All processes gone."""
        await asyncio.gather(*(reader.stop() for reader in self._all))
