"""One SMTP or LMTP connection: aiosmtpd speaks, this says what it may cost, and reads the mail in pieces, not in lines.

Owns the bytes of a mail under way. Only CRLF dot CRLF ends one: nothing can be smuggled behind another line end.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP

PIECE_BYTES = 64 * 1024
"""Most that is taken from a connection at once; no command is as long."""
COMMAND_BYTES = 2048
SLACK_BYTES = 64 * 1024
"""What a mail may be larger than it said: dots are doubled on the way."""
ROOM_WAIT_S = 20.0
NO_ROOM = "452 4.3.1 no room for this mail now, come back (no-room)"
TOO_LARGE = "552 5.3.4 larger than is taken, or than it said (too-large)"
LINE_END = b"\r\n"
END = b"\r\n.\r\n"


class Room:
    """Memory for mails under way: taken before a byte is read, given back when the mail is durable or gone."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def reserve(self, size: int, wait_s: float = ROOM_WAIT_S) -> AsyncGenerator[bool]:
        """Whether there was room within the time."""
        try:
            async with asyncio.timeout(wait_s), self._changed:
                await self._changed.wait_for(lambda: self._left >= size)
                self._left -= size
        except TimeoutError:
            yield False
            return
        try:
            yield True
        finally:
            self._left += size
            async with self._changed:
                self._changed.notify_all()


class Host(Protocol):
    """The server of a dialogue."""

    room: Room
    max_bytes: int

    def working(self) -> AbstractAsyncContextManager[None]:
        """A mail is on its way in this connection."""
        ...

    def gone(self, dialogue: "Dialogue") -> None:
        """The connection is over."""
        ...


class Dialogue(SMTP):
    """One connection."""

    line_length_limit = PIECE_BYTES
    command_size_limit = COMMAND_BYTES
    host: Host

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 # aiosmtpd's name
        """Read the mail when there is room for as much as it says it is; answer when the handler has."""
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        if self.envelope is None or not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 RCPT first")
            return
        if arg:
            await self.push("501 5.5.4 DATA takes no argument")
            return
        size = self._said()
        async with self.host.working(), self.host.room.reserve(size) as has_room:
            if not has_room:
                await self.push(NO_ROOM)
                return
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            content = await self._mail(min(size + size // 8, self.host.max_bytes) + SLACK_BYTES)
            if content is None or len(content) > self.host.max_bytes:
                await self.push(self.for_each(TOO_LARGE))
                self._set_post_data_state()
                return
            self.envelope.content = self.envelope.original_content = content
            status = str(await self._call_handler_hook("DATA"))  # pyright: ignore[reportUnknownMemberType] - half typed
            self._set_post_data_state()
            await self.push(status)

    def _said(self) -> int:
        """How large the mail says it is; as large as any when it does not."""
        options = [str(each) for each in self.envelope.mail_options] if self.envelope else []
        said = next((each[5:] for each in options if each.startswith("SIZE=")), "")
        return min(int(said), self.host.max_bytes) if said.isdigit() else self.host.max_bytes

    async def _mail(self, most: int) -> bytes | None:
        """Everything before the dot, dots undoubled; None when it was more than `most`: that is read in vain."""
        # A mail may consist of the dot alone: the line end before it is that of the DATA command, put back here.
        self._reader._buffer[:0] = LINE_END  # noqa: SLF001 # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType] - asyncio's own
        pieces: list[bytes] = []
        length, is_whole = 0, False
        while not is_whole:
            try:
                piece = await self._reader.readuntil(END)
                is_whole = True
            except asyncio.LimitOverrunError as overrun:
                piece = await self._reader.read(overrun.consumed)
            length += len(piece)
            if length <= most:
                pieces.append(piece)
            else:
                pieces.clear()
        if length > most:
            return None
        dot = len(END) - len(LINE_END)
        return b"".join(pieces)[:-dot].replace(LINE_END + b".", LINE_END)[len(LINE_END) :]

    def for_each(self, status: str) -> str:
        """A status as often as it must be said after the dot."""
        return status

    def connection_lost(self, error: Exception | None) -> None:
        """Forget it."""
        self.host.gone(self)
        super().connection_lost(error)


class LmtpDialogue(LMTP, Dialogue):
    """The same for LMTP, where every recipient gets an answer of its own after the dot."""

    def for_each(self, status: str) -> str:
        """Once for each recipient."""
        return "\r\n".join([status] * len(self.envelope.rcpt_tos)) if self.envelope else status
