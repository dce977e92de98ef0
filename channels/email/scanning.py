"""Asks a virus scanner about bytes. Its silence is an answer too: unknown. Never opens a file itself."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from typing import Literal

from channels.email.settings import Scanner

Verdict = Literal["", "clean", "infected", "unknown"]
CHUNK = 64 * 1024
LENGTH_BYTES = 4
REPLY_BYTES = 4096
INFECTED = 1


class Scanning:
    """One scanner, or none."""

    def __init__(self, settings: Scanner) -> None:
        self._settings = settings

    async def scan(self, body: bytes) -> Verdict:
        """What the scanner says; '' when there is none, `unknown` when it can't be asked."""
        settings = self._settings
        if not settings.clamd and not settings.command:
            return ""
        try:
            async with asyncio.timeout(settings.timeout_s):
                return await (self._by_clamd(body) if settings.clamd else self._by_command(body))
        except (TimeoutError, OSError, EOFError, ValueError):
            return "unknown"

    async def _by_clamd(self, body: bytes) -> Verdict:
        """INSTREAM: chunks with their lengths, an empty one at the end, then one line."""
        where = self._settings.clamd
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

    async def _by_command(self, body: bytes) -> Verdict:
        process = await asyncio.create_subprocess_exec(
            *self._settings.command, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL
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
