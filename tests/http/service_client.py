"""A caller of the service who believes nothing: every answer and frame must be what the descriptions say."""

import itertools
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from typing import Any, NamedTuple, Self, cast

import aiohttp
import msgspec
from jsonschema import Draft202012Validator

from router.app import Running
from router.http.asyncapi import asyncapi
from router.http.auth import Caller, Role
from router.http.openapi import openapi
from tests.desktop_client import DesktopClient, Frame
from tests.journeys.waiting import eventually

Json = dict[str, Any]
Document = Callable[[], Json]
PROBLEM = "application/problem+json"
STRUCTURED = "application/cloudevents+json"
ALL_CHANNELS = {"phone": 1, "chat": 2, "email": 1, "web": 1}


class Answer(NamedTuple):
    """One answer."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def slug(self) -> str:
        """The problem's name, or ''."""
        return str(self.body["type"]).rpartition(":")[2] if self.status >= 400 else ""

    @property
    def contact(self) -> str:
        """The contact that the only event became."""
        assert self.status == 202, self.body
        return str(self.body["ids"][0])


class ServiceClient:
    """Speaks to one running service in any role."""

    def __init__(self, run: Running) -> None:
        self.run = run
        self.url = run.url
        self._http = aiohttp.ClientSession()
        self._numbers = itertools.count(1)

    async def __aenter__(self) -> Self:
        """As it is."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Give the connections back."""
        await self._http.close()

    def token(
        self, role: Role, name: str = "", *, agent: str = "", unit: str = "", rights: tuple[str, ...] = ()
    ) -> str:
        """A token of the service's own making."""
        return self.run.tokens.create(Caller(role, name or f"a-{role}", agent, unit, rights))

    # REST ------------------------------------------------------------------------------------------------------

    async def call(
        self,
        method: str,
        path: str,
        *,
        role: Role | None = None,
        token: str = "",
        body: bytes | Json | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask, and hold the answer against the description."""
        token = token or (self.token(role) if role else "")
        sent = ({"Authorization": f"Bearer {token}"} if token else {}) | dict(headers or {})
        data = msgspec.json.encode(body) if isinstance(body, dict) else body
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        async with self._http.request(method, self.url + path, data=data, headers=sent, allow_redirects=False) as got:
            raw = await got.read()
            media = got.content_type
            found = json.loads(raw) if raw and media.endswith("json") else raw
            answer = Answer(got.status, found, got.headers)
        if answer.status >= 400:
            check_problem(answer, media)
        check_answer(method, path.partition("?")[0], answer, media)
        return answer

    async def get(self, path: str, role: Role = "supervisor") -> Answer:
        """Read as somebody."""
        return await self.call("GET", path, role=role)

    # Events ----------------------------------------------------------------------------------------------------

    async def post(
        self,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        role: Role | None = "integration",
        token: str = "",
    ) -> Answer:
        """Post bytes as an integration."""
        sent = {"Content-Type": STRUCTURED} | dict(headers or {})
        return await self.call("POST", "/v1/events", body=body, headers=sent, role=role, token=token)

    async def event(
        self, kind: str, data: Json, *, source: str = "/tests", subject: str = "", token: str = ""
    ) -> Answer:
        """Post one structured event."""
        envelope: Json = {"specversion": "1.0", "id": f"e{next(self._numbers)}", "source": source}
        envelope |= {"type": "se.servicecenter." + kind, "data": data} | ({"subject": subject} if subject else {})
        return await self.post(msgspec.json.encode(envelope), token=token)

    async def receive(self, channel: str = "phone", subject: str = "", **data: object) -> str:
        """A contact gets in touch; its id."""
        return (await self.event("contact.received", {"channel": channel, **data}, subject=subject)).contact

    # Agents ----------------------------------------------------------------------------------------------------

    def desktop(self, agent: str) -> AbstractAsyncContextManager[DesktopClient]:
        """An agent's desktop whose frames are checked."""

        @asynccontextmanager
        async def opened() -> AsyncGenerator[DesktopClient]:
            token = self.token("agent", agent, agent=agent)
            async with await DesktopClient.connect(self.url, token, check_frame) as client:
                yield client

        return opened()

    def supervisor(self, name: str) -> AbstractAsyncContextManager[DesktopClient]:
        """A supervisor's desktop whose frames are checked."""

        @asynccontextmanager
        async def opened() -> AsyncGenerator[DesktopClient]:
            async with await DesktopClient.connect(self.url, self.token("supervisor", name), check_frame) as client:
                yield client

        return opened()

    async def ticket(self, agent: str) -> str:
        """A one-time ticket of an agent."""
        answer = await self.call("POST", "/v1/ws-tickets", token=self.token("agent", agent, agent=agent))
        return str(answer.body["ticket"])

    def socket(self, **headers: str) -> AbstractAsyncContextManager[aiohttp.ClientWebSocketResponse]:
        """A bare connection that has said nothing yet."""
        return self._http.ws_connect(f"{self.url}/v1/desktop", headers=headers, autoclose=True, max_msg_size=0)

    async def spoken(self, socket: aiohttp.ClientWebSocketResponse, agent: str, **more: object) -> Json:
        """Take the greeting, show a ticket; the frame that answers."""
        await socket.receive_json(timeout=20)
        await socket.send_json({"t": "auth", "ticket": await self.ticket(agent), **more})
        return await socket.receive_json(timeout=20)

    async def offered(self, desk: DesktopClient, channel: str = "phone", subject: str = "", **data: object) -> Json:
        """A contact gets in touch and is offered to this desktop: the offer."""
        contact = await self.receive(channel, subject, **data)
        return await desk.wait_event("offer.issued", lambda offer: offer["contact_id"] == contact)

    async def in_hand(self, desk: DesktopClient, channel: str = "phone", subject: str = "", **data: object) -> str:
        """A contact gets in touch and is taken by this desktop: its id."""
        offer = await self.offered(desk, channel, subject, **data)
        await desk.command("offer.accept", {"offer_id": offer["offer_id"], "rev": offer["rev"]})
        return str(offer["contact_id"])

    async def go_home(self, agent: str) -> None:
        """End what the agent has in hand, whoever holds the desktop."""
        async with self.desktop(agent) as desk:
            await desk.command("presence.set", {"state": "offline"})
            for card in cast("list[Json]", desk.snapshot["work"]):
                if card["state"] == "with_agent":
                    await desk.command(
                        "work.finish", {"contact_id": card["contact_id"], "outcomes": [{"resolution": "answered"}]}
                    )

    async def state(self, contact: str, state: str) -> Json:
        """The contact once it is in this state."""

        async def probe() -> Json | None:
            found = (await self.get(f"/v1/contacts/{contact}")).body
            return found if found.get("state") == state else None

        return await eventually(probe) or {}

    async def resolutions(self, contact: str) -> list[str]:
        """How the matters of a contact ended, once the register knows."""

        async def probe() -> list[str]:
            found = (await self.get(f"/v1/contacts/{contact}")).body
            return [str(outcome["resolution"]) for outcome in found["outcomes"]]

        return await eventually(probe)


# What the descriptions say ----------------------------------------------------------------------------------------


@cache
def _templates() -> list[tuple[list[str], str]]:
    return [(path.split("/"), path) for path in cast("Json", openapi()["paths"])]


def template_of(path: str) -> str:
    """The described path that an address stands for, or ''."""
    parts = path.split("/")
    for template, name in _templates():
        if len(template) == len(parts) and all(
            t in (p, "{id}", "{blob}") for t, p in zip(template, parts, strict=True)
        ):
            return name
    return ""


def check_answer(method: str, path: str, answer: Answer, media: str) -> None:
    """The status is described for this address, and the body is of its schema."""
    paths = cast("Json", openapi()["paths"])
    operation = paths.get(template_of(path), {}).get(method.lower())
    if operation is None:
        assert answer.status in {400, 404, 405}
        return
    response = operation["responses"].get(str(answer.status))
    assert response is not None, f"{method} {path}: {answer.status} is not described: {answer.body}"
    assert media in response["content"], f"{method} {path}: {media} is not described"
    content = response["content"][media]
    if answer.status >= 400:
        assert answer.slug in content["examples"], f"{method} {path}: {answer.slug} is not described"
    if not isinstance(answer.body, bytes):
        hold_against(openapi, content["schema"], answer.body)


def check_problem(answer: Answer, media: str) -> None:
    """Every error is an RFC 9457 problem that repeats the status."""
    assert media == PROBLEM, (answer.status, media, answer.body)
    assert answer.body["type"].startswith("urn:servicecenter:problem:")
    assert answer.body["title"].endswith(".")
    assert answer.body["status"] == answer.status
    assert answer.body["instance"].startswith("/")


def check_frame(frame: Frame) -> None:
    """The frame is described, and of its schema."""
    messages = cast("Json", cast("Json", asyncapi()["components"])["messages"])
    kind = f"ev.{frame['type']}" if frame["t"] == "ev" else str(frame["t"])
    schema: Json = {"$ref": "#/components/schemas/Result"} if kind == "res" else messages[kind]["payload"]
    hold_against(asyncapi, schema, frame)


def hold_against(document: Document, schema: Json, value: object) -> None:
    """The value is of this schema, a part of a description."""
    checker = _validator(document, json.dumps(schema, sort_keys=True))
    wrong = [f"{error.json_path}: {error.message}" for error in checker.iter_errors(cast("Json", value))]
    assert not wrong, wrong


@cache
def _validator(document: Document, schema: str) -> Any:  # noqa: ANN401 # its types are half unknown
    return Draft202012Validator(json.loads(schema) | {"components": document()["components"]})
