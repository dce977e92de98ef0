"""Asks a virus scanner about bytes: every file that comes in or goes out, in any channel. Never opens a file itself.

What is infected is shown to nobody. Silence is no verdict: what could not be scanned is kept back until the scanner
answers (`let_out`), so that a scanner that is down opens no door and loses no contact.
"""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable
from contextlib import suppress

from channels.inbound import Scan
from router.config import ScannerConfig
from router.errors import ConfigurationError, InfectedFile, ScannerUnavailable

CHUNK = 64 * 1024
LENGTH_BYTES = 4
REPLY_BYTES = 4096
INFECTED = 1


def _nobody_counts(verdict: str) -> None:
    del verdict


def refuse_unless_clean(verdict: Scan, field: str) -> None:
    """Pass what is clean, and everything where there is no scanner.

    Raises:
        InfectedFile: it carries a virus.
        ScannerUnavailable: nobody can say, yet.
    """
    if verdict == "infected":
        raise InfectedFile(field=field)
    if verdict == "unknown":
        raise ScannerUnavailable(field=field)


class Scanning:
    """One scanner, or none; asked about a few files at a time."""

    def __init__(self, config: ScannerConfig, count: Callable[[str], None] = _nobody_counts) -> None:
        """`count` is told each verdict.

        Raises:
            ConfigurationError: two scanners are named.
        """
        if config.clamd and config.command:
            raise ConfigurationError("one of clamd and command", field="$.scanner")
        self._config = config
        self._count = count
        self._room = asyncio.Semaphore(config.at_once)

    async def scan(self, body: bytes) -> Scan:
        """What the scanner says; '' when there is none, `unknown` when it can't be asked."""
        config = self._config
        if not config.clamd and not config.command:
            return ""
        try:
            async with asyncio.timeout(config.timeout_s), self._room:
                verdict = await (self._by_clamd(body) if config.clamd else self._by_command(body))
        except (TimeoutError, OSError, EOFError, ValueError):
            verdict = "unknown"
        self._count(verdict)
        return verdict

    async def let_out(self, body: bytes, said: Scan, field: str) -> None:
        """Whether a file may be given to somebody; one that nobody could scan when it came is scanned now.

        Raises:
            InfectedFile: it carries a virus.
            ScannerUnavailable: nobody can say, yet.
        """
        refuse_unless_clean(await self.scan(body) if said == "unknown" else said, field)

    async def _by_clamd(self, body: bytes) -> Scan:
        """INSTREAM: chunks with their lengths, an empty one at the end, then one line."""
        where = self._config.clamd
        if where.startswith("/"):
            answers, asked = await asyncio.open_unix_connection(where)
        else:
            host, _, port = where.rpartition(":")
            answers, asked = await asyncio.open_connection(host, int(port))
        try:
            asked.write(b"zINSTREAM\0")
            for start in range(0, len(body), CHUNK):
                chunk = body[start : start + CHUNK]
                asked.write(len(chunk).to_bytes(LENGTH_BYTES, "big") + chunk)
                await asked.drain()
            asked.write(bytes(LENGTH_BYTES))
            await asked.drain()
            said = (await answers.read(REPLY_BYTES)).rstrip(b"\0\r\n")
        finally:
            asked.close()
        if said.endswith(b" FOUND"):
            return "infected"
        return "clean" if said.endswith(b": OK") else "unknown"

    async def _by_command(self, body: bytes) -> Scan:
        process = await asyncio.create_subprocess_exec(
            *self._config.command, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL
        )
        try:
            await process.communicate(body)
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode == INFECTED:
            return "infected"
        return "clean" if process.returncode == 0 else "unknown"
