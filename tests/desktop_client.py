"""A small agent's desktop for tests: connect, command, wait for events, lose the connection, come back."""

import asyncio
import contextlib
import itertools
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Self, cast

import aiohttp
import msgspec

Frame = dict[str, object]
WAIT_S = 20.0
ACK_EVERY = 10


class Refused(Exception):  # the desktop's word for it
    """A command was answered with a problem."""

    def __init__(self, problem: Mapping[str, object]) -> None:
        self.problem = problem
        self.slug = str(problem["type"]).rpartition(":")[2]
        super().__init__(f"{self.slug}: {problem.get('detail', '')} - at {problem.get('field', '')}")


class Closed(Exception):  # an end, not an error
    """The server closed the socket; `code` says why."""

    def __init__(self, code: int | None) -> None:
        self.code = code
        super().__init__(f"closed {code}")


class DesktopClient:
    """One agent's desktop on one service.

    Use `async with await DesktopClient.connect(url, token) as desk:`. Events are acknowledged as they arrive; every
    frame is handed to `on_frame` first, for tests that look at the wire.
    """

    def __init__(self, url: str, token: str, on_frame: Callable[[Frame], object] | None = None) -> None:
        self.url = url
        self.token = token
        self.on_frame = on_frame
        self.sid = ""
        self.seq = 0
        """The last event seen."""
        self.hello: Frame = {}
        self.snapshot: dict[str, object] = {}
        self.events: deque[Frame] = deque()
        """Events that nobody has waited for yet."""
        self.other: list[Frame] = []
        """`reset`, `resumed`, `bye` in the order they came."""
        self.close_code: int | None = None
        self._http: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._answers: dict[str, asyncio.Future[Frame]] = {}
        self._arrived = asyncio.Condition()
        self._ready = asyncio.Event()
        self._over = asyncio.Event()
        self._names = (f"k{number}" for number in itertools.count(1))

    @classmethod
    async def connect(cls, url: str, token: str, on_frame: Callable[[Frame], object] | None = None) -> Self:
        """A desktop that has got its `ready`."""
        desktop = cls(url, token, on_frame)
        try:
            await desktop.open()
        except BaseException:
            await desktop.close()
            raise
        return desktop

    async def __aenter__(self) -> Self:
        """As it is."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Leave politely."""
        await self.close()

    async def ticket(self) -> str:
        """A fresh one-time ticket."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self._client.post(f"{self.url}/v1/ws-tickets", headers=headers) as answer:
            return str((await answer.json())["ticket"])

    async def open(self, resume: Mapping[str, object] | None = None) -> None:
        """Open the socket and speak until `ready` or `resumed`."""
        self._ready.clear()
        self._over.clear()
        self.close_code = None
        ticket = await self.ticket()
        self._socket = await self._client.ws_connect(f"{self.url}/v1/desktop", autoping=True, max_msg_size=0)
        self.hello = await self._socket.receive_json(timeout=WAIT_S)
        self._see(self.hello)
        await self.send({"t": "auth", "ticket": ticket} | ({"resume": dict(resume)} if resume else {}))
        self._tasks = [asyncio.create_task(self._read(self._socket)), asyncio.create_task(self._beat())]
        await self._until(self._ready)

    async def resume(self) -> None:
        """Come back to the same session after `drop` or a close."""
        await self._end_tasks()
        await self.open({"sid": self.sid, "seq": self.seq})

    async def drop(self) -> None:
        """Lose the connection without a word, as a pulled cable does."""
        socket = self._socket
        await self._end_tasks()
        if socket is not None:
            transport = socket.get_extra_info("socket") and getattr(socket, "_response").connection.transport  # noqa: B009 # aiohttp shows it nowhere else
            if transport is not None:
                transport.abort()
            with contextlib.suppress(Exception):
                await socket.close()

    async def close(self) -> None:
        """Leave politely."""
        if self._socket is not None:
            await self._socket.close()
        await self._end_tasks()
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def command(
        self, name: str, data: Mapping[str, object] | None = None, command_id: str = ""
    ) -> dict[str, object]:
        """The answer's data.

        Raises:
            Refused: the service answered with a problem.
        """
        answer = await self.answer(name, data, command_id)
        if not answer["ok"]:
            raise Refused(cast("Mapping[str, object]", answer["problem"]))
        return cast("dict[str, object]", answer["data"])

    async def answer(self, name: str, data: Mapping[str, object] | None = None, command_id: str = "") -> Frame:
        """The whole `res` frame."""
        number = command_id or next(self._names)
        future = self._answers[number] = asyncio.get_running_loop().create_future()
        await self.send({"t": "cmd", "id": number, "name": name, "data": dict(data or {})})
        async with asyncio.timeout(WAIT_S):
            return await future

    async def send(self, frame: Mapping[str, object]) -> None:
        """Send one frame as it is."""
        if self._socket is None:
            raise Closed(self.close_code)
        await self._socket.send_str(msgspec.json.encode(frame).decode())

    async def wait_event(
        self, kind: str, matches: Callable[[dict[str, object]], bool] | None = None, timeout_s: float = WAIT_S
    ) -> dict[str, object]:
        """Data of the first event of this type that matches; earlier ones of other types are passed over."""
        async with asyncio.timeout(timeout_s), self._arrived:
            while True:
                while self.events:
                    event = self.events.popleft()
                    data = cast("dict[str, object]", event["data"])
                    if event["type"] == kind and (matches is None or matches(data)):
                        return data
                if self._over.is_set():
                    raise Closed(self.close_code)
                await self._arrived.wait()

    async def __aiter__(self) -> AsyncIterator[Frame]:
        """Every event until the socket closes."""
        while True:
            async with self._arrived:
                await self._arrived.wait_for(lambda: bool(self.events) or self._over.is_set())
                if not self.events:
                    return
                event = self.events.popleft()
            yield event

    async def closed(self, timeout_s: float = WAIT_S) -> int | None:
        """Wait for the server to close; its code."""
        async with asyncio.timeout(timeout_s):
            await self._over.wait()
        return self.close_code

    @property
    def _client(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = aiohttp.ClientSession()
        return self._http

    async def _until(self, happened: asyncio.Event) -> None:
        waiting = [asyncio.create_task(each.wait()) for each in (happened, self._over)]
        try:
            done, _ = await asyncio.wait(waiting, timeout=WAIT_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        if not done:
            raise TimeoutError
        if not happened.is_set():
            raise Closed(self.close_code)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        try:
            async for message in socket:
                frame: Frame = msgspec.json.decode(message.data)
                self._see(frame)
                await self._take(frame)
        finally:
            self.close_code = socket.close_code
            self._over.set()
            for future in self._answers.values():
                if not future.done():
                    future.set_exception(Closed(self.close_code))
                    future.exception()
            async with self._arrived:
                self._arrived.notify_all()

    async def _take(self, frame: Frame) -> None:
        match frame["t"]:
            case "ready":
                self.sid, self.seq = str(frame["sid"]), cast("int", frame["seq"])
                self.snapshot = cast("dict[str, object]", frame["snapshot"])
                self._ready.set()
            case "resumed" | "reset" | "bye":
                self.other.append(frame)
                if frame["t"] == "resumed":
                    self._ready.set()
            case "ev":
                self.seq = cast("int", frame["seq"])
                if self.seq % ACK_EVERY == 0:
                    await self.send({"t": "ack", "seq": self.seq})
                async with self._arrived:
                    self.events.append(frame)
                    self._arrived.notify_all()
            case "res":
                future = self._answers.pop(str(frame["id"]), None)
                if future is not None and not future.done():
                    future.set_result(frame)
            case _:
                pass

    async def _beat(self) -> None:
        pause_s = float(cast("int", self.hello["hb"]))
        loop = asyncio.get_running_loop()
        while not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(loop.time() + pause_s):
                    await self._over.wait()
                return
            with contextlib.suppress(ConnectionError):
                await self.send({"t": "hb", "seq": self.seq})

    async def _end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def _see(self, frame: Frame) -> None:
        if self.on_frame is not None:
            self.on_frame(frame)
