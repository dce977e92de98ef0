"""Sets up a floor on a running service: profiles over REST, agents at their desktops, departments at their desks."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec

from router.demo.api import TIMEOUT_S, Api
from router.demo.crew import Profile, crew
from router.demo.departments import Departments
from router.demo.scoreboard import Scoreboard
from router.demo.service import Service
from router.demo.simulated_agents import ORDINARY, People, SimulatedAgent, Temper, Topic
from rules.city import City, load_city

CONNECT_AT_ONCE = 10
RESOLUTIONS = {"guided": "guided", "decided": "decided", "booked": "booked", "referred_external": "referred_external"}
RESOLUTION_OF = {"KOM.SÖK": "named_person", "INT.SUP": "internal"}


class TopicLine(msgspec.Struct, frozen=True):
    """A topic in `GET /v1/topics`."""

    code: str
    unit: str


class Topics(msgspec.Struct, frozen=True):
    """`GET /v1/topics`."""

    topics: list[TopicLine]


@asynccontextmanager
async def calling(service: Service) -> AsyncGenerator[Api]:
    """An HTTP session with the service; desktops are not counted against a limit of connections."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as session:
        yield Api(service.url, session)


def city_of(service: Service) -> City:
    """The city that the service runs with."""
    return load_city(Path(service.data_dir) / "city")


def deciding_rules(city: City) -> frozenset[str]:
    """Rules that name where a contact goes."""
    rules = city.strategy.strategy.rules
    return frozenset(rule.id for rule in rules if rule.then.queue or rule.then.hand_over or rule.then.answer)


async def known_topics(api: Api, token: str, city: City) -> dict[str, Topic]:
    """What agents know of the topics: the unit from the service, how they are resolved from their training."""
    listed = await api.get("/v1/topics", token, Topics)
    found: dict[str, Topic] = {}
    for line in listed.topics:
        topic = city.topics.get(line.code)
        criterion = topic.criterion if topic else "answered"
        resolution = RESOLUTION_OF.get(line.code, RESOLUTIONS.get(criterion, "answered"))
        found[line.code] = Topic(line.unit, resolution, is_own=line.unit == "servicecenter")
    return found


async def hire(api: Api, supervisor: str, profiles: list[Profile]) -> None:
    """Describe everybody to the service, a few at a time."""
    room = asyncio.Semaphore(CONNECT_AT_ONCE)

    async def describe(profile: Profile) -> None:
        body = {"name": profile.name, "team": profile.team, "skills": profile.skills, "capacity": profile.capacity}
        async with room:
            await api.send("PUT", f"/v1/agents/{profile.agent_id}", supervisor, body)

    await asyncio.gather(*map(describe, profiles))


class Crew(msgspec.Struct, frozen=True):
    """How many agents, how fast they live, how they behave."""

    size: int
    speed: float
    seed: int = 1
    temper: Temper = ORDINARY


@asynccontextmanager
async def floor(
    service: Service, api: Api, people: People, board: Scoreboard, wanted: Crew
) -> AsyncGenerator[list[SimulatedAgent]]:
    """A crew at work and the departments behind it, until the context closes."""
    supervisor = service.token("supervisor", "floor")
    city = city_of(service)
    profiles = crew(wanted.size, list(city.skills), wanted.seed)
    await hire(api, supervisor, profiles)
    topics = await known_topics(api, supervisor, city)
    agents = [_agent(profile, service, api, people, topics, board, wanted) for profile in profiles]
    departments = Departments(api, service, board, wanted.speed, wanted.seed)
    tasks = [asyncio.create_task(departments.run(), name="departments")]
    try:
        for first in range(0, len(agents), CONNECT_AT_ONCE):
            group = agents[first : first + CONNECT_AT_ONCE]
            tasks += [asyncio.create_task(agent.run(), name=agent.profile.agent_id) for agent in group]
            async with asyncio.timeout(TIMEOUT_S):
                await asyncio.gather(*(agent.client.connected.wait() for agent in group))
        yield agents
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _agent(
    profile: Profile,
    service: Service,
    api: Api,
    people: People,
    topics: Mapping[str, Topic],
    board: Scoreboard,
    wanted: Crew,
) -> SimulatedAgent:
    token = service.token("agent", profile.agent_id, agent=profile.agent_id)
    return SimulatedAgent(profile, token, api, people, topics, board, wanted.speed, wanted.seed, wanted.temper)
