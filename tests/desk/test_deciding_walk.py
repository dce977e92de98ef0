"""Decisions made again in any order: topics, persons, words, answers and time, and every law of deciding after each."""

import contextlib
import random

import pytest

from router.errors import ServicecenterError
from router.journal import Entry
from router.model import OpenContact
from tests.laws.house import House

TOPICS = ("KUF.BIB", "BYG.LOV", "BAR.SKV", "BYG.PLN", "SOC.ORB", "GAT.HÅL", "DEM.ALH", "OMS.LAR")
WORDS = ("Tack", "Det är livsfara", "Jag vill göra en orosanmälan", "Stor läcka, det sprutar")
STEPS = (
    "receive",
    "topic",
    "topic",
    "identify",
    "write",
    "answer",
    "answer",
    "park",
    "accept",
    "accept",
    "wait",
    "leave",
)
FEW = "gun"
CONTENT = frozenset({"offered", "with_agent", "parked"})


class Walk:
    """One random walk over a floor with an ordinary agent, one who knows and one who may see what is protected."""

    def __init__(self, house: House, seed: int) -> None:
        self.house = house
        self.random = random.Random(seed)  # noqa: S311 # a walk, no secret
        self.contacts: list[str] = []

    async def begin(self) -> None:
        """Three at work."""
        await self.house.seat("anna")
        await self.house.seat("bo", {"bygg": 3, "barn": 3})
        await self.house.seat(FEW, {"skyddad_id": 1, "soc_mottagning": 1})

    async def step(self) -> None:
        """Anything at all; what can't be done now is refused and nothing happens."""
        kind = self.random.choice(STEPS)
        contact = self.random.choice(self.contacts) if self.contacts else ""
        if not contact or kind == "receive":
            await self.receive()
        else:
            seen = await self.house.store.contact(contact)
            if seen is not None:
                with contextlib.suppress(ServicecenterError):
                    await getattr(self, kind)(seen)
        await self.house.dispatch()

    async def receive(self) -> None:
        """Somebody gets in touch."""
        channel = self.random.choice(("phone", "chat", "email"))
        number = f"070-174 06 {self.random.randrange(10, 90)}"
        person = {"phone": number, "email": "siv@example.se"}
        text = "" if channel == "phone" else "Hej"
        self.contacts.append(
            await self.house.receive(channel, self.random.choice(TOPICS[:4]), person=person, text=text)
        )

    async def topic(self, seen: OpenContact) -> None:
        """Whoever has it names the topic."""
        await self.house.command(seen.agent, "topic.set", contact_id=seen.id, topic=self.random.choice(TOPICS))

    async def identify(self, seen: OpenContact) -> None:
        """Whoever has it says who it is, now and then somebody protected."""
        protection = self.random.choice(("none", "none", "marked"))
        await self.house.command(
            seen.agent, "person.identify", contact_id=seen.id, phone="070-174 06 91", protection=protection
        )

    async def write(self, seen: OpenContact) -> None:
        """The resident writes on."""
        await self.house.write(seen.id, self.random.choice(WORDS))

    async def answer(self, seen: OpenContact) -> None:
        """What is suggested is agreed to, or not."""
        consent = self.random.random() < 0.6
        data = {"contact_id": seen.id, "generation": seen.generation, "consent": consent}
        await self.house.command(seen.agent, "suggestion.answer", **data)

    async def park(self, seen: OpenContact) -> None:
        """It is put aside until the resident answers."""
        await self.house.command(seen.agent, "work.park", contact_id=seen.id, reply=True)

    async def accept(self, seen: OpenContact) -> None:
        """It is taken, and in time finished, so that hands get free."""
        if seen.state == "offered":
            await self.house.accept(seen.id)
        elif seen.state == "with_agent" and self.random.random() < 0.2:
            finished = [{"resolution": "answered"}]
            await self.house.command(seen.agent, "work.finish", contact_id=seen.id, outcomes=finished)

    async def wait(self, seen: OpenContact) -> None:
        """Time passes, and the leader looks."""
        del seen
        await self.house.pass_time(self.random.choice((1, 30, 300, 2_000)))
        for agent in ("anna", "bo", FEW):
            await self.house.command(agent, "presence.set", state="available")
        await self.house.dispatcher.load()
        await self.house.waiting.look(self.house.dispatcher.floor)

    async def leave(self, seen: OpenContact) -> None:
        """The resident goes."""
        await self.house.leave(seen.id)

    async def check(self) -> None:
        """Nobody but the few holds what is protected, and the store keeps every law."""
        for contact in self.contacts:
            seen = await self.house.store.contact(contact)
            if seen is not None and seen.protection != "none" and seen.state in CONTENT:
                assert seen.agent == FEW or seen.leg_state == "wrapping_up", seen
        assert await self.house.broken() == []


def generations(entries: list[Entry]) -> dict[str, list[int]]:
    """The generations of each contact's decisions, as the journal has them."""
    found: dict[str, list[int]] = {}
    for entry in entries:
        if bytes(entry.data.decision):
            found.setdefault(entry.data.contact, []).append(entry.data.generation)
    return found


def taken_by_strategy(entries: list[Entry]) -> set[str]:
    """Why the strategy has taken contacts from agents who had them."""
    return {
        entry.data.reason
        for entry in entries
        for moved in entry.transitions
        if moved.machine == "contact" and moved.before == "with_agent" and entry.data.actor == "strategy"
    }


@pytest.mark.parametrize("seed", range(6))
async def test_however_often_it_is_decided_the_laws_hold(house: House, seed: int) -> None:
    """Protected contacts stay with the few, agents lose theirs to the law alone, and no generation is missing."""
    walk = Walk(house, seed)
    await walk.begin()
    for number in range(120):
        await walk.step()
        if number % 10 == 9:
            await walk.check()
    entries = await house.journal()
    assert taken_by_strategy(entries) <= {"law"}
    for contact, numbers in generations(entries).items():
        assert numbers == list(range(1, len(numbers) + 1)), contact
