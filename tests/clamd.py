"""A virus scanner on a real socket that speaks clamd's INSTREAM: finds one made-up virus, or says what a test wants."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

VIRUS = b"a made-up virus"


class Clamd:
    """What it was shown, and what it says whatever that is; `hangs`: it takes a file and says nothing."""

    def __init__(self, reply: bytes = b"") -> None:
        self.reply = reply
        self.hangs = False
        self.shown: list[bytes] = []
        self.at_once = 0
        self.most_at_once = 0

    async def serve(self, asked: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        """One file."""
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            assert await asked.readexactly(10) == b"zINSTREAM\0"
            body = b""
            while length := int.from_bytes(await asked.readexactly(4), "big"):
                body += await asked.readexactly(length)
            self.shown.append(body)
            if self.hangs:
                await asked.read()
            else:
                answers.write(self.reply or (b"stream: Made-Up FOUND\0" if VIRUS in body else b"stream: OK\0"))
                await answers.drain()
        finally:
            self.at_once -= 1
            answers.close()


@asynccontextmanager
async def clamd(reply: bytes = b"", path: str = "") -> AsyncGenerator[tuple[str, Clamd]]:
    """Where it listens (on `path` when that is given), and the scanner itself."""
    scanner = Clamd(reply)
    if path:
        server = await asyncio.start_unix_server(scanner.serve, path)
        where = path
    else:
        server = await asyncio.start_server(scanner.serve, "127.0.0.1", 0)
        where = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield where, scanner
    finally:
        server.close()
        if path:
            await asyncio.to_thread(os.unlink, path)
