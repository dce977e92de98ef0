"""The people around one service: residents who get in touch, agents at their desks, units and supervisors over REST."""

import itertools
from collections.abc import Callable, Mapping
from typing import Protocol, Self, cast

import aiohttp
import msgspec

from router.http.auth import Role
from tests.desktop_client import DesktopClient
from tests.journeys.waiting import eventually

Json = dict[str, object]
SOURCE = "/switch"
INTEGRATION = "switch"
ALL_CHANNELS = {"phone": 1, "chat": 2, "email": 1, "web": 1}
OVER = {"closed", "abandoned", "cancelled"}


class Front(Protocol):
    """A service that is spoken to: where it listens, and its tokens."""

    url: str

    def token(self, role: Role, name: str, *, agent: str = "", unit: str = "", rights: tuple[str, ...] = ()) -> str:
        """A token of the service's own making."""
        ...


class Answer(msgspec.Struct, frozen=True):
    """Status and body of one answer."""

    status: int
    body: Json


class Town:
    """One test's people; every name they use is their own, so that tests can share a service."""

    def __init__(self, front: Front, name: str) -> None:
        self.front = front
        self.name = name
        self.contacts: list[str] = []
        self.desks: list[DesktopClient] = []
        self._numbers = itertools.count(1)
        self._tokens: dict[tuple[str, str], str] = {}
        self._http = aiohttp.ClientSession()

    async def __aenter__(self) -> Self:
        """Open."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every desktop and connection."""
        for desk in self.desks:
            await desk.close()
        await self._http.close()

    # Residents -------------------------------------------------------------------------------------------------

    async def get_in_touch(self, channel: str = "phone", **data: object) -> str:
        """One contact as its channel posts it; the id that the 202 promised."""
        answer = await self.post("contact.received", {"channel": channel, **data}, subject=f"{self.name}-{channel}")
        assert answer.status == 202, answer
        contact = cast("list[str]", answer.body["ids"])[0]
        self.contacts.append(contact)
        return contact

    async def call(self, topic: str = "KUF.BIB", **data: object) -> str:
        """A phone call about something that every agent may answer."""
        return await self.get_in_touch("phone", topic=topic, person={"anonymous": True}, **data)

    async def hang_up(self, contact: str) -> None:
        """The resident has gone."""
        answer = await self.post("contact.ended", {"contact": contact, "reason": "hung_up"})
        assert answer.status == 202, answer

    async def post(self, kind: str, data: Mapping[str, object], *, event_id: str = "", subject: str = "") -> Answer:
        """One CloudEvent."""
        event = {
            "specversion": "1.0",
            "type": f"se.servicecenter.{kind}",
            "source": SOURCE,
            "id": event_id or f"{self.name}-{next(self._numbers)}",
            "data": data,
        }
        event |= {"subject": f"{subject}-{event['id']}"} if subject else {}
        headers = {"Content-Type": "application/cloudevents+json"}
        return await self.ask("POST", "/v1/events", "integration", name=INTEGRATION, body=event, headers=headers)

    # REST ------------------------------------------------------------------------------------------------------

    async def ask(
        self,
        method: str,
        path: str,
        role: Role = "supervisor",
        *,
        name: str = "tests",
        unit: str = "",
        body: object = None,
        headers: Mapping[str, str] | None = None,
        url: str = "",
    ) -> Answer:
        """One request in a role."""
        sent = {"Authorization": f"Bearer {self._token(role, name, unit)}", **(headers or {})}
        data = None if body is None else msgspec.json.encode(body)
        where = (url or self.front.url) + path
        async with self._http.request(method, where, data=data, headers=sent) as answer:
            raw = await answer.read()
            return Answer(answer.status, msgspec.json.decode(raw) if raw else {})

    async def text(self, path: str) -> str:
        """What anybody may read, as it stands."""
        async with self._http.get(self.front.url + path) as answer:
            return await answer.text()

    def _token(self, role: Role, name: str, unit: str) -> str:
        key = (f"{role}/{name}", unit)
        if key not in self._tokens:
            rights = ("backdate",) if role == "integration" else ()
            self._tokens[key] = self.front.token(role, name, unit=unit, rights=rights)
        return self._tokens[key]

    async def contact(self, contact: str) -> Json:
        """A contact as a supervisor sees it."""
        answer = await self.ask("GET", f"/v1/contacts/{contact}")
        assert answer.status == 200, answer
        return answer.body

    async def until_state(self, contact: str, state: str, *, is_told: bool = False) -> Json:
        """Wait until the contact is in this state; `is_told`: until the register has its outcomes as well."""

        async def look() -> Json | None:
            seen = await self.contact(contact)
            has_parts = not is_told or seen["outcomes"]
            return seen if seen["state"] == state and has_parts else None

        return await eventually(look)

    async def written_down(self, contact: str, is_there: Callable[[Json], object]) -> Json:
        """Wait until what the register has of a contact is as expected."""

        async def look() -> Json | None:
            seen = await self.contact(contact)
            return seen if is_there(seen) else None

        return await eventually(look)

    async def unit(self, step: str, handover: str, unit: str, body: Json | None = None) -> Json:
        """A unit accepts, returns or finishes a handover."""
        path = f"/v1/handovers/{handover}/{step}"
        answer = await self.ask("POST", path, "department", name=unit, unit=unit, body=body)
        assert answer.status == 200, answer
        return answer.body

    # Agents ----------------------------------------------------------------------------------------------------

    async def agent(
        self, name: str, *, skills: Mapping[str, int] | None = None, capacity: Mapping[str, int] | None = None
    ) -> "Desk":
        """An agent with a profile and a desktop, not yet available."""
        agent_id = f"{self.name}-{name}"
        profile = {"name": name.title(), "skills": skills or {}, "capacity": capacity or ALL_CHANNELS}
        answer = await self.ask("PUT", f"/v1/agents/{agent_id}", body=profile)
        assert answer.status == 200, answer
        return await self.sit_down(agent_id)

    async def sit_down(self, agent_id: str, *, front: Front | None = None) -> "Desk":
        """The desktop of an agent who has a profile."""
        where = front or self.front
        client = await DesktopClient.connect(where.url, where.token("agent", agent_id, agent=agent_id))
        self.desks.append(client)
        return Desk(agent_id, client)

    async def at_work(self, name: str, *, skills: Mapping[str, int] | None = None, **more: Mapping[str, int]) -> "Desk":
        """An agent who is available."""
        desk = await self.agent(name, skills=skills, **more)
        await desk.presence("available")
        return desk

    async def go_home(self) -> None:
        """Leave the service as it was found: everybody offline, every contact over."""
        for desk in self.desks:
            if desk.close_code is None:
                await desk.answer("presence.set", {"state": "offline"})
        for contact in self.contacts:
            await self._close(contact)

    async def _close(self, contact: str) -> None:
        seen = await self.written_down(contact, lambda _: True)
        if seen["state"] == "handed_over":
            await self.unit("accept", str(seen["handover_id"]), str(seen["unit"]))
            await self.unit("done", str(seen["handover_id"]), str(seen["unit"]))
        elif seen["state"] not in OVER:
            await self.hang_up(contact)


