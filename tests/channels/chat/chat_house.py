"""A chat that serves, before an inbox in memory and a clock that a test moves; and a resident's page, on the wire."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import aiohttp
import msgspec
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from channels.base import Connection
from channels.chat.channel import ChatChannel
from channels.chat.settings import ChatSettings
from router.http.problems import problems
from tests.channels.recording_inbox import RecordingInbox
from tests.journeys.waiting import eventually
from tests.manual_clock import ManualClock

Frame = dict[str, Any]
WAIT_S = 20.0
CITY = "Ekeby stad"


class ChatHouse:
    """Routers that serve the same chats: one inbox behind all of them."""

    def __init__(self, settings: ChatSettings | None = None) -> None:
        self.settings = settings or ChatSettings(has_transcript=True)
        self.inbox = RecordingInbox()
        self.clock = ManualClock()
        self.inbox.now_ms = self.clock.time_ms
        self.channels: list[ChatChannel] = []
        self._servers: list[TestServer] = []
        self._pages: list[Page] = []
        self.http = aiohttp.ClientSession()

    @property
    def chat(self) -> ChatChannel:
        """The first router's."""
        return self.channels[0]

    @property
    def url(self) -> str:
        """Of the first router."""
        return self.url_of(0)

    def url_of(self, router: int) -> str:
        """Without a slash at the end."""
        return str(self._servers[router].make_url("/")).rstrip("/")

    async def router(self, *extra: web.RouteDef) -> int:
        """One more router; its number."""
        app = web.Application(middlewares=[problems])
        port = unused_port()
        server = TestServer(app, port=port)
        public_url = f"http://127.0.0.1:{port}"
        channel = ChatChannel(
            self.inbox, self.clock.now_ms, self.settings, public_url=public_url, city=CITY, zone="Europe/Stockholm"
        )
        app.add_routes([*channel.routes(), *extra])
        await server.start_server()
        await channel.start()
        self.channels.append(channel)
        self._servers.append(server)
        return len(self.channels) - 1

    async def close(self) -> None:
        """Everything, in the opposite order."""
        for channel in self.channels:
            await channel.stop()
        await asyncio.gather(*(page.socket.close() for page in self._pages))
        await self.http.close()
        for server in self._servers:
            await server.close()

    async def page(self, token: str = "", *, router: int = 0, **more: object) -> "Page":
        """A page that has shown its token and been answered."""
        page = await self.stranger(router)
        await page.frame("hello")
        await page.say(t="auth", token=token, **more)
        return page

    async def stranger(self, router: int = 0) -> "Page":
        """A page that has said nothing yet."""
        patience = aiohttp.ClientWSTimeout(ws_close=1)  # pyright: ignore[reportCallIssue] - attrs, unseen
        socket = await self.http.ws_connect(f"{self.url_of(router)}/v1/chat", max_msg_size=0, timeout=patience)
        self._pages.append(Page(socket))
        return self._pages[-1]

    async def ready(self, token: str = "", *, router: int = 0) -> "Page":
        """A page that has its snapshot."""
        page = await self.page(token, router=router)
        await page.frame("ready")
        return page

    async def started(self, text: str = "När öppnar återvinningscentralen?") -> "Page":
        """A page whose chat has begun."""
        page = await self.ready()
        await page.begin(text)
        return page

    async def agent_takes(self, contact: str, name: str = "Anna Ek") -> None:
        """An agent accepts: what the switchboard calls then."""
        leg = f"{contact}.l1"
        seen = self.inbox.seen[contact]
        self.inbox.seen[contact] = msgspec.structs.replace(seen, state="with_agent", leg=leg, leg_state="connected")
        for channel in self.channels:
            await channel.connect(Connection(contact, leg, "anna", seen.source, seen.subject, agent_name=name))

    async def agent_writes(self, contact: str, text: str) -> int:
        """The agent's words, told to every router; their number."""
        self.inbox.now_ms = self.clock.time_ms
        message = self.inbox.answer_with(contact, text)
        for channel in self.channels:
            assert (await channel.send(message)).outcome == "sent"
        return message.number

    async def pass_s(self, seconds: float) -> None:
        """Time passes, and every router looks after its silent chats."""
        self.clock.advance_s(seconds)
        for channel in self.channels:
            await channel.sweep()


