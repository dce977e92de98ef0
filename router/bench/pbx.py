"""An Asterisk in memory, as far as its ARI shows: for measurements and tests of the phone adapter. Carries no sound.

Answers and tells in the order that recordings of a real one show. Phones do nothing by themselves unless told so.
"""

import asyncio
import itertools
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from typing import Any, Self

import aiohttp
import msgspec
from aiohttp import web

Json = dict[str, Any]
APP = "servicecenter"
ENTITY = "02:fc:00:00:00:01"
DONE = web.Response
NORMAL = 16


class Pbx:
    """Channels, bridges and one websocket; `asked` remembers every request."""

    def __init__(self, user: str = "sc", password: str = "made-up") -> None:  # noqa: S107 - made up
        self.user, self.password = user, password
        self.url = ""
        self.channels: dict[str, Json] = {}
        self.bridges: dict[str, list[str]] = {}
        self.asked: list[tuple[str, str, Mapping[str, Any]]] = []
        self.filter: Json = {}
        self.socket: web.WebSocketResponse | aiohttp.ClientWebSocketResponse | None = None
        self.answers: Callable[[str], bool] = lambda _: False
        """Which phones pick up as soon as they ring."""
        self.gate: asyncio.Barrier | None = None
        """Requests are answered when so many of them wait."""
        self.is_away = False
        """Nobody gets a websocket."""
        self.is_deaf = False
        """Requests get no answer."""
        self._numbers = itertools.count(1)
        self._stack = AsyncExitStack()
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Answer on a port of its own."""
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Be gone."""
        await self.close()

    async def open(self, port: int = 0) -> None:
        """Answer."""
        app = web.Application()
        app.router.add_get("/ari/events", self._events)
        app.router.add_route("*", "/ari/{path:.*}", self._rest)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/ari"

    async def close(self) -> None:
        """Be gone, with every call."""
        if self.socket is not None:
            await self.socket.close()
        await self._stack.aclose()

    async def until(self, holds: Callable[[], bool], limit_s: float = 15.0) -> None:
        """Wait until something that requests change is so."""
        async with asyncio.timeout(limit_s), self._changed:
            await self._changed.wait_for(holds)

    async def asked_for(self, method: str, path: str) -> Mapping[str, Any]:
        """Wait for a request, and take it."""
        await self.until(lambda: any((m, p) == (method, path) for m, p, _ in self.asked))
        found = next(each for each in self.asked if each[:2] == (method, path))
        self.asked.remove(found)
        return found[2]

    # What people do ------------------------------------------------------------------------------------------------

    async def call_in(self, number: str = "+46701740605", exten: str = "1800", channel: str = "") -> str:
        """Somebody calls; their channel."""
        name = channel or f"pbx-1795308492.{next(self._numbers)}"
        self.channels[name] = _channel(name, number, exten, "Ring", f"{APP},inbound,{exten}")
        await self.tell("StasisStart", args=["inbound", exten], channel=self.channels[name])
        return name

    async def pick_up(self, channel: str) -> None:
        """A phone that rings is answered."""
        found = self.channels[channel]
        found["state"] = "Up"
        args = found.pop("args")
        found["dialplan"] |= {"app_name": "Stasis", "app_data": f"{APP},{args}"}
        await self.tell("ChannelStateChange", channel=found)
        await self.tell("StasisStart", args=args.split(","), channel=found)

    async def hang_up(self, channel: str, cause: int = NORMAL) -> None:
        """Somebody hangs up, or does not answer."""
        found = self.channels.pop(channel, None)
        if found is None:
            return
        for bridge, members in self.bridges.items():
            if channel in members:
                members.remove(channel)
                await self.tell("ChannelLeftBridge", bridge={"id": bridge, "channels": members}, channel=found)
        await self.tell("ChannelHangupRequest", cause=cause, channel=found)
        if "args" not in found:
            await self.tell("StasisEnd", channel=found)
        if found["is_ours"]:
            await self.tell("ChannelDestroyed", cause=cause, cause_txt="", channel=found)
        await self._change()

    async def press(self, channel: str, digit: str) -> None:
        """A digit."""
        await self.tell("ChannelDtmfReceived", digit=digit, duration_ms=120, channel=self.channels[channel])

    async def finish_playing(self, playback: str) -> None:
        """An announcement comes to its end."""
        await self.tell("PlaybackFinished", playback={"id": playback, "media_uri": "sound:x", "state": "done"})

    async def tell(self, kind: str, **fields: object) -> None:
        """An event, to whoever listens; lost when nobody does."""
        await self.send({"type": kind, "timestamp": "2026-11-22T00:48:12.960+0000", "application": APP, **fields})

    async def send(self, frame: Json | str) -> None:
        """A frame as it is."""
        if self.socket is not None and not self.socket.closed:
            text = frame if isinstance(frame, str) else msgspec.json.encode(frame | {"asterisk_id": ENTITY}).decode()
            await self.socket.send_str(text)

    async def drop_socket(self) -> None:
        """The connection is gone; calls are not."""
        socket, self.socket = self.socket, None
        if socket is not None:
            await socket.close()

    def forget_calls(self) -> None:
        """Everything is gone, and nobody hears of it."""
        self.channels.clear()
        self.bridges.clear()

    # What is asked of it -------------------------------------------------------------------------------------------

    async def _events(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != self._credentials():
            return web.json_response({"message": "Authentication required"}, status=401)
        if self.is_away:
            return web.json_response({"message": "away"}, status=503)
        socket = web.WebSocketResponse(protocols=("ari",))
        await socket.prepare(request)
        before, self.socket = self.socket, socket
        self.filter = {}
        if before is not None and not before.closed:
            await before.send_str(msgspec.json.encode({"type": "ApplicationReplaced", "application": APP}).decode())
        await self._change()
        async for _ in socket:
            pass
        if self.socket is socket:
            self.socket = None
        await self._change()
        return socket

    def _credentials(self) -> str:
        return aiohttp.encode_basic_auth(self.user, self.password)

    async def dial_out(self, url: str) -> None:
        """Open the websocket to us, and answer requests on it until it is closed."""
        headers = {"Authorization": self._credentials()}
        async with aiohttp.ClientSession(headers=headers) as http, http.ws_connect(url, protocols=("ari",)) as socket:
            self.socket = socket
            await self.tell("ApplicationRegistered")
            async for message in socket:
                wanted = msgspec.json.decode(message.data)
                query = {each["name"]: each["value"] for each in wanted["query_strings"]}
                body = msgspec.json.decode(wanted.get("message_body", "{}"))
                status, answer = await self._answer(wanted["method"], "/" + wanted["uri"], query | body)
                said = {"request_id": wanted["request_id"], "status_code": status, "message_body": answer}
                await socket.send_str(msgspec.json.encode({"type": "RESTResponse"} | said).decode())

    async def _rest(self, request: web.Request) -> web.Response:
        raw = await request.read()
        fields: Json = dict(request.query) | (msgspec.json.decode(raw, type=Json) if raw else {})
        status, body = await self._answer(request.method, "/" + request.match_info["path"], fields)
        return web.Response(status=status, text=body, content_type="application/json" if body else "text/plain")

    async def _answer(self, method: str, path: str, fields: Json) -> tuple[int, str]:
        if self.gate is not None:
            await self.gate.wait()
        if self.is_deaf:
            await asyncio.Event().wait()
        answer = await self._carry_out(method, path.strip("/").split("/"), fields)
        self.asked.append((method, path, fields))
        await self._change()
        return answer[0], msgspec.json.encode(answer[1]).decode() if answer[1] is not None else ""

    async def _carry_out(  # noqa: PLR0911 - one answer for each address
        self, method: str, path: list[str], fields: Json
    ) -> tuple[int, object]:
        match method, path:
            case "GET", ["asterisk", "info"]:
                return 200, {
                    "system": {"entity_id": ENTITY},
                    "status": {"startup_time": "2026-11-22T00:00:00.000+0000"},
                }
            case "GET", ["channels"]:
                return 200, [_shown(each) for each in self.channels.values()]
            case "GET", ["bridges"]:
                return 200, [{"id": name, "channels": members} for name, members in self.bridges.items()]
            case "PUT", ["applications", _, "eventFilter"]:
                self.filter = fields
                return 200, {}
            case _, ["channels", name, *rest]:
                return await self._on_channel(method, name, rest, fields)
            case _, ["bridges", name, *rest]:
                return self._on_bridge(method, name, rest, fields)
            case "DELETE", ["playbacks", name]:
                self._later(self.finish_playing(name))
                return 204, None
            case _:
                return 404, {"message": "Resource not found"}

    async def _on_channel(self, method: str, name: str, rest: list[str], fields: Json) -> tuple[int, object]:
        if method == "POST" and not rest:
            return self._originate(name, fields)
        if name not in self.channels:
            return 404, {"message": "Channel not found"}
        if method == "DELETE" and not rest:
            self._later(self.hang_up(name))
            return 204, None
        if "args" in self.channels[name]:
            return 409, {"message": "Channel not in Stasis application"}
        if rest == ["answer"]:
            self.channels[name]["state"] = "Up"
        if rest == ["continue"]:
            gone = self.channels.pop(name)
            self._later(self.tell("StasisEnd", channel=gone))
        return (201, {"id": rest[1]}) if rest[0] == "play" else (204, None)

    def _originate(self, name: str, fields: Json) -> tuple[int, object]:
        if name in self.channels:
            return 409, {"message": "Channel with given unique ID already exists"}
        if "nobody" in fields["endpoint"] or not fields["endpoint"]:
            return 500, {"error": "Allocation failed"}
        made = _channel(name, str(fields.get("callerId", "")), "s", "Ringing", "(Outgoing Line)")
        self.channels[name] = made | {"args": fields["appArgs"], "is_ours": True}
        if self.answers(fields["endpoint"]):
            self._later(self.pick_up(name))
        return 200, _shown(made)

    def _on_bridge(self, method: str, name: str, rest: list[str], fields: Json) -> tuple[int, object]:
        if method == "POST" and not rest:
            is_new = name not in self.bridges
            self.bridges.setdefault(name, [])
            return (200, {"id": name, "channels": []}) if is_new else (409, {"message": "Bridge exists"})
        if name not in self.bridges:
            return 404, {"message": "Bridge not found"}
        if method == "DELETE":
            del self.bridges[name]
            return 204, None
        return self._on_members(name, rest[0], str(fields["channel"]).split(","))

    def _on_members(self, name: str, verb: str, members: list[str]) -> tuple[int, object]:
        if any(each not in self.channels for each in members):
            return 400, {"message": "Channel not found"}
        if any("args" in self.channels[each] for each in members):
            return 422, {"message": "Channel not in Stasis application"}
        if verb == "removeChannel":
            self.bridges[name] = [each for each in self.bridges[name] if each not in members]
            return 204, None
        for others in self.bridges.values():
            others[:] = [each for each in others if each not in members]
        self.bridges[name] += members
        return 204, None

    def _later(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _change(self) -> None:
        async with self._changed:
            self._changed.notify_all()


def _channel(name: str, number: str, exten: str, state: str, data: str) -> Json:
    app = "Stasis" if "inbound" in data else "AppDial2"
    return {
        "id": name,
        "name": f"PJSIP/x-{name}",
        "state": state,
        "caller": {"name": "Made Up", "number": number},
        "connected": {"name": "", "number": ""},
        "dialplan": {"context": "inbound", "exten": exten, "priority": 3, "app_name": app, "app_data": data},
        "creationtime": "2026-11-22T00:48:12.960+0000",
        "language": "sv",
        "is_ours": False,
    }


def _shown(channel: Json) -> Json:
    return {name: value for name, value in channel.items() if name not in {"args", "is_ours"}}
