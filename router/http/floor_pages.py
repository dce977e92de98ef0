"""`/v1/queues`, `/v1/agents`, `/v1/ws-tickets`: the floor over REST."""

import secrets
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from channels.door import come
from channels.registry import CHANNELS, DEFAULT_CAPACITY, known_channels
from router.desk.skill_levels import check_levels
from router.errors import Forbidden, NotFound, SchemaMismatch, UnknownChannel, UnknownSkill
from router.figures import FigureBoard
from router.floor_figures import QueueFigure
from router.http.auth import Tokens, caller_of
from router.http.problems import body_of, page_of, reply
from router.http.public import public
from router.journal import AgentRecord
from router.model import Agent
from router.opening import Opening
from router.store.keys import TICKET_TTL_MS
from router.store.redis_store import Store
from rules.city import City
from rules.organisation import Announcement

AgentId = Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$")]


class AgentProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `PUT /v1/agents/{id}` takes: all of an agent's profile at once."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    team: Annotated[str, Meta(max_length=60)] = ""
    skills: dict[str, Annotated[int, Meta(ge=1, le=5)]] = {}
    """Skill code -> level 1 to 5; codes from the city's skills file."""
    capacity: dict[str, Annotated[int, Meta(ge=0, le=20)]] = {}
    """Channel -> how many at once; left out, the channels' ordinary capacity."""
    can_interrupt: bool = False
    """Whether live work may interrupt the agent's written work, which then stands still and returns by itself."""


class AgentView(msgspec.Struct, frozen=True, omit_defaults=True):
    """An agent, as supervisors see them."""

    agent_id: str
    name: str
    presence: str
    reason: str
    since: int
    form: str
    is_connected: bool
    skills: dict[str, int]
    capacity: dict[str, int]
    team: str = ""
    can_interrupt: bool = False


class QueueView(msgspec.Struct, frozen=True):
    """A queue with its figures by medium."""

    queue: str
    name_sv: str
    is_open: bool
    """By a supervisor's order or, without one, by its hours; `media` tells more."""
    media: list[QueueFigure]
    announcements: list[Announcement]
    """What somebody who waits is told now, by seconds of waiting; floor rules that hold bring theirs in at once."""


class Ticket(msgspec.Struct, frozen=True):
    """A one-time websocket ticket."""

    ticket: str
    expires_in_s: int


class FloorPages:
    """The floor: queues, agents, tickets."""

    def __init__(self, store: Store, city: City, opening: Opening, board: FigureBoard, tokens: Tokens) -> None:
        self._store = store
        self._city = city
        self._opening = opening
        self._board = board
        self._tokens = tokens
        self._profile = msgspec.json.Decoder(AgentProfile)

    async def queues(self, request: web.Request) -> web.Response:
        """`GET /v1/queues`."""
        caller_of(request, self._tokens, "supervisor", "agent", "strategy_owner", "auditor", "integration")
        now = self._store.clock.now_ms()
        figures = self._board.queues()
        rows = [
            QueueView(
                queue.id,
                queue.name_sv,
                self._opening.is_open(queue.id, now),
                [row for row in figures if row.queue == queue.id],
                list(self._opening.announcements(queue.id, now)),
            )
            for queue in self._city.queues.values()
        ]
        return reply(public({"queues": rows, "banners": self._opening.banners(now)}))

    async def agents(self, request: web.Request) -> web.Response:
        """`GET /v1/agents?limit=&page=`."""
        caller_of(request, self._tokens, "supervisor", "auditor")
        limit, page = page_of(request)
        found = await self._store.agents_all()
        rows = [_view(agent) for agent in found[(page - 1) * limit : page * limit]]
        return reply(public({"items": rows, "total": len(found), "limit": limit, "page": page}))

    async def agent(self, request: web.Request) -> web.Response:
        """`GET /v1/agents/{id}`."""
        caller_of(request, self._tokens, "supervisor", "auditor")
        found = await self._store.agent(request.match_info["id"])
        if found is None:
            raise NotFound(field="id")
        return reply(public(_view(found)))

    async def put_agent(self, request: web.Request) -> web.Response:
        """`PUT /v1/agents/{id}`."""
        caller = caller_of(request, self._tokens, "supervisor")
        agent_id = msgspec.convert(request.match_info["id"], AgentId)
        body = await body_of(request)
        check_levels(msgspec.json.decode(body))
        profile = self._profile.decode(body)
        for skill in profile.skills:
            if skill not in self._city.skills:
                raise UnknownSkill(f"known: {', '.join(sorted(self._city.skills))}", field=f"$.skills.{skill}")
        for channel in profile.capacity:
            if channel not in CHANNELS:
                raise UnknownChannel(f"known: {', '.join(sorted(CHANNELS))}", field=f"$.capacity.{channel}")
        capacity = known_channels(profile.capacity or DEFAULT_CAPACITY)
        record = AgentRecord(
            skills=dict(sorted(profile.skills.items())),
            capacity=capacity,
            teams=(profile.team,) if profile.team else (),
            can_interrupt=profile.can_interrupt,
        )
        await self._store.agents.put_agent(agent_id, profile.name, record, capacity, f"supervisor:{caller.name}")
        found = await self._store.agent(agent_id)
        if found is None:
            raise NotFound(field="id")
        return reply(public(_view(found)))

    async def ticket(self, request: web.Request) -> web.Response:
        """`POST /v1/ws-tickets`: an agent's or supervisor's token for a one-time ticket."""
        caller = caller_of(request, self._tokens, "agent", "supervisor")
        holder = caller.agent or (caller.name if caller.role == "supervisor" else "")
        if not holder:
            raise Forbidden("the token names no agent; create it with --agent-id")
        if (await come(request.read())).strip() not in {b"", b"{}"}:
            raise SchemaMismatch("takes no body", field="$")
        ticket = secrets.token_urlsafe(32)
        await self._store.put_ticket(ticket, caller.role, holder)
        return reply(Ticket(ticket, TICKET_TTL_MS // 1000), 201)


def _view(agent: Agent) -> AgentView:
    record = agent.record()
    return AgentView(
        agent_id=agent.id,
        name=agent.name,
        presence=agent.presence,
        reason=agent.reason,
        since=agent.since,
        form=agent.form,
        is_connected=agent.connected == 1,
        skills=record.skills,
        capacity=record.capacity,
        team=record.teams[0] if record.teams else "",
        can_interrupt=record.can_interrupt,
    )
