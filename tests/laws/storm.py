"""A storm over the house: anything that residents, agents, units and lines may do, in any order, at any pace."""

import random
from collections.abc import Awaitable, Callable

from channels.inbound import InboundEnd
from router.errors import InputError, StateError
from router.lifecycle import is_final
from tests.laws.house import House

TOPICS = ("KUF.BIB", "MIL.STÖ", "BAR.SKV", "BYG.LOV", "GAT.HÅL", "SOC.ORB", "AVF.ÅVC", "")
SKILLS: tuple[dict[str, int], ...] = (
    {},
    {"miljo": 3, "barn": 2},
    {"bygg": 4, "gata": 2},
    {"finska": 4},
    {"skyddad_id": 1, "soc_mottagning": 2},
)
PEOPLE: tuple[dict[str, object], ...] = ({}, {"language": "fi"}, {"protection": "marked"}, {"phone": "+46701740608"})
Step = Callable[[], Awaitable[object]]


class Storm:
    """So many random steps from one seed."""

    def __init__(self, house: House, seed: int) -> None:
        self.house = house
        self.dice = random.Random(seed)  # noqa: S311 # dice, not keys
        self.contacts: list[str] = []
        self.agents: list[str] = []
        self.refused = 0

    async def blow(self, steps: int) -> None:
        """Take that many steps; a refusal is an answer, anything else is a defect."""
        for number, skills in enumerate(SKILLS):
            self.agents.append(await self.house.seat(f"agent{number}", skills))
        for _ in range(steps):
            try:
                await self.dice.choices(*self._moves())[0]()
            except (StateError, InputError):
                self.refused += 1

    def _moves(self) -> tuple[list[Step], list[int]]:
        moves: dict[Step, int] = {
            self._receive: 14,
            self.house.dispatch: 8,
            self._answer: 8,
            self._finish: 4,
            self._leave: 3,
            self._write: 2,
            self._presence: 3,
            self._lose: 2,
            self._return: 3,
            self._hand_over: 2,
            self._unit: 3,
            self._wait: 5,
            self._hold: 1,
            self._put_aside: 2,
            self._consult: 2,
            self._pass_on: 3,
            self._undo: 2,
            self._pull: 1,
            self._call_back: 3,
            self._told: 1,
            self._attach: 1,
        }
        return list(moves), list(moves.values())

    async def _receive(self) -> None:
        channel = self.dice.choice(["phone", "phone", "chat", "email", "web"])
        person = self.dice.choice(PEOPLE)
        self.contacts.append(await self.house.receive(channel, self.dice.choice(TOPICS), person=person))

    async def _any(self, *states: str) -> str:
        """An open contact in one of these states; any contact at all when there is none."""
        fitting: list[str] = []
        for contact in self.contacts[-40:]:
            seen = await self.house.store.contact(contact)
            if seen is not None and seen.state in states:
                fitting.append(contact)
        return self.dice.choice(fitting or self.contacts or ["c0"])

    async def _answer(self) -> None:
        contact = await self._any("offered")
        seen = await self.house.store.contact(contact)
        if seen is None or not seen.agent or not seen.offer:
            return
        await (self.house.decline(contact) if self.dice.random() < 0.3 else self.house.accept(contact))

    async def _finish(self) -> None:
        contact = await self._any("with_agent")
        seen = await self.house.store.contact(contact)
        agent = seen.agent if seen else self.dice.choice(self.agents)
        name = self.dice.choice(["work.finish", "work.finish", "wrap_up.end"])
        outcomes = {"outcomes": [{"resolution": "answered"}]} if name == "work.finish" else {}
        await self.house.command(agent, name, contact_id=contact, **outcomes)

    async def _hold(self) -> None:
        contact = await self._any("with_agent")
        seen = await self.house.store.contact(contact)
        agent = seen.agent if seen else self.agents[0]
        await self.house.command(agent, self.dice.choice(["work.hold", "work.resume"]), contact_id=contact)

    async def _owner(self, *states: str) -> tuple[str, str]:
        """A contact in one of these states and its agent; anybody when there is none."""
        contact = await self._any(*states)
        seen = await self.house.store.contact(contact)
        return contact, (seen.agent if seen else "") or self.dice.choice(self.agents)

    async def _put_aside(self) -> None:
        contact, agent = await self._owner("with_agent", "parked")
        seen = await self.house.store.contact(contact)
        if seen is not None and seen.state == "parked":
            await self.house.command(agent, "work.resume", contact_id=contact)
        else:
            await self.house.command(agent, "work.park", contact_id=contact, reply=True)

    async def _call_back(self) -> None:
        """Somebody promises to call, or tells how a call went."""
        contact, agent = await self._owner("with_agent")
        seen = await self.house.store.contact(contact)
        if seen is not None and seen.callback_state == "dialling":
            result = self.dice.choice(["connected", "no_answer", "busy", "wrong_number"])
            await self.house.command(agent, "callback.result", contact_id=contact, result=result)
        else:
            by = self.dice.choice(["queue", "me"])
            await self.house.command(agent, "callback.schedule", contact_id=contact, keep_place=True, by=by)

    async def _told(self) -> None:
        """A resident who is not dialled any more says that it is done."""
        contact = await self._any("queued", "offered", "callback")
        await self.house.conversation.end_contact(self.house.event(), InboundEnd(contact=contact, reason="cancelled"))

    async def _attach(self) -> None:
        contact, agent = await self._owner("with_agent")
        other = await self._any("queued", "parked", "callback", "answered")
        await self.house.command(agent, "contact.attach", contact_id=other, to=contact)

    async def _consult(self) -> None:
        contact, agent = await self._owner("with_agent")
        for leg, side in (await self.house.store.sides(contact)).items():
            name = "consult.answer" if side.state == "connecting" else "consult.end"
            await self.house.command(side.agent, name, leg_id=leg)
            return
        await self.house.command(
            agent, "consult.start", contact_id=contact, to={"agent": self.dice.choice(self.agents)}
        )

    async def _pass_on(self) -> None:
        contact, agent = await self._owner("with_agent")
        target, kind = self.dice.choice(
            [
                ({"queue": "barn"}, "cold"),
                ({"agent": self.dice.choice(self.agents)}, "cold"),
                ({"number": "elnat"}, "cold"),
                ({"agent": self.dice.choice(self.agents)}, "warm"),
            ]
        )
        sides = await self.house.store.sides(contact)
        if kind == "warm" and sides:
            target = {"agent": next(iter(sides.values())).agent}
        await self.house.command(agent, "work.transfer", contact_id=contact, to=target, kind=kind)

    async def _undo(self) -> None:
        contact = await self._any("closed", "handed_over", "parked", "queued")
        seen = await self.house.store.contact(contact)
        agent = seen.undo.rpartition(" ")[2] if seen and seen.undo else self.dice.choice(self.agents)
        await self.house.command(agent, "work.undo", contact_id=contact)

    async def _pull(self) -> None:
        contact = await self._any("queued")
        await self.house.command(self.dice.choice(self.agents), "work.pull", contact_id=contact)

    async def _leave(self) -> None:
        await self.house.leave(await self._any("queued", "offered", "with_agent"))

    async def _write(self) -> None:
        await self.house.write(await self._any("with_agent", "answered", "queued"), "Hallå?")

    async def _presence(self) -> None:
        state = self.dice.choice(["available", "available", "away", "offline"])
        when = self.dice.choice(["now", "after_current"])
        await self.house.command(self.dice.choice(self.agents), "presence.set", state=state, when=when)

    async def _lose(self) -> None:
        await self.house.disconnect(self.dice.choice(self.agents))

    async def _return(self) -> None:
        agent = self.dice.choice(self.agents)
        await self.house.connect(agent)
        await self.house.command(agent, "presence.set", state="available")

    async def _hand_over(self) -> None:
        contact = await self._any("with_agent")
        seen = await self.house.store.contact(contact)
        agent = seen.agent if seen else self.agents[0]
        await self.house.command(agent, "handover.create", contact_id=contact, unit="kultur_fritid", note="Er fråga")

    async def _unit(self) -> None:
        contact = await self._any("handed_over")
        seen = await self.house.store.contact(contact)
        if seen is None or not seen.handover:
            return
        step = self.dice.choice(["accept", "done", "return"])
        if step == "accept":
            await self.house.units.accept(seen.handover, seen.unit, "unit:x")
        elif step == "done":
            await self.house.units.finish(seen.handover, seen.unit, "unit:x", "klart")
        else:
            await self.house.units.give_back(seen.handover, seen.unit, "unit:x", "fel enhet")

    async def _wait(self) -> None:
        await self.house.pass_time(self.dice.choice([1, 5, 21, 61, 301, 1_801]))

    async def calm(self) -> dict[str, int]:
        """Everybody leaves, days go by; how many contacts stand in each state that is not final."""
        for agent in self.agents:
            await self.house.disconnect(agent)
        for hours in (0.01, 0.1, 1, 5, 24, 24, 24):
            await self.house.pass_time(hours * 3600)
        waiting: dict[str, int] = {}
        for contact in self.contacts:
            seen = await self.house.contact(contact)
            if not is_final("contact", seen.state):
                waiting[seen.state] = waiting.get(seen.state, 0) + 1
        return waiting
