"""A made-up agent at a real desktop: takes offers, talks, holds, wraps up, hands over, takes breaks, loses the line.

Sees what the desktop socket shows and nothing else; how long the resident talks is the resident's to say.
"""

import asyncio
import random
from collections.abc import Coroutine, Mapping
from typing import Protocol

import msgspec

from router.demo import calibration as figures
from router.demo.api import Api
from router.demo.crew import Profile
from router.demo.demand import topic_in
from router.demo.desktop_client import CommandRefused, DesktopClient
from router.demo.scoreboard import Scoreboard
from router.demo.traffic import Arrival

BREAK_EVERY_S, BREAK = (3_000.0, 6_000.0), figures.Lognormal(780, 0.3)
LOSS_EVERY_S = (4_000.0, 20_000.0)
DEFAULT_SOLVED, DEFAULT_HANDLING_S = 0.6, 180.0


class Topic(msgspec.Struct, frozen=True):
    """What an agent knows of a topic: who answers for it and how it is resolved at once."""

    unit: str
    resolution: str
    is_own: bool
    """The servicecenter's own: nobody to hand over to."""


class Content(msgspec.Struct, frozen=True):
    """The words of a contact."""

    text: str = ""
    topic: str = ""


class Card(msgspec.Struct, frozen=True):
    """What the desktop shows of a contact."""

    contact_id: str
    rev: int = 0
    medium: str = ""
    channel: str = ""
    topic: str = ""
    offer_id: str = ""
    leg_id: str = ""
    content: Content = Content()


class EventData(msgspec.Struct, frozen=True):
    """What an event says, as far as an agent acts on it."""

    contact_id: str = ""
    offer_id: str = ""
    rev: int = 0
    contact: Card | None = None


class AgentState(msgspec.Struct, frozen=True):
    """The agent in a snapshot."""

    presence: str = "offline"


class Snapshot(msgspec.Struct, frozen=True):
    """What a session begins with."""

    agent: AgentState = AgentState()
    work: list[Card] = []


class Temper(msgspec.Struct, frozen=True):
    """How an agent behaves."""

    decline_share: float = figures.DECLINE_SHARE
    ignore_share: float = figures.IGNORE_SHARE
    hold_share: float = figures.HOLD_SHARE
    has_habits: bool = True
    """Takes breaks and loses the connection now and then."""


ORDINARY, STEADY = Temper(), Temper(0.0, 0.0, 0.0, has_habits=False)


class People(Protocol):
    """The other end of the line."""

    def offered(self, contact: str) -> None:
        """An offer stands on a desktop."""
        ...

    def meet(self, contact: str) -> Arrival | None:
        """An agent has taken the contact; None when nothing is known of the resident."""
        ...

    async def hang_up(self, contact: str) -> None:
        """The talk is over."""
        ...


_event = msgspec.json.Decoder(EventData)
_snapshot = msgspec.json.Decoder(Snapshot)
EVIDENCE = {"decided": "delegation 4.2", "booked": "tomorrow 10:00", "referred_external": "Skatteverket"}
CAUSES = ("knowledge", "right", "system", "law", "resident")
FINAL_MOVES = frozenset({"contact.closed", "contact.handed_over", "contact.abandoned", "contact.queued"})


