"""Load for a test: residents who insist, and agents who take everything, across restarts of what they talk to."""

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import cast

import aiohttp
import msgspec

from tests.desktop_client import Closed, DesktopClient, Refused
from tests.journeys.town import INTEGRATION, SOURCE, Front, Town
from tests.journeys.waiting import pause

_encode = msgspec.json.encode
LOST = (aiohttp.ClientError, OSError, TimeoutError)


class Residents:
    """Posts contacts from several lanes; a lane that is refused tries the same event again until it is accepted."""

    def __init__(self, fronts: Sequence[Front], *, lanes: int = 8) -> None:
        self._fronts = fronts
        self._lanes = lanes
        self._numbers = itertools.count(1)
        self.accepted: dict[str, str] = {}
        """Event id -> contact id, as the 202 said."""
        self.statuses: Counter[int] = Counter()
        """Answers by status; 0 stands for a broken connection."""
        self._is_over = False

    async def post(self) -> None:
        """Post until `stop`; every event that was begun is brought to its end."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as client:
            await asyncio.gather(*(self._lane(client, i) for i in range(self._lanes)))

    def stop(self) -> None:
        """No new events."""
        self._is_over = True

    async def have_sent(self, count: int) -> bool:
        """Whether so many events have been accepted."""
        return len(self.accepted) >= count

    async def _lane(self, client: aiohttp.ClientSession, lane: int) -> None:
        fronts = itertools.cycle([*self._fronts[lane % len(self._fronts) :], *self._fronts[: lane % len(self._fronts)]])
        front = next(fronts)
        while not self._is_over:
            number = next(self._numbers)
            name = f"load-{number}"
            body = _encode(
                {
                    "specversion": "1.0",
                    "type": "se.servicecenter.contact.received",
                    "source": SOURCE,
                    "id": name,
                    "data": {"channel": "phone" if number % 3 else "chat", "topic": "KUF.BIB", "text": "Hej"},
                }
            )
            while name not in self.accepted:
                status, said = await self._send(client, front, body)
                self.statuses[status] += 1
                if status == 202:
                    self.accepted[name] = said
                else:
                    front = next(fronts)
                    await pause(0.05)

    @staticmethod
    async def _send(client: aiohttp.ClientSession, front: Front, body: bytes) -> tuple[int, str]:
        headers = {"Content-Type": "application/cloudevents+json", "Authorization": f"Bearer {_token(front)}"}
        try:
            async with client.post(f"{front.url}/v1/events", data=body, headers=headers) as answer:
                said = msgspec.json.decode(await answer.read())
                return answer.status, said["ids"][0] if answer.status == 202 else ""
        except LOST:
            return 0, ""


_TOKENS: dict[str, str] = {}


def _token(front: Front) -> str:
    """The integration's token; made once, since a killed service can't make any."""
    if front.url not in _TOKENS:
        _TOKENS[front.url] = front.token("integration", INTEGRATION)
    return _TOKENS[front.url]


class Worker:
    """An agent who accepts everything and finishes it at once, and who comes back when the line breaks."""

    def __init__(self, town: Town, name: str, fronts: Sequence[Front]) -> None:
        self.agent_id = f"{town.name}-{name}"
        self._fronts = itertools.cycle(fronts)
        self.finished = 0
        self.sockets = 0

    async def work(self) -> None:
        """Until cancelled."""
        while True:
            front = next(self._fronts)
            with contextlib.suppress(Closed, Refused, *LOST):
                token = front.token("agent", self.agent_id, agent=self.agent_id)
                async with await DesktopClient.connect(front.url, token) as desk:
                    self.sockets += 1
                    await self._serve(desk)
            await pause(0.1)

    async def _serve(self, desk: DesktopClient) -> None:
        work = cast("list[dict[str, object]]", desk.snapshot["work"])
        await desk.answer("presence.set", {"state": "available"})
        for card in work:
            await self._take(desk, card)
        while True:
            await self._take(desk, await desk.wait_event("offer.issued", timeout_s=60))

    async def _take(self, desk: DesktopClient, card: dict[str, object]) -> None:
        """Accept what is offered; finish what is in hand."""
        if card.get("offer_id"):
            await desk.answer("offer.accept", {"offer_id": card["offer_id"], "rev": card["rev"]})
        outcome = {"contact_id": card["contact_id"], "outcomes": [{"resolution": "answered"}]}
        done = await desk.answer("work.finish", outcome)
        self.finished += done["ok"] is True


async def have_finished(workers: Sequence[Worker], count: int) -> bool:
    """Whether they have finished so many contacts together."""
    return sum(worker.finished for worker in workers) >= count


@asynccontextmanager
async def at_load(residents: Residents, workers: Sequence[Worker]) -> AsyncGenerator[None]:
    """Residents and workers while the context is open; afterwards every event that was begun has been accepted."""
    working = [asyncio.create_task(worker.work()) for worker in workers]
    posting = asyncio.create_task(residents.post())
    try:
        yield
        residents.stop()
        async with asyncio.timeout(30):
            await posting
    finally:
        for task in (posting, *working):
            task.cancel()
        await asyncio.gather(posting, *working, return_exceptions=True)
