"""A SIP phone of the laboratory, told what to do over its control socket (netstrings of JSON)."""

import asyncio
import contextlib
from typing import Any, Self

import msgspec
import pytest

from tests.channels.asterisk.desk import settled

PORTS = {"6001": 4441, "6002": 4442, "caller": 4443}


class Softphone:
    """One phone and everything it has said."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.said: list[str] = []
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Pick up the control socket."""
        try:
            reader, self._writer = await asyncio.open_connection("127.0.0.1", PORTS[self.name])
        except ConnectionRefusedError:
            pytest.skip("no SIP phone answers")
        self._reading = asyncio.create_task(self._read(reader))
        await self.do("hangupall")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Hang up."""
        await self.do("hangupall")
        assert self._writer is not None
        self._writer.close()
        if self._reading is not None:
            self._reading.cancel()

    async def do(self, command: str, params: str = "") -> None:
        """One command."""
        assert self._writer is not None
        text = msgspec.json.encode({"command": command, "params": params} if params else {"command": command})
        self._writer.write(b"%d:%s," % (len(text), text))
        await self._writer.drain()

    async def hears(self, event: str) -> None:
        """Wait for something that happens to this phone, and take it."""
        await settled(lambda: event in self.said)
        self.said.remove(event)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                size = int((await reader.readuntil(b":"))[:-1])
                frame: dict[str, Any] = msgspec.json.decode(await reader.readexactly(size))
                await reader.readexactly(1)
                if frame.get("event"):
                    self.said.append(str(frame["type"]))