class SimulatedAgent:
    """One agent."""

    def __init__(
        self,
        profile: Profile,
        token: str,
        api: Api,
        residents: People,
        topics: Mapping[str, Topic],
        board: Scoreboard,
        speed: float,
        seed: int,
        temper: Temper = ORDINARY,
    ) -> None:
        self.profile = profile
        self._residents = residents
        self._topics = topics
        self._board = board
        self._speed = speed
        self._temper = temper
        self._dice = random.Random(f"{seed}-{profile.agent_id}")  # noqa: S311 # a show, not a secret
        self.client = DesktopClient(api, token, self._hear, self._dice)
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_hand: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Work until cancelled."""
        wanted = (self._take_breaks(), self._lose_connection()) if self._temper.has_habits else ()
        habits = [asyncio.create_task(habit) for habit in wanted]
        try:
            await self.client.run()
        finally:
            for task in (*habits, *self._tasks):
                task.cancel()
            await asyncio.gather(*habits, *self._tasks, return_exceptions=True)

    # What the desktop tells ------------------------------------------------------------------------------------

    def _hear(self, kind: str, data: bytes) -> None:
        if kind == "offer.issued":
            told = _event.decode(data)
            card = told.contact or Card(told.contact_id)
            self._board.offers["issued"] += 1
            self._residents.offered(told.contact_id)
            self._begin(told.contact_id, self._consider(told.offer_id, told.rev, card))
        elif kind == "ready":
            self._begin_session(_snapshot.decode(data))
        elif kind == "presence.away":
            self._spawn(self._come_back())
        elif kind in FINAL_MOVES:
            self._in_hand.pop(_event.decode(data).contact_id, None)

    def _begin_session(self, snapshot: Snapshot) -> None:
        """A new session: say what form of work is wanted, be there, go on with what is in hand."""
        self._spawn(self._sign_in(snapshot.agent.presence))
        for card in snapshot.work:
            if card.contact_id in self._in_hand:
                continue
            if card.offer_id:
                self._begin(card.contact_id, self._consider(card.offer_id, card.rev, card))
            elif card.leg_id:
                self._begin(card.contact_id, self._serve(card))

    def _begin(self, contact: str, work: Coroutine[object, object, None]) -> None:
        self._in_hand[contact] = self._spawn(work)

    def _spawn(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _guarded(self, work: Coroutine[object, object, None]) -> None:
        """A refused command ends what the agent was about to do; the service says what comes next."""
        try:
            await work
        except CommandRefused as error:
            self._board.refused[f"{error.command} {error.slug}"] += 1

    # Presence --------------------------------------------------------------------------------------------------

    async def _sign_in(self, presence: str) -> None:
        if self.profile.form != "both":
            await self.client.command("presence.form", form=self.profile.form)
        if presence != "available":
            await self.client.command("presence.set", state="available")

    async def _come_back(self) -> None:
        await self._pause(BREAK.draw_s(self._dice))
        await self.client.connected.wait()
        await self.client.command("presence.set", state="available")

    async def _take_breaks(self) -> None:
        while True:
            await self._pause(self._dice.uniform(*BREAK_EVERY_S))
            await self.client.connected.wait()
            wish = self.client.command("presence.set", state="away", reason="break", when="after_current")
            await self._guarded(_ignored(wish))

    async def _lose_connection(self) -> None:
        while True:
            await self._pause(self._dice.uniform(*LOSS_EVERY_S))
            await self.client.drop()

    async def _pause(self, city_s: float) -> None:
        await asyncio.sleep(city_s / self._speed)

    # Work ------------------------------------------------------------------------------------------------------

    async def _consider(self, offer: str, rev: int, card: Card) -> None:
        """Look at the offer, then take it, refuse it or let it pass."""
        await self._pause(figures.HUMAN_DELAY.draw_s(self._dice))
        draw = self._dice.random()
        if draw < self._temper.ignore_share:
            self._board.offers["ignored"] += 1
            return
        if draw < self._temper.ignore_share + self._temper.decline_share:
            await self.client.command("offer.decline", offer_id=offer, rev=rev, reason="busy_elsewhere")
            self._board.offers["declined"] += 1
            return
        try:
            await self.client.command("offer.accept", offer_id=offer, rev=rev)
        except CommandRefused:
            self._board.offers["too_late"] += 1
            return
        self._board.offers["accepted"] += 1
        self._board.answered += 1
        await self._serve(card)

    async def _serve(self, card: Card) -> None:
        """Talk or write, wrap up, resolve."""
        arrival = self._residents.meet(card.contact_id)
        handling_s = arrival.handling_s if arrival else DEFAULT_HANDLING_S
        if card.medium in {"voice", "in_person"} and self._dice.random() < self._temper.hold_share:
            handling_s = await self._hold(card.contact_id, handling_s)
        elif card.medium == "messaging":
            await self._pause(handling_s / 2)
            handling_s /= 2
            await self.client.command("message.send", contact_id=card.contact_id, text="Hej! Jag ser på det nu.")
        await self._pause(handling_s)
        topic = await self._name_topic(card)
        if card.medium == "written":
            await self.client.command("message.send", contact_id=card.contact_id, text="Tack för ditt meddelande.")
        else:
            await self._residents.hang_up(card.contact_id)
            await self._pause(figures.WRAP_UP.draw_s(self._dice))
        await self._resolve(card.contact_id, topic, arrival.solvable if arrival else DEFAULT_SOLVED)

    async def _hold(self, contact: str, handling_s: float) -> float:
        """Ask a colleague while the resident waits; returns what is left of the talk."""
        await self._pause(handling_s / 2)
        await self.client.command("work.hold", contact_id=contact)
        await self._pause(handling_s / 6)
        await self.client.command("work.resume", contact_id=contact)
        return handling_s / 3

    async def _name_topic(self, card: Card) -> str:
        """The topic as the words say it; named to the service when it had none."""
        if card.topic or card.content.topic:
            return card.topic or card.content.topic
        topic = topic_in(card.content.text)
        if topic in self._topics:
            await self.client.command("topic.set", contact_id=card.contact_id, topic=topic)
            return topic
        return ""

    async def _resolve(self, contact: str, topic: str, solvable: float) -> None:
        """Finish at once, or hand over to the unit that answers for the topic."""
        known = self._topics.get(topic)
        if self._dice.random() >= solvable and known is not None and not known.is_own:
            await self.client.command("handover.create", contact_id=contact, unit=known.unit, topic=topic)
            self._board.handed_over += 1
            self._board.finished["handed_over"] += 1
            return
        is_solved = self._dice.random() < solvable or known is None or not known.is_own
        resolution = (known.resolution if known else "answered") if is_solved else "unresolved"
        outcome = {
            "resolution": resolution,
            "topic": topic,
            "contact_reason": self._dice.choice(("V1", "V1", "V2", "F1", "F4")),
        }
        if resolution in EVIDENCE:
            outcome["evidence"] = EVIDENCE[resolution]
        if resolution == "unresolved":
            outcome["cause"] = self._dice.choice(CAUSES)
        await self.client.command("work.finish", contact_id=contact, outcomes=[outcome])
        self._board.finished[resolution] += 1


async def _ignored(wish: Coroutine[object, object, bytes]) -> None:
    await wish
