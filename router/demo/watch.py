"""Reads the service over REST about once a second and keeps the newest picture of it. Never more than the API shows."""

import asyncio
from collections import deque
from datetime import datetime

import aiohttp
import msgspec

from router.demo.api import Api, Refused
from router.demo.scoreboard import Scoreboard

POLL_S = 1.0
GOAL_EVERY = 2
DECISIONS_KEPT = 8


class Figure(msgspec.Struct, frozen=True):
    """A queue's figures for one medium."""

    medium: str
    waiting: int = 0
    oldest_at: str | None = None
    no_one_possible: int = 0
    wait_estimate_s: int | None = None


class QueueLine(msgspec.Struct, frozen=True):
    """A queue."""

    queue: str
    name_sv: str
    media: list[Figure] = []


class QueueList(msgspec.Struct, frozen=True):
    """`GET /v1/queues`."""

    queues: list[QueueLine] = []


class AgentLine(msgspec.Struct, frozen=True):
    """An agent."""

    presence: str = "offline"
    form: str = ""
    is_connected: bool = False


class AgentPage(msgspec.Struct, frozen=True):
    """A page of `GET /v1/agents`."""

    items: list[AgentLine] = []
    total: int = 0


class Trace(msgspec.Struct, frozen=True):
    """Which rules hit."""

    hits: list[str] = []
    stopped_by: str | None = None


class Outcome(msgspec.Struct, frozen=True):
    """What was decided."""

    kind: str = ""
    queue: str = ""
    unit: str = ""
    reason: str = ""
    trace: Trace = Trace()


class Facts(msgspec.Struct, frozen=True):
    """From which facts."""

    channel: str = ""
    topic: str | None = None
    topic_confidence: int = 0


class Record(msgspec.Struct, frozen=True):
    """A decision with its facts."""

    decision: Outcome = Outcome()
    facts: Facts = Facts()


class Generation(msgspec.Struct, frozen=True):
    """One of a contact's decisions."""

    decision: Record = Record()


class Why(msgspec.Struct, frozen=True):
    """`GET /v1/contacts/{id}/decision`."""

    contact: str
    decisions: list[Generation] = []


class Ratio(msgspec.Struct, frozen=True):
    """Shares from 0 to 1."""

    resolved: float | None = None
    resolved_strict: float | None = None


class ChannelLine(msgspec.Struct, frozen=True):
    """A channel's part of the goal."""

    channel: str
    contacts: int = 0
    eligible: int = 0
    ratio: Ratio = Ratio()


class Contacts(msgspec.Struct, frozen=True):
    """Contacts of the period, by where they are."""

    received: int = 0
    observed: int = 0
    open: int = 0
    closed: int = 0
    abandoned: int = 0
    handed_over_open: int = 0


class Matters(msgspec.Struct, frozen=True):
    """Matters of the period."""

    total: int = 0
    eligible: int = 0
    resolved: int = 0
    uncoded: int = 0


class Reach(msgspec.Struct, frozen=True):
    """How much of what is known to reach the city came through the servicecenter."""

    observed: int = 0
    ratio: float | None = None


class Goal(msgspec.Struct, frozen=True):
    """`GET /v1/goal`."""

    contacts: Contacts = Contacts()
    matters: Matters = Matters()
    ratio: Ratio = Ratio()
    by_channel: list[ChannelLine] = []
    reach: Reach = Reach()


class Handed(msgspec.Struct, frozen=True):
    """One handover."""

    overdue_at: str | None = None


class HandedPage(msgspec.Struct, frozen=True):
    """A page of `GET /v1/handovers`."""

    items: list[Handed] = []
    total: int = 0


class Watch:
    """The newest picture."""

    def __init__(self, api: Api, token: str, board: Scoreboard) -> None:
        self._api = api
        self._token = token
        self._board = board
        self._asked = ""
        self.queues: list[QueueLine] = []
        self.agents: list[AgentLine] = []
        self.goal: Goal | None = None
        self.handovers: dict[str, int] = {}
        self.overdue = 0
        self.decisions: deque[Why] = deque(maxlen=DECISIONS_KEPT)
        self.period: dict[str, str] = {}
        """`from` and `to` of the goal; the last 30 days when empty."""
        self.problem = ""
        """Why the last look failed."""

    async def run(self) -> None:
        """Look until cancelled."""
        number = 0
        while True:
            await self.look(with_goal=number % GOAL_EVERY == 0)
            number += 1
            await asyncio.sleep(POLL_S)

    def waiting(self) -> int:
        """Everybody who waits in a queue."""
        return sum(each.waiting for line in self.queues for each in line.media)

    async def look(self, *, with_goal: bool = True) -> None:
        """One look at everything; what does not answer keeps its last figures."""
        parts = [self._floor(), self._decisions(), *([self._handovers(), self._goal()] if with_goal else [])]
        problems: list[str] = []
        for part in parts:
            try:
                await part
            except Refused as error:
                problems.append(error.slug)
            except (aiohttp.ClientError, TimeoutError):
                problems.append("no-answer")
        self.problem = problems[0] if problems else ""

    async def _floor(self) -> None:
        self.queues = (await self._api.get("/v1/queues", self._token, QueueList)).queues
        agents: list[AgentLine] = []
        page = 1
        while True:
            found = await self._api.get("/v1/agents", self._token, AgentPage, limit=100, page=page)
            agents += found.items
            if not found.items or len(agents) >= found.total:
                break
            page += 1
        self.agents = agents

    async def _decisions(self) -> None:
        """Why the newest contact went where it went."""
        newest = list(self._board.recent)
        for contact in newest[-2:]:
            if contact != self._asked and contact not in [why.contact for why in self.decisions]:
                self._asked = contact
                self.decisions.append(await self._api.get(f"/v1/contacts/{contact}/decision", self._token, Why))

    async def _handovers(self) -> None:
        overdue = 0
        for state in ("offered", "accepted", "returned", "done"):
            found = await self._api.get("/v1/handovers", self._token, HandedPage, state=state, limit=100)
            self.handovers[state] = found.total
            overdue += (
                sum(each.overdue_at is not None for each in found.items) if state in {"offered", "accepted"} else 0
            )
        self.overdue = overdue

    async def _goal(self) -> None:
        self.goal = await self._api.get("/v1/goal", self._token, Goal, **self.period)


def age_s(at: str | None, now_ms: int) -> int:
    """Seconds since an instant; negative when it is to come."""
    return round((now_ms - datetime.fromisoformat(at).timestamp() * 1000) / 1000) if at else 0
