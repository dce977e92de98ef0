"""`GET /v1/desktop`, the agents' websocket: hello, auth with a one-time ticket, ready or resumed, events and commands.

Owns the sessions of this router's agents. Never lets a socket wait for another one.
"""

import asyncio
import secrets
from collections import Counter

import msgspec
import structlog
from aiohttp import WSMsgType, web

from channels.base import Signal as Signalled
from router.cards import Cards
from router.config import DesktopConfig, FloorConfig
from router.desk.desk import Desk
from router.desk.queues import Watching
from router.errors import Forbidden, MalformedBody, ServicecenterError, TooManyRequests, Unavailable
from router.figures import FigureBoard
from router.http.desktop_events import TOLD_TO_ALL
from router.http.desktop_session import Beside, Session
from router.http.floor_watching import FloorWatching
from router.http.frames import (
    CLOSE_AUTH,
    CLOSE_PROTOCOL,
    CLOSE_RATE,
    CLOSE_REPLACED,
    CLOSE_SLOW,
    CLOSE_TRY_LATER,
    Ack,
    Auth,
    Bye,
    Cmd,
    FromDesktop,
    Heartbeat,
    HeartbeatAck,
    Hello,
    Ready,
    Reset,
    Result,
    Resumed,
    Signal,
)
from router.http.problems import mismatch
from router.http.taking_part import ROLES, TakingPart
from router.journal import Entry
from router.pressure import refuse_nul
from router.sockets.bucket import Bucket
from router.store.keys import contact_of
from router.store.redis_store import Store
from router.telemetry import Metrics
from router.welcome import Welcome

_decoder = msgspec.json.Decoder(FromDesktop)
_any = msgspec.json.Decoder()
_encode = msgspec.json.Encoder().encode
_log = structlog.get_logger(__name__)
VERSION = 1


