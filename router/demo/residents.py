"""The made-up residents: get in touch over the event interface, lose patience, write again.

Acts as one integration does: it knows its contacts by its own subjects and by the ids that the service gave.
"""

import asyncio
import itertools
from collections.abc import Coroutine, Iterable

import aiohttp
import msgspec

from channels.inbound import InboundEnd, InboundMessage
from router.clock import elapsed_s
from router.demo.api import Api, Data, Refused, event
from router.demo.demand import FOLLOW_UPS
from router.demo.scoreboard import Scoreboard
from router.demo.traffic import Arrival
from router.lifecycle import WAITING

SOURCE = "/demo/residents"
MOST_AT_ONCE = 64
MOST_REMEMBERED = 50_000
MOST_GONE = 1_000


class ContactLine(msgspec.Struct, frozen=True):
    """A contact as its integration sees it."""

    state: str


class Resident:
    """Somebody whose contact is open."""

    def __init__(self, arrival: Arrival, contact: str, accepted_s: float) -> None:
        self.arrival = arrival
        self.contact = contact
        self.accepted_s = accepted_s
        self.is_offered = False
        self.is_met = False
        """Whether an agent has taken the contact."""
        self.is_lost = False
        """Whether this counts as somebody who left before."""


class Residents:
    """Everybody who is in touch."""

    def __init__(self, api: Api, token: str, board: Scoreboard, speed: float) -> None:
        self._api = api
        self._token = token
        self._board = board
        self._speed = speed
        self._open: dict[str, Resident] = {}
        self._gone: dict[str, Resident] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self._numbers = itertools.count(1)
        self.city_s = 0.0
        """Opening hours gone since the beginning."""

    async def live(self, arrivals: Iterable[Arrival]) -> None:
        """Let everybody get in touch at their time; one who is late does not make the next one later."""
        began = elapsed_s()
        ticking = asyncio.create_task(self._tick(began), name="city-clock")
        try:
            for arrival in arrivals:
                await asyncio.sleep(max(0.0, began + arrival.at_s / self._speed - elapsed_s()))
                await self._room.acquire()
                self._start(self._arrive(arrival))
        finally:
            ticking.cancel()

    async def _tick(self, began: float) -> None:
        while True:
            self.city_s = (elapsed_s() - began) * self._speed
            await asyncio.sleep(0.1)

    # What agents find out ---------------------------------------------------------------------------------------

    def offered(self, contact: str) -> None:
        """An offer of this contact stands on a desktop."""
        resident = self._open.get(contact)
        if resident is not None and not resident.is_offered:
            resident.is_offered = True
            self._board.offered_after(round((elapsed_s() - resident.accepted_s) * 1000))

    def meet(self, contact: str) -> Arrival | None:
        """An agent has taken the contact: patience no longer matters. None for a contact from before."""
        resident = self._open.get(contact) or self._gone.get(contact)
        if resident is None:
            return None
        resident.is_met = True
        if resident.is_lost:
            resident.is_lost = False
            self._board.abandoned -= 1
        return resident.arrival

    async def hang_up(self, contact: str) -> None:
        """The talk is over."""
        resident = self._open.pop(contact, None)
        if resident is not None:
            await self._post("contact.ended", resident.arrival.number, InboundEnd(reason="hung_up"))

    # What residents do -----------------------------------------------------------------------------------------

    def _start(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _arrive(self, arrival: Arrival) -> None:
        try:
            kind = "contact.observed" if arrival.is_observed else "contact.received"
            contact = await self._post(kind, arrival.number, arrival.inbound)
        finally:
            self._room.release()
        if contact and arrival.is_observed:
            self._board.observed += 1
        elif contact:
            await self._stay(arrival, contact)

    async def _stay(self, arrival: Arrival, contact: str) -> None:
        """In touch: wait for somebody, or write again."""
        self._board.accepted += 1
        self._board.by_channel[arrival.inbound.channel] += 1
        self._board.recent.append(contact)
        resident = self._open[contact] = Resident(arrival, contact, elapsed_s())
        if len(self._open) > MOST_REMEMBERED:
            del self._open[next(iter(self._open))]
        if arrival.patience_s is not None:
            await self._wait(resident, arrival.patience_s)
        elif arrival.follow_up_after_s is not None:
            await asyncio.sleep(arrival.follow_up_after_s / self._speed)
            await self._write_again(resident)

    async def _wait(self, resident: Resident, patience_s: float) -> None:
        """Leave when nobody has come in time."""
        await asyncio.sleep(patience_s / self._speed)
        if resident.is_met or resident.contact not in self._open:
            return
        is_waiting = await self._is_waiting(resident.contact)
        if resident.is_met or self._open.pop(resident.contact, None) is None:
            return
        self._remember(resident)
        has_left = await self._post("contact.ended", resident.arrival.number, InboundEnd(reason="left"))
        if has_left and is_waiting and not resident.is_met:
            resident.is_lost = True
            self._board.abandoned += 1

    def _remember(self, resident: Resident) -> None:
        """For a while: an agent may take the contact in the same moment, and then nobody was lost."""
        self._gone[resident.contact] = resident
        if len(self._gone) > MOST_GONE:
            del self._gone[next(iter(self._gone))]

    async def _is_waiting(self, contact: str) -> bool:
        """Whether this call still waits for an agent: one that was connected to a unit does not."""
        try:
            return (await self._api.get(f"/v1/contacts/{contact}", self._token, ContactLine)).state in WAITING
        except (Refused, aiohttp.ClientError, TimeoutError):
            return True

    async def _write_again(self, resident: Resident) -> None:
        words = FOLLOW_UPS[resident.arrival.number % len(FOLLOW_UPS)]
        if await self._post("contact.message", resident.arrival.number, InboundMessage(text=words)):
            self._board.messages += 1

    async def _post(self, kind: str, number: int, data: Data) -> str:
        """Send an event about contact `number`; '' when the service refused it."""
        is_new = kind in {"contact.received", "contact.observed"}
        self._board.posted += is_new
        event_id = str(number) if is_new else f"{number}-{kind}-{next(self._numbers)}"
        try:
            return await self._api.post_event(self._token, event(kind, SOURCE, event_id, f"r{number}", data))
        except Refused as error:
            self._board.refused[f"{kind} {error.slug}"] += 1
        except (aiohttp.ClientError, TimeoutError):
            self._board.refused[f"{kind} no-answer"] += 1
        return ""

    async def close(self) -> None:
        """Nobody does anything any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