class Page:
    """A resident's page: every frame in order."""

    _ids = itertools.count(1)

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.token = ""
        self.sid = ""
        self.seq = 0
        self.contact = ""
        self.snapshot: Frame = {}

    async def say(self, **frame: object) -> None:
        """Send one frame."""
        await self.socket.send_str(msgspec.json.encode(frame).decode())

    async def next(self) -> Frame:
        """The next frame; what every page remembers of it is remembered."""
        message = await self.socket.receive(timeout=WAIT_S)
        if message.type is not aiohttp.WSMsgType.TEXT:
            code = message.data if message.type is aiohttp.WSMsgType.CLOSE else self.socket.close_code
            return {"t": "closed", "code": code}
        frame = cast("Frame", msgspec.json.decode(message.data))
        match frame["t"]:
            case "ready":
                self.sid, self.seq, self.snapshot = frame["sid"], frame["seq"], frame["snapshot"]
                self.token = self.snapshot["token"]
            case "ev":
                assert frame["seq"] == self.seq + 1, "a gap"
                self.seq = frame["seq"]
            case "token":
                self.token = frame["token"]
            case _:
                pass
        return frame

    async def frame(self, kind: str, wanted: Callable[[Frame], bool] = lambda _: True) -> Frame:
        """The next frame of this kind; others are passed over."""
        while True:
            frame = await self.next()
            if frame["t"] == kind and wanted(frame):
                return frame
            assert frame["t"] != "closed", f"closed {frame['code']} before {kind}"

    async def event(self, kind: str) -> Frame:
        """The data of the next event of this kind."""
        return cast("Frame", (await self.frame("ev", lambda frame: frame["type"] == kind))["data"])

    async def closed(self) -> int:
        """The code with which the socket is closed."""
        while True:
            frame = await self.next()
            if frame["t"] == "closed":
                return int(frame["code"])

    async def ask(self, name: str, data: object = None, ident: str = "") -> Frame:
        """A command and its whole answer."""
        ident = ident or f"k{next(self._ids)}"
        await self.say(t="cmd", id=ident, name=name, data=data if data is not None else {})
        return await self.frame("res", lambda frame: frame["id"] == ident)

    async def done(self, name: str, data: object = None, ident: str = "") -> Frame:
        """A command that must succeed: the data of its answer."""
        answer = await self.ask(name, data, ident)
        assert answer["ok"], answer
        return cast("Frame", answer.get("data") or {})

    async def refused(self, name: str, data: object = None) -> tuple[str, str]:
        """A command that must fail: slug and field of its problem."""
        answer = await self.ask(name, data)
        assert not answer["ok"], answer
        problem = cast("Frame", answer["problem"])
        return str(problem["type"]).rpartition(":")[2], str(problem.get("field", ""))

    async def begin(self, text: str, **more: object) -> str:
        """The first words; the contact."""
        data = await self.done("chat.start", {"text": text, "language": "sv", **more})
        self.contact, self.token = data["contact"], data["token"]
        return self.contact

    async def vanish(self, chat: ChatChannel) -> None:
        """The network is gone, without goodbye, and the router has noticed."""
        assert self.socket._response.connection is not None
        assert self.socket._response.connection.transport is not None
        self.socket._response.connection.transport.abort()

        async def is_noticed() -> bool:
            return all(session.sid != self.sid or session.socket is None for session in chat.chats.all())

        await eventually(is_noticed)


@asynccontextmanager
async def opened(settings: ChatSettings | None = None) -> AsyncGenerator[ChatHouse]:
    """A house with one router."""
    house = ChatHouse(settings)
    await house.router()
    try:
        yield house
    finally:
        await house.close()
