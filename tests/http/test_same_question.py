"""The same question by every channel: one topic, one owner, one trace but for the rules that speak of the way."""

import dataclasses
import itertools
import tomllib
from collections.abc import AsyncIterator

import aiohttp
import msgspec
import pytest
import pytest_asyncio

from channels.adapters import ADAPTERS
from channels.asterisk.channel import open_asterisk
from channels.asterisk.settings import AsteriskSettings
from channels.base import Channel
from channels.site import Site
from router.bench.pbx import Pbx
from router.config import Config, example_city
from rules.city import load_city
from tests.http.doors import Doors, Person, channels_of
from tests.http.question_book import QUESTIONS, Question
from tests.http.service_client import Json, ServiceClient
from tests.http.test_email_channel import free_port
from tests.journeys.waiting import eventually

PBX, MAIL = Pbx(), free_port()
CONFIG = msgspec.convert({"floor": {"facts_timeout_s": 5.0}, "channels": channels_of(MAIL, PBX)}, Config)
LINES: list[Channel] = []
STRATEGY: Json = tomllib.loads((example_city() / "strategy.toml").read_text(encoding="utf-8"))
RULES = {rule["id"]: rule for rule in STRATEGY["rule"]}
UNITS = {topic.code: topic.unit for topic in load_city(example_city()).topics.topics}
OF_THE_WAY = {"channel", "medium"}
OF_THE_PLACE = {"owner", "has_location"}
"""Facts that a way brings along, or can't: what a call is, and where a mail was written about."""


async def opened(site: Site, settings: AsteriskSettings) -> Channel:
    """The adapter on the PBX in memory."""
    await PBX.open()
    LINES.append(await open_asterisk(site, msgspec.structs.replace(settings, url=PBX.url)))
    return LINES[-1]


OPENED = {**ADAPTERS, "asterisk": dataclasses.replace(ADAPTERS["asterisk"], open=opened)}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def doors(service: ServiceClient) -> AsyncIterator[Doors]:
    """All doors open."""

    async def is_up() -> bool:
        return LINES[-1].health().state == "up"

    await eventually(is_up)
    async with aiohttp.ClientSession() as http:
        yield Doors(service, http, PBX, MAIL)
    await PBX.close()


async def known_as_protected(service: ServiceClient, who: Person) -> None:
    """Somebody's protection is on record since an earlier contact about something else."""
    person = {**who.known, "protection": "marked"}
    earlier = await service.receive("phone", text="Bygglov för en altan?", person=person)

    async def is_recorded() -> bool:
        answer = await service.call("GET", f"/v1/contacts/{earlier}/decision", role="auditor")
        return answer.status == 200 and bool(answer.body["decisions"][0]["n"])

    assert await eventually(is_recorded)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
async def test_every_door_leads_to_the_same_place(service: ServiceClient, doors: Doors, question: Question) -> None:
    """Posted through each door the question has one topic and one owner, and is decided by the rules in the book."""
    for name, (door, way) in doors.of(question).items():
        who = Person.somebody(road=question.road, calls=question.protected or name in {"switch", "asterisk"})
        if question.protected:
            await known_as_protected(service, who)
        contact = await door(question, who)
        told = (await service.call("GET", f"/v1/contacts/{contact}/decision", role="auditor")).body
        first = told["decisions"][0]["decision"]
        decision, topic = first["decision"], first["facts"].get("topic", "")
        picks = name in {"open311 xml", "open311 json", "report page", "app"}
        wanted = (question.chosen if picks else "") or question.topic
        if name == "asterisk" and question.name == "child at risk":
            wanted = "SOC.ORB"
        goes = f"unit:{decision['unit']}" if decision["kind"] == "hand_over" else f"queue:{decision.get('queue', '')}"
        hits = decision["trace"]["hits"]
        assert (name, topic, goes, sorted(hits)) == (name, wanted, way.goes, sorted(way.rules.split()))
        if topic == question.topic != "":
            assert UNITS[topic] == question.owner


def facts_of(rule: str) -> set[str]:
    """The facts that a rule's conditions speak of."""
    return {fact for row in RULES[rule].get("when", ()) for fact in row}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_what_differs_is_said_by_the_strategy(question: Question) -> None:
    """Between two ways only rules that speak of the way or the place differ, or that stand behind one that ends."""
    ways = [way.rules.split() for way in question.ways if way is not None]
    order = list(RULES)
    for one, two in itertools.permutations(ways, 2):
        ends = [order.index(rule) for rule in two if RULES[rule]["then"].get("stop")]
        for rule in set(one) - set(two):
            is_behind = bool(ends) and order.index(rule) > ends[0]
            assert is_behind or facts_of(rule) & (OF_THE_WAY | OF_THE_PLACE), (rule, two)


def test_the_book_has_questions_enough() -> None:
    """Twelve topics and more, and rules of every tier of the strategy but the one about who comes back."""
    assert len({each.topic for each in QUESTIONS}) >= 12
    rules = {rule for each in QUESTIONS for way in each.ways if way for rule in way.rules.split()}
    assert {RULES[rule]["tier"] for rule in rules} == {"A", "B", "C", "D", "E", "F", "H"}
