"""Calls through 46elks: every webhook is answered from what the service says now, on whichever router it comes in.

Scorecard
  can: receive, wait (a clip in a loop, wait bands, announcements), topic by digit, connect to the agent's number;
       transfer to a number, a queue or an agent as soon as the agent puts the phone down: `next` of a connect action
       is asked then, with the resident still on the line
  can't: hold, join, hang up a talk from our side: nothing reaches a call while two are connected. Call back: 46elks has
       no name of ours for a call, and every router is told to make it, so residents would be rung by each of them.
       Say how many are ahead: there are only clips. Know the moment an agent answers: a call that was not reported as
       failed when its ringing has ended counts as connected. An agent waits for the end of a clip
  never: records; there is no such action in `wire`
  46elks retries a webhook: the same call is the same contact; one told of too late is refused as busy
  our process dies: 46elks asks another router; nothing of a call is kept here but the timer behind "connected", and
       how the call ended tells that as well
  our store is away: callers hear the music and are tried again with every clip
Must never hold anything that must not be lost, or believe an id that is not of the call that names it.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import msgspec
import structlog
from aiohttp import web

from channels.base import Channel, Connection, Health, Inbox, Key, Outgoing, Seen, Sent, State, Transfers
from channels.elks import wire
from channels.elks.settings import ElksNumber, ElksSettings
from channels.elks.webhooks import Webhooks
from channels.elks.wire import Action, Step
from channels.faults import is_recoverable
from channels.inbound import InboundEnd
from channels.numbers import e164
from channels.site import Site
from router.errors import NotFound, ServicecenterError, StateError

log = structlog.get_logger(__name__)
ROOT = "/v1/channels/elks"
WAITING = frozenset({"queued", "offered"})
COMES = frozenset({"received", "decided", "with_agent"}) | WAITING
SLACK_S = 2
OUTSIDE_RING_S = 30
MOST_KNOWN = 1_000
CLIPS_UNTIL_KNOWN = 3
"""So many clips are played for somebody who was sent on, until this router knows where to."""
Kept = TypeVar("Kept")
Answer = Callable[[ElksNumber, Step, web.Request], Awaitable[Action]]


class ElksChannel(Channel, Transfers):
    """Calls of our numbers at 46elks."""

    def __init__(self, inbox: Inbox, plan: ElksSettings, now_ms: Callable[[], int], public_url: str) -> None:
        self._inbox = inbox
        self._plan = plan
        self._now_ms = now_ms
        self._hooks = Webhooks(ROOT, public_url, plan.user, plan.password, plan.numbers)
        self._state: State = "stopped"
        self._ringing: dict[str, asyncio.Task[None]] = {}
        self._talks: OrderedDict[str, tuple[str, str]] = OrderedDict()
        """Contact -> the agent who was rung last, and for which leg, until they put the phone down."""
        self._sent_on: OrderedDict[str, str] = OrderedDict()
        """Contact -> the number that its agent has sent it on to; every router is told."""

    @property
    def name(self) -> str:
        """As the configuration names it."""
        return "elks"

    async def start(self) -> None:
        """Webhooks are answered from now on."""
        self._state = "up"

    async def stop(self) -> None:
        """Calls go on with whichever router 46elks asks next."""
        self._state = "stopped"
        for task in self._ringing.values():
            task.cancel()
        await asyncio.gather(*self._ringing.values(), return_exceptions=True)

    def health(self) -> Health:
        """There is no line that could be down."""
        return Health(self._state, len(self._ringing))

    async def connect(self, connection: Connection) -> None:
        """The next clip's end asks who has the call, and rings them; whoever took it back never put the phone down."""
        agent, leg = self._talks.get(connection.contact, ("", ""))
        if agent == connection.agent and leg != connection.leg:
            await self._inbox.connected(connection.leg)

    async def transfer(self, contact: str, leg: str, to: str) -> None:  # noqa: ARG002 - the interface's
        """Where they go when the agent puts the phone down."""
        _keep(self._sent_on, contact, e164(to, self._plan.region) or to.strip())

    async def send(self, message: Outgoing) -> Sent:  # noqa: ARG002 - the interface's
        """A call has no words of ours."""
        return Sent("failed", "no-text")

    async def end(self, contact: str, reason: str) -> None:
        """Who waits is hung up at the end of the clip; two who talk hang up themselves."""

    # Webhooks ----------------------------------------------------------------------------------------------------

    def routes(self) -> Sequence[web.RouteDef]:
        """One for each step of a call."""
        steps = {"call": self._begin, "menu": self._choose, "wait": self._wait, "rang": self._ring}
        steps |= {"sent": self._sent, "gone": self._end}
        return [
            web.post(self._hooks.path(step), self._answering(answer, is_heard=step != "gone"))
            for step, answer in steps.items()
        ]

    def _answering(self, answer: Answer, *, is_heard: bool) -> Callable[[web.Request], Awaitable[web.Response]]:
        """`is_heard`: somebody is on the line, who hears music while our store is away."""

        async def handle(request: web.Request) -> web.Response:
            number, form = await self._hooks.read(request)
            step = wire.step_of(form)
            try:
                action = await answer(number, step, request)
            except ServicecenterError as error:
                if not is_recoverable(error) or not is_heard:
                    raise
                log.warning("call_held", reason=error.slug)
                result = request.query.get("result", step.result)
                action = self._hold(self._hooks.again(request, result=result), number)
            return web.Response(body=msgspec.json.encode(action), content_type="application/json")

        return handle

    async def _begin(self, number: ElksNumber, step: Step, request: web.Request) -> Action:
        """A call comes in; one that we are told of too late is over."""
        is_first = "result" not in request.query
        if is_first and step.created_ms is not None and self._now_ms() - step.created_ms > self._plan.stale_s * 1000:
            log.warning("call_told_late")
            return wire.hang_up("busy")
        menu = self._plan.menu
        if menu is None:
            return await self._hand_in(number, step, "")
        then, gone = self._hooks.url(number, "menu"), self._hooks.url(number, "gone")
        return wire.choose(menu.clip, then, gone, timeout_s=menu.timeout_s, repeats=menu.repeats)

    async def _choose(self, number: ElksNumber, step: Step, request: web.Request) -> Action:
        menu = self._plan.menu
        pressed = request.query.get("result", step.result)
        topic = menu.topics.get(pressed, menu.default) if menu is not None else ""
        return await self._hand_in(number, step, topic)

    async def _hand_in(self, number: ElksNumber, step: Step, topic: str) -> Action:
        contact = wire.caller_of(step, dialled=number.number, topic=topic, region=self._plan.region)
        gone = self._hooks.url(number, "gone")
        taken = await self._inbox.receive(_key(number, step), contact)
        if taken.state not in COMES:
            clip = self._plan.farewells.get(taken.state)
            return wire.farewell(clip) if clip else wire.hang_up()
        clip = self._told(taken.wait_s, "") or self._plan.hold
        return wire.play(clip, self._hooks.url(number, "wait", contact=taken.contact, n=1), gone)

    async def _wait(self, number: ElksNumber, step: Step, request: web.Request) -> Action:
        """A clip has ended: ring whoever has the call by now, or the next clip."""
        seen = await self._seen(request, step)
        gone = self._hooks.url(number, "gone")
        n = _count(request)
        if seen is None:
            return wire.hang_up()
        if seen.state == "with_agent" and seen.leg_state in {"connecting", "connected"}:
            return await self._ring_agent(number, seen, gone)
        if seen.state not in COMES:
            return wire.hang_up()
        told = self._told(seen.wait_s, seen.announce) if n % self._plan.announce_every == 0 else ""
        then = self._hooks.url(number, "wait", contact=seen.contact, n=n + 1)
        return wire.play(told or self._plan.hold, then, gone)

    async def _ring_agent(self, number: ElksNumber, seen: Seen, gone: str) -> Action:
        phone = self._plan.phones.get(seen.agent)
        if phone is None:
            await self._tell(lambda: self._inbox.fail_setup(seen.leg, "agent_unreachable"))
            return self._hold(self._hooks.url(number, "wait", contact=seen.contact, n=1), number)
        _keep(self._talks, seen.contact, (seen.agent, seen.leg))
        if seen.leg not in self._ringing:
            task = self._ringing[seen.leg] = asyncio.create_task(self._answer_later(seen.leg))
            task.add_done_callback(lambda _: self._ringing.pop(seen.leg, None))
        then = self._hooks.url(number, "rang", contact=seen.contact, leg=seen.leg)
        return wire.connect(phone, then, gone, timeout_s=self._plan.ring_s)

    async def _answer_later(self, leg: str) -> None:
        """Ringing has an end: by then it has failed, or they talk."""
        await asyncio.sleep(self._plan.ring_s + SLACK_S)
        await self._tell(lambda: self._inbox.connected(leg))

    async def _ring(self, number: ElksNumber, step: Step, request: web.Request) -> Action:
        """How ringing, or the talk, has ended."""
        seen, leg = await self._seen(request, step), request.query.get("leg", "")
        self._talks.pop(request.query.get("contact", ""), None)
        ringing = self._ringing.pop(leg, None)
        if ringing is not None:
            ringing.cancel()
        if request.query.get("result", step.result) == "success":
            return await self._talk_over(number, step, request, seen)
        if seen is None:
            return wire.hang_up()
        if seen.leg == leg:
            await self._tell(lambda: self._inbox.fail_setup(leg, "agent_unreachable"))
        return self._hold(self._hooks.url(number, "wait", contact=seen.contact, n=1), number)

    async def _talk_over(self, number: ElksNumber, step: Step, request: web.Request, seen: Seen | None) -> Action:
        """The agent has put the phone down: the resident goes where they were passed on to, or is hung up."""
        contact, leg = request.query.get("contact", ""), request.query.get("leg", "")
        if seen is None or seen.is_sent_on:
            return await self._send_on(number, step, request, contact, seen)
        is_others = seen.state == "with_agent" and seen.leg != leg and seen.leg_state in {"connecting", "connected"}
        if is_others or seen.state in WAITING:
            return self._hold(self._hooks.url(number, "wait", contact=contact, n=1), number)
        if seen.leg == leg:
            await self._tell(lambda: self._inbox.connected(leg))
        await self._tell(lambda: self._inbox.end(_end_key(number, step), InboundEnd(contact)))
        return wire.hang_up()

    async def _send_on(
        self, number: ElksNumber, step: Step, request: web.Request, contact: str, seen: Seen | None
    ) -> Action:
        """Ring outside; this router may not have been told yet where."""
        outside = self._sent_on.get(contact, "")
        if outside:
            then, gone = self._hooks.url(number, "sent", contact=contact), self._hooks.url(number, "gone")
            return wire.connect(outside, then, gone, timeout_s=OUTSIDE_RING_S)
        n = _count(request)
        if seen is None:
            return wire.hang_up()
        if n > CLIPS_UNTIL_KNOWN:
            return await self._come_back(number, step, contact, "no_way_out")
        return self._hold(self._hooks.again(request, result="success", n=str(n + 1)), number)

    async def _sent(self, number: ElksNumber, step: Step, request: web.Request) -> Action:
        """How it went outside."""
        if request.query.get("result", step.result) == "success":
            return wire.hang_up()
        return await self._come_back(number, step, request.query.get("contact", ""), "no_answer")

    async def _come_back(self, number: ElksNumber, step: Step, contact: str, reason: str) -> Action:
        """Nobody was reached there: back to the agent or the place; a contact that is over is handed in anew."""
        try:
            await self._inbox.fail_transfer(contact, reason)
        except NotFound:
            caller = wire.caller_of(step, dialled=number.number, topic="", region=self._plan.region)
            key = Key(f"elks:{number.number}", f"{step.call}:{contact}", step.call)
            taken = await self._inbox.receive(key, msgspec.structs.replace(caller, in_reply_to=contact))
            contact = taken.contact
        return self._hold(self._hooks.url(number, "wait", contact=contact, n=1), number)

    def _hold(self, then: str, number: ElksNumber) -> Action:
        return wire.play(self._plan.hold, then, self._hooks.url(number, "gone"))

    async def _end(self, number: ElksNumber, step: Step, request: web.Request) -> Action:  # noqa: ARG002
        """The caller has hung up; whoever hung up in the menu has been in touch."""
        if self._plan.menu is not None:
            contact = wire.caller_of(step, dialled=number.number, topic="", region=self._plan.region)
            await self._tell(lambda: self._inbox.receive(_key(number, step), contact))
        await self._tell(lambda: self._inbox.end(_end_key(number, step), InboundEnd(reason="hung_up")))
        return {}

    # ---------------------------------------------------------------------------------------------------------------

    async def _seen(self, request: web.Request, step: Step) -> Seen | None:
        """The contact that the address names, if it is this call's."""
        seen = await self._inbox.look(request.query.get("contact", ""))
        return seen if seen is not None and seen.subject == step.call else None

    def _told(self, wait_s: int | None, announce: str) -> str:
        if announce in self._plan.announcements:
            return self._plan.announcements[announce]
        bands = self._plan.wait_bands if wait_s is not None else ()
        return next((band.clip for band in bands if wait_s is not None and wait_s <= band.up_to_s), "")

    async def _tell(self, tell: Callable[[], Awaitable[object]]) -> None:
        """Tell the service; what it can't take now, 46elks is asked to tell again.

        Raises:
            ServicecenterError: it can succeed later.
        """
        try:
            await tell()
        except ServicecenterError as error:
            if is_recoverable(error) and not isinstance(error, StateError):
                raise
            log.info("call_word_refused", reason=error.slug)


def _keep(known: OrderedDict[str, Kept], contact: str, value: Kept) -> None:
    known[contact] = value
    while len(known) > MOST_KNOWN:
        known.popitem(last=False)


def _key(number: ElksNumber, step: Step) -> Key:
    return Key(f"elks:{number.number}", step.call, step.call)


def _end_key(number: ElksNumber, step: Step) -> Key:
    return Key(f"elks:{number.number}", f"{step.call}:end", step.call)


def _count(request: web.Request) -> int:
    """How many clips have been played."""
    text = request.query.get("n", "")
    return min(int(text), 1_000_000) if text.isascii() and text.isdecimal() and len(text) < 8 else 1  # noqa: PLR2004


async def open_elks(site: Site, settings: ElksSettings) -> Channel:
    """The channel that the settings describe.

    Raises:
        ConfigurationError: the settings contradict themselves.
    """
    settings.check("elks")
    return ElksChannel(site.inbox, settings, site.now_ms, site.public_url)