class Offer(msgspec.Struct, frozen=True):
    """An offer as it came over the socket."""

    contact: str
    offer: str
    rev: int
    card: Json


class Desk:
    """One agent at one desktop, in the words of the trade."""

    def __init__(self, agent_id: str, client: DesktopClient) -> None:
        self.agent_id = agent_id
        self.client = client

    async def presence(self, state: str, **more: str) -> None:
        """Available, away or offline."""
        await self.client.command("presence.set", {"state": state, **more})

    async def offered(self, contact: str = "", timeout_s: float = 20.0) -> Offer:
        """The next offer; of this contact, when it is named."""
        data = await self.client.wait_event(
            "offer.issued", lambda each: not contact or each["contact_id"] == contact, timeout_s
        )
        card = cast("Json", data["contact"])
        return Offer(str(data["contact_id"]), str(data["offer_id"]), cast("int", data["rev"]), card)

    async def accept(self, offer: Offer) -> Json:
        """Take it."""
        return await self.client.command("offer.accept", {"offer_id": offer.offer, "rev": offer.rev})

    async def decline(self, offer: Offer, reason: str = "knowledge") -> None:
        """Say no."""
        await self.client.command("offer.decline", {"offer_id": offer.offer, "rev": offer.rev, "reason": reason})

    async def take(self, contact: str = "") -> Offer:
        """Wait for an offer and accept it."""
        offer = await self.offered(contact)
        await self.accept(offer)
        return offer

    async def finish(self, contact: str, resolution: str = "answered", **more: str) -> None:
        """End the work with one matter."""
        outcome = {"resolution": resolution, **more}
        await self.client.command("work.finish", {"contact_id": contact, "outcomes": [outcome]})

    def missed(self) -> list[str]:
        """Types of the events that nobody has waited for."""
        return [str(event["type"]) for event in self.client.events]