class Desktops:
    """All desktop sockets of this router."""

    def __init__(
        self,
        store: Store,
        desk: Desk,
        welcome: Welcome,
        cards: Cards,
        metrics: Metrics,
        *,
        router_id: str,
        config: DesktopConfig,
        floor: FloorConfig,
        board: FigureBoard,
        origins: frozenset[str],
    ) -> None:
        self._store = store
        self._desk = desk
        self._welcome = welcome
        self._cards = cards
        self._metrics = metrics
        self._router_id = router_id
        self._config = config
        self._grace_ms = int(floor.socket_grace_s * 1000)
        self._origins = origins
        self.sessions: dict[str, Session] = {}
        """By agent."""
        self.watching = FloorWatching(board, self.sessions)
        self._taking_part = TakingPart()
        self._unauthenticated: Counter[str] = Counter()
        self.is_draining = False

    # What the tail tells ---------------------------------------------------------------------------------------

    def follow(self, entry: Entry) -> None:
        """Tell whom an entry concerns, if their session is here, and who takes part; some concern everybody."""
        concerned = list(self.sessions) if entry.command in TOLD_TO_ALL else {entry.data.agent, *entry.data.also}
        for agent in concerned:
            session = self.sessions.get(agent)
            if session is not None:
                self._tell(session, entry)
        for agent in self._taking_part.follow(entry).difference(concerned):
            session = self.sessions.get(agent)
            if session is not None:
                session.tell(Beside(entry))
        self.watching.follow(entry)

    def _tell(self, session: Session, entry: Entry) -> None:
        if entry.command == "open_session":
            if entry.data.session != self._name(session) and session.socket is not None:
                asyncio.get_running_loop().create_task(self._replace(session))  # ends within a second by itself
            return
        session.tell(entry)

    def signal(self, agent: str, contact: str, signal: Signalled, number: int) -> bool:
        """What a resident does meanwhile, to the agent who has the contact; whether their socket is here."""
        session = self.sessions.get(agent)
        if session is None or session.socket is None:
            return False
        session.tell_frame(Signal(contact, signal, number))
        return True

    async def _replace(self, session: Session) -> None:
        if self.sessions.get(session.agent) is session:
            del self.sessions[session.agent]
        session.holder = None
        session.stop()
        await session.close(CLOSE_REPLACED)

    def _name(self, session: Session) -> str:
        return f"{self._router_id}/{session.sid}"

    def sweep(self) -> None:
        """Forget sessions that can't be resumed any more."""
        now = self._store.clock.now_ms()
        for agent, session in list(self.sessions.items()):
            if session.expires_at and session.expires_at < now:
                session.stop()
                del self.sessions[agent]

    async def drain(self) -> None:
        """Say goodbye to every desktop and close."""
        self.is_draining = True
        await asyncio.gather(*(session.leave(Bye("drain", 1_000)) for session in list(self.sessions.values())))

    # One socket ------------------------------------------------------------------------------------------------

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one desktop until its socket closes."""
        self._check_origin(request)
        if self.is_draining:
            raise Unavailable("going down")
        socket = web.WebSocketResponse(
            heartbeat=self._config.heartbeat_s,
            max_msg_size=self._config.max_frame_bytes,
            compress=False,
            writer_limit=65_536,
            autoclose=True,
        )
        await socket.prepare(request)
        try:
            await self._speak(request, socket)
        except ServicecenterError as error:
            # The handshake is over: no problem document can be sent any more, only a code.
            _log.warning("desktop_failed", slug=error.slug)
            self._metrics.desktop_closed.labels(str(CLOSE_TRY_LATER)).inc()
            await socket.close(code=CLOSE_TRY_LATER)
        return socket

    async def _speak(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        address = request.remote or ""
        self._unauthenticated[address] += 1
        try:
            if self._unauthenticated[address] > self._config.max_unauthenticated_per_address:
                await socket.close(code=CLOSE_RATE)
                return
            hello = Hello(VERSION, self._config.app_heartbeat_s, self._config.max_frame_bytes)
            await socket.send_str(_encode(hello).decode())
            auth, role, agent = await self._authenticate(socket)
        finally:
            self._unauthenticated[address] -= 1
            if not self._unauthenticated[address]:
                del self._unauthenticated[address]
        if auth is None or not agent:
            self._metrics.desktop_closed.labels(str(CLOSE_AUTH)).inc()
            await socket.close(code=CLOSE_AUTH)
            return
        await self._serve(request, socket, auth, role, agent)

    def _check_origin(self, request: web.Request) -> None:
        """Browsers say where a page came from; aiohttp does not look."""
        origin = request.headers.get("Origin")
        if origin is not None and origin not in self._origins:
            raise Forbidden("add the page's origin to [http] origins", field="Origin")

    async def _authenticate(self, socket: web.WebSocketResponse) -> tuple[Auth | None, str, str]:
        """The auth frame, and the role and agent its ticket was made for.

        The desktop has so long to send it. How long the store takes is not its fault: whoever was told 4001 would stay
        away for good.

        Raises:
            Unavailable: the store does not answer.
        """
        try:
            async with asyncio.timeout(self._config.auth_timeout_s):
                message = await socket.receive()
        except TimeoutError:
            return None, "", ""
        if message.type is not WSMsgType.TEXT:
            return None, "", ""
        try:
            frame = _decoder.decode(message.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None, "", ""
        if not isinstance(frame, Auth):
            return None, "", ""
        return frame, *(await self._store.take_ticket(frame.ticket))

    async def _serve(
        self, request: web.Request, socket: web.WebSocketResponse, auth: Auth, role: str, agent: str
    ) -> None:
        self._metrics.desktop_sockets.inc()
        try:
            session = await self._open(request, socket, auth, role, agent)
            await self._read(socket, session)
        finally:
            self._metrics.desktop_sockets.dec()
            held = self.sessions.get(agent)
            if held is not None and held.holder is socket:
                await asyncio.shield(self._leave(held, socket))

    async def _open(
        self, request: web.Request, socket: web.WebSocketResponse, auth: Auth, role: str, agent: str
    ) -> Session:
        """Go on with the session that the desktop names, or begin a new one."""
        await self._welcome.enrol(agent, role)
        old = self.sessions.get(agent)
        wanted = auth.resume
        if old is not None and old.socket is not None and not (wanted and wanted.sid == old.sid):
            await self._replace(old)
            old = None
        if wanted is not None and old is not None and old.sid == wanted.sid and old.ring.can_resume(wanted.seq):
            old.role = role
            await self._resume(request, socket, old, wanted.seq)
            return old
        if wanted is not None:
            is_gap = old is not None and old.sid == wanted.sid
            await socket.send_str(_encode(Reset("gap" if is_gap else "expired")).decode())
        return await self._begin(request, socket, role, agent, wanted.sid if wanted else "")

    async def _resume(self, request: web.Request, socket: web.WebSocketResponse, session: Session, seq: int) -> None:
        """The session goes on with this socket; what happens while the past is sent is sent as well."""
        session.holder = socket
        if session.socket is not None:
            await session.close(CLOSE_REPLACED)
        await self._store.agents.open_session(session.agent, self._router_id, self._name(session))
        await socket.send_str(_encode(Resumed(seq)).decode())
        while missed := session.ring.after(seq):
            if missed[0][0] != seq + 1:
                await socket.close(code=CLOSE_SLOW)
                return
            for _, frame in missed:
                await socket.send_str(frame.decode())
            seq = missed[-1][0]
        session.attach(socket, _transport(request))

    async def _begin(
        self, request: web.Request, socket: web.WebSocketResponse, role: str, agent: str, after: str
    ) -> Session:
        """A new session. It listens before the snapshot is read, so nothing falls between the two."""
        session = Session(secrets.token_hex(8), agent, self._cards, self._config, self._metrics)
        session.role = role
        old = self.sessions.pop(agent, None)
        if old is not None:
            old.stop()
            if old.sid == after:
                # The same desktop under a fresh session: what it sends again must not happen again.
                session.results = old.results
        session.holder = socket
        self.sessions[agent] = session
        await self._store.agents.open_session(agent, self._router_id, self._name(session))
        await self._load_part(agent)
        ready = Ready(session.sid, 0, int(self._config.resume_ttl_s), await self._welcome.snapshot(agent, role))
        await socket.send_str(_encode(ready).decode())
        session.attach(socket, _transport(request))
        return session

    async def _load_part(self, agent: str) -> None:
        """What the agent took part in before this router followed the journal."""
        items = (await self._store.work(agent)).items()
        for leg in [item for item, (_, _, kind) in items if kind in ROLES]:
            side = (await self._store.sides(contact_of(leg))).get(leg)
            if side is not None and side.state == "connected":
                self._taking_part.load(agent, [leg])

    async def _leave(self, session: Session, socket: web.WebSocketResponse) -> None:
        """The socket is gone: the session waits for a resume, the store for the agent's return."""
        session.holder = None
        now = self._store.clock.now_ms()
        session.detach(now + int(self._config.resume_ttl_s * 1000))
        try:
            reason = str(socket.close_code or 1006)
            await self._store.agents.close_session(
                session.agent, self._router_id, self._name(session), now + self._grace_ms, reason
            )
        except ServicecenterError as error:
            # The router's heartbeat covers it: the session set still names the agent.
            _log.warning("session_close_failed", slug=error.slug)

    async def _read(self, socket: web.WebSocketResponse, session: Session) -> None:
        bucket = Bucket(self._config.commands_per_s, self._config.command_burst, self._store.clock.now_ms())
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                await session.close(CLOSE_PROTOCOL)
                return
            left = bucket.take(self._store.clock.now_ms())
            if left < -self._config.command_burst:
                await session.close(CLOSE_RATE)
                return
            try:
                frame = _decoder.decode(message.data)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                _log.info("frame_refused", agent=session.agent, error=type(error).__name__)
                await session.close(CLOSE_PROTOCOL)
                return
            await self._handle(session, frame, is_flooding=left < 0)

    async def _handle(self, session: Session, frame: FromDesktop, *, is_flooding: bool) -> None:
        match frame:
            case Cmd():
                if is_flooding:
                    problem = TooManyRequests().problem(frame.name)
                    session.tell_frame(Result(frame.id, ok=False, problem=problem))
                else:
                    await self._command(session, frame)
            case Ack():
                session.ring.acknowledge(frame.seq)
            case Heartbeat():
                session.ring.acknowledge(frame.seq)
                session.tell_frame(HeartbeatAck())
            case Auth():
                await session.close(CLOSE_PROTOCOL)

    async def _command(self, session: Session, frame: Cmd) -> None:
        """Carry out one command; a repeated id gets the kept answer."""
        kept = session.results.get(frame.id)
        if kept is not None:
            session.tell(kept)
            return
        try:
            refuse_nul(bytes(frame.data))
            data = await self._desk.command(session.agent, frame.name, _any.decode(frame.data), role=session.role)
            result = Result(frame.id, ok=True, data=data)
        except ServicecenterError as error:
            result = Result(frame.id, ok=False, problem=error.problem(frame.name))
        except msgspec.ValidationError as error:
            result = Result(frame.id, ok=False, problem=mismatch(error, "$.data").problem(frame.name))
        except (msgspec.DecodeError, RecursionError):
            result = Result(frame.id, ok=False, problem=MalformedBody(field="$.data").problem(frame.name))
        except Exception as error:  # noqa: BLE001 # a defect in one command must not cost the agent the socket
            _log.error("command_failed", command=frame.name, error=type(error).__name__, exc_info=True)
            result = Result(frame.id, ok=False, problem=ServicecenterError().problem(frame.name))
        self._metrics.commands.labels(_label(frame.name, result), "ok" if result.ok else _slug(result)).inc()
        if result.problem is not None and result.problem.status >= 500:  # noqa: PLR2004 # may be tried again under the same id
            session.tell_frame(result)
        else:
            session.tell_result(result)
        if result.ok and isinstance(result.data, Watching):
            self.watching.watch(session, result.data)


def _label(name: str, result: Result) -> str:
    """Names from outside are no label values."""
    return "unknown" if result.problem is not None and result.problem.type.endswith("unknown-command") else name


def _slug(result: Result) -> str:
    return result.problem.type.rpartition(":")[2] if result.problem else "ok"


def _transport(request: web.Request) -> asyncio.Transport | None:
    transport = request.transport
    return transport if isinstance(transport, asyncio.Transport) else None
