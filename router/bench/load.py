"""Fast clients for measuring: keep-alive HTTP posts and desktops that do nothing but their work."""

import asyncio
from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

import aiohttp
import msgspec

from router.clock import elapsed_s

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def event(number: int, *, channel: str = "phone", topic: str = "AVF.ÅVC", run: str = "b") -> bytes:
    """A structured CloudEvent with a synthetic contact; one of ten carries a fictional phone number."""
    person = {"phone": f"+4670174{605 + number % 95:04d}"} if number % 10 == 0 else {"anonymous": True}
    data = {"channel": channel, "topic": topic, "person": person, "text": "When does the recycling centre open?"}
    return _encode(
        {
            "specversion": "1.0",
            "id": f"{run}-{number}",
            "source": "/bench",
            "type": "se.servicecenter.contact.received",
            "data": data,
        }
    )


class Poster:
    """One keep-alive connection that posts events, or what else `media_type` says, one after the other."""

    def __init__(
        self, url: str, token: str, path: str = "/v1/events", media_type: str = "application/cloudevents+json"
    ) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: {media_type}\r\nContent-Length: "
        ).encode()
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, body: bytes) -> tuple[int, bytes]:
        """Post one body: status and answer."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        self._writer.write(self._head + str(len(body)).encode() + b"\r\n\r\n" + body)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
        return int(head[9:12]), await self._reader.readexactly(length)

    def close(self) -> None:
        """Close the connection."""
        if self._writer is not None:
            self._writer.close()


class Desktop:
    """An agent's desktop that accepts everything and finishes at once (or when told)."""

    def __init__(self, client: aiohttp.ClientSession, url: str, token: str) -> None:
        self._client = client
        self._url = url
        self._token = token
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self.on_offer: Callable[[str, float], None] = lambda _contact, _at: None
        self.is_available = asyncio.Event()
        self.finished = 0
        self.refused = 0
        self._number = 0
        self._seq = 0

    async def connect(self) -> None:
        """Ticket, socket, auth, ready."""
        headers = {"Authorization": f"Bearer {self._token}"}
        async with self._client.post(f"{self._url}/v1/ws-tickets", headers=headers) as answer:
            ticket = (await answer.json())["ticket"]
        socket = self._socket = await self._client.ws_connect(f"{self._url}/v1/desktop", compress=0)
        await socket.receive()
        await socket.send_str(_encode({"t": "auth", "ticket": ticket}).decode())
        await socket.receive()

    async def command(self, name: str, data: dict[str, object]) -> None:
        """Send a command without waiting for its answer."""
        if self._socket is None:
            return
        self._number += 1
        frame = {"t": "cmd", "id": str(self._number), "name": name, "data": data}
        await self._socket.send_str(_encode(frame).decode())

    async def work(self) -> None:
        """Be available; accept every offer and finish it, until the socket closes."""
        await self.command("presence.set", {"state": "available"})
        if self._socket is None:
            return
        async for message in self._socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                return
            await self._handle(_decode(message.data))

    async def _handle(self, frame: dict[str, object]) -> None:
        if frame["t"] == "res":
            self.refused += frame["ok"] is False
            if frame["id"] == "1":
                self.is_available.set()
            return
        if frame["t"] != "ev":
            return
        self._seq = int(str(frame["seq"]))
        if self._seq % 10 == 0 and self._socket is not None:
            await self._socket.send_str(_encode({"t": "ack", "seq": self._seq}).decode())
        data = cast("dict[str, object]", frame["data"])
        if frame["type"] == "offer.issued":
            self.on_offer(str(data["contact_id"]), elapsed_s())
            await self.command("offer.accept", {"offer_id": data["offer_id"], "rev": data["rev"]})
            outcome = [{"resolution": "answered"}]
            await self.command("work.finish", {"contact_id": data["contact_id"], "outcomes": outcome})
        elif frame["type"] == "contact.closed":
            self.finished += 1

    async def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            await self._socket.close()
