"""Phone through an Asterisk: keeps the line, finds out what was missed, passes on what happens and what is decided.

Scorecard
  can: receive, connect, end, wait (music, wait bands, announcements), hold, transfer to a number, join (consult,
       supervisor), call back (agent first), topic by digit; one connection, dialled by us or by Asterisk
  can't: send words, type, speak text that was not recorded before, take a call over from another Asterisk
  never: records or listens in beside the call (`requests.ALLOWED`); a supervisor is a muted participant, and announced
  Asterisk restarts: every call is over, told as `line_lost`; new ones come as soon as it is back
  our connection is lost: talks go on, new callers meet the dialplan's fallback; on return what happened is found out
  our process dies: the same; the next holder of the lease takes the calls over from what Asterisk and the store say
  our store is away: callers ring up to `hand_in_s`, then meet the fallback; talks go on and their ends are told later
Must never decide who gets a call, or hold anything that must not be lost.
"""

import asyncio
import hmac
import random
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import aiohttp
import structlog
from aiohttp import hdrs, web

from channels.asterisk import agents, caller
from channels.asterisk import requests as ask
from channels.asterisk.call import Call
from channels.asterisk.calls import Calls, Move, source_of
from channels.asterisk.connection import Connection as Socket
from channels.asterisk.effects import Effects
from channels.asterisk.line import HEARTBEAT_S, LONGEST_FRAME, AriLine
from channels.asterisk.settings import AsteriskSettings
from channels.asterisk.tell import Steps
from channels.asterisk.wire import EVENT_FILTER, ApplicationReplaced, bridges_of, channels_of, info_of
from channels.base import (
    Channel,
    Connection,
    Health,
    Holds,
    Inbox,
    Joins,
    Outgoing,
    Seen,
    Sent,
    State,
    Transfers,
    Waits,
)
from channels.numbers import e164
from channels.reconnecting import pause_s
from channels.site import Site
from router.errors import MalformedBody, NotFound, ServicecenterError, Unauthenticated, Unavailable

log = structlog.get_logger(__name__)
PATH = "/v1/channels/asterisk"
GRACE_S = 3.0
GREETING_S = 2.0
BUSY = 1_000
"""Events and steps that wait before the line counts as degraded."""
UNAUTHENTICATED = 401


class AsteriskChannel(Channel, Waits, Holds, Transfers, Joins):
    """Calls of one Asterisk."""

    def __init__(self, inbox: Inbox, plan: AsteriskSettings) -> None:
        self._plan = plan
        self._inbox = inbox
        self._calls = Calls(plan)
        self._line = AriLine(plan)
        self._effects = Effects(plan, self._calls, self._line, inbox)
        self._socket: Socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._state: State = "stopped"
        self._reason = ""
        self._asterisk_id = ""
        self._early: dict[str, Connection] = {}
        """Agents who took somebody while we were finding out who is on the line."""
        self._is_surveyed = asyncio.Event()

    @property
    def name(self) -> str:
        """As the configuration names it."""
        return "asterisk"

    # Life --------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Dial, or wait to be dialled; hold what we believe against what is there, now and then.

        Again after a stop, when the lease comes back: what was known then is found out anew.
        """
        self._state, self._reason = "starting", ""
        self._calls.clear()
        if self._plan.mode == "dial":
            self._spawn(self._keep_dialling())
        self._spawn(self._keep_auditing())

    async def stop(self) -> None:
        """Hear nothing more, tell the service what was heard, let the line go. Calls go on without us."""
        self._state = "stopped"
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._effects.stop(GRACE_S)
        await self._line.close()

    def health(self) -> Health:
        """How the line is."""
        backlog = self._effects.backlog + (self._socket.backlog if self._socket else 0)
        if self._state == "up" and backlog > BUSY:
            return Health("degraded", backlog, "backlog")
        if self._state == "up" and self._socket is not None and self._socket.malformed:
            return Health("up", backlog, "malformed-events")
        return Health(self._state, backlog, self._reason)

    @property
    def _is_replaced(self) -> bool:
        return self._state == "replaced"

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finish)

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("ari_task_failed", error=type(error).__name__, exc_info=error)
            self._fall("defect")

    # The connection ----------------------------------------------------------------------------------------------

    async def _keep_dialling(self) -> None:
        attempt = 0
        while not self._is_replaced:
            try:
                if await self._serve(Socket(await self._line.dial())):
                    attempt = 0
            except aiohttp.WSServerHandshakeError as error:
                self._fall("unauthenticated" if error.status == UNAUTHENTICATED else "refused")
            except (aiohttp.ClientError, OSError, TimeoutError):
                self._fall("unreachable")
            if self._is_replaced:
                return
            await asyncio.sleep(pause_s(attempt, random.random()))  # noqa: S311 - jitter
            attempt += 1

    def routes(self) -> Sequence[web.RouteDef]:
        """Where Asterisk opens its websocket to us, in mode `listen`."""
        return [web.get(PATH, self._accept)] if self._plan.mode == "listen" else []

    async def _accept(self, request: web.Request) -> web.StreamResponse:
        """Asterisk opens its line to us.

        Raises:
            Unauthenticated: not with the user and password agreed on.
            Unavailable: another router holds the line.
        """
        shown = request.headers.get(hdrs.AUTHORIZATION, "")
        agreed = aiohttp.encode_basic_auth(self._plan.user, self._plan.password)
        if not hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), agreed.encode()):
            raise Unauthenticated
        if self._state in {"stopped", "replaced"}:
            raise Unavailable("another router holds this line")
        socket = web.WebSocketResponse(protocols=("ari",), heartbeat=HEARTBEAT_S, max_msg_size=LONGEST_FRAME)
        if not socket.can_prepare(request).ok:
            raise NotFound("only a websocket is opened here", field="Upgrade")
        await socket.prepare(request)
        if self._socket is not None:
            await self._socket.close()
        await self._serve(Socket(socket))
        return socket

    async def _serve(self, socket: Socket) -> bool:
        """One connection: buffered while we find out what was missed, then listened to; whether it came so far."""
        reader = asyncio.create_task(socket.read())
        self._socket = socket
        self._line.attach(socket)
        try:
            if self._plan.mode == "listen":
                await socket.greeted(GREETING_S)
            is_caught_up = await self._catch_up()
            if is_caught_up:
                await self._listen(socket)
            return is_caught_up
        finally:
            self._line.detach(socket)
            if self._socket is socket:
                self._socket = None
                self._is_surveyed.clear()
                if self._state == "up":
                    self._fall("connection-lost")
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
            await socket.close()

    async def _catch_up(self) -> bool:
        """In this order: what is there, what was missed, what we want to hear; then what was buffered meanwhile."""
        if not await self._survey():
            self._fall("not-answering")
            return False
        heard = await self._line.ask(ask.event_filter(self._plan.app, EVENT_FILTER))
        if not heard.is_done:
            self._fall("filter-refused")
            return False
        self._state, self._reason = "up", ""
        self._is_surveyed.set()
        log.info("ari_connected", calls=self._calls.count)
        return True

    async def _listen(self, socket: Socket) -> None:
        while (event := await socket.next()) is not None:
            if isinstance(event, ApplicationReplaced):
                await self._give_way()
                return
            self._effects.do(self._calls.feed(event))

    async def _give_way(self) -> None:
        """Another process has our application: whatever we did now would be done twice."""
        self._state, self._reason = "replaced", "replaced"
        log.error("ari_replaced")
        await self._effects.stop(0)

    def _fall(self, reason: str) -> None:
        if (self._state, self._reason) != ("down", reason):
            log.warning("ari_down", reason=reason)
        self._state, self._reason = "down", reason

    # What was missed ---------------------------------------------------------------------------------------------

    async def _survey(self) -> bool:
        """Hold what we and the service believe against what is there."""
        known = self._calls.channels()
        found: list[bytes] = []
        for each in (ask.info(), ask.channels(), ask.bridges()):
            reply = await self._line.ask(each)
            if not reply.is_done:
                return False
            found.append(reply.body)
        try:
            self._asterisk_id = info_of(found[0]).system.entity_id
            there, spoken = channels_of(found[1]), bridges_of(found[2])
            seen = await self._inbox.open_contacts()
        except MalformedBody:
            return False
        except ServicecenterError as error:
            log.warning("ari_survey_without_service", reason=error.slug)
            return False
        moves, lost = self._calls.survey(there, spoken, seen, self._asterisk_id, known)
        self._effects.do(moves)
        self._effects.tell_lost(lost)
        early, self._early = self._early, {}
        for connection in early.values():
            self._connect(connection)
        return True

    async def _keep_auditing(self) -> None:
        """An event that was never sent is found out all the same."""
        while True:
            await self._is_surveyed.wait()
            await asyncio.sleep(self._plan.audit_s)
            if self._is_surveyed.is_set():
                await self._survey()

    # What the service decides ------------------------------------------------------------------------------------

    async def connect(self, connection: Connection) -> None:
        """Ring the agent's phone; the resident's too, when they are called back."""
        if self._is_surveyed.is_set():
            self._connect(connection)
        elif not self._is_replaced:
            self._early[connection.contact] = connection

    def _connect(self, connection: Connection) -> None:
        call = self._calls.talked_about(connection)
        if connection.callback_to:
            self._effects.do(self._calls.call_back(connection, source_of(self._asterisk_id)))
        elif call is not None:
            self._effects.do([Move(call, agents.connect(call, connection))])
        else:
            gone = Seen(connection.contact, "", connection.source, connection.subject)
            self._effects.tell_lost([gone])

    def _to(self, contact: str, change: Callable[[Call], Steps]) -> None:
        call = self._calls.of_contact(contact)
        if call is not None and not self._is_replaced:
            self._effects.do([Move(call, change(call))])

    async def send(self, message: Outgoing) -> Sent:  # noqa: ARG002 - the interface's
        """A call has no words of ours."""
        return Sent("failed", "no-text")

    async def end(self, contact: str, reason: str) -> None:
        """Everybody hangs up."""
        self._to(contact, lambda call: agents.end(call, reason))

    async def wait(self, seen: Seen) -> None:
        """Music, and what there is to say of the wait."""
        self._to(seen.contact, lambda call: caller.wait(call, seen))

    async def hold(self, contact: str, leg: str) -> None:  # noqa: ARG002 - the interface's
        """Music for the resident."""
        self._to(contact, agents.hold)

    async def resume(self, contact: str, leg: str) -> None:  # noqa: ARG002 - the interface's
        """The resident is back."""
        self._to(contact, agents.resume)

    async def transfer(self, contact: str, leg: str, to: str) -> None:
        """The resident goes on to a number."""
        number = e164(to, self._plan.region) or to.strip()
        self._to(contact, lambda call: agents.transfer(call, leg, number))

    async def join(self, contact: str, leg: str, agent: str, *, speaks: bool) -> None:
        """Ring whoever takes part."""
        self._to(contact, lambda call: agents.join(call, leg, agent, speaks=speaks))

    async def leave(self, contact: str, leg: str) -> None:
        """They hang up; not who has the call by now."""

        def leave(seen: Seen | None) -> None:
            owner = seen.agent if seen is not None and seen.state == "with_agent" else ""
            self._to(contact, lambda call: agents.leave(call, leg, owner))

        self._effects.look_first(contact, leave)


async def open_asterisk(site: Site, settings: AsteriskSettings) -> Channel:
    """The channel that the settings describe.

    Raises:
        ConfigurationError: the settings contradict themselves.
    """
    settings.check()
    return AsteriskChannel(site.inbox, settings)
