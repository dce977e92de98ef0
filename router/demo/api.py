"""The service's REST interface as any other system sees it: one HTTP session, a token for each call."""

import asyncio
from typing import TypeVar

import aiohttp
import msgspec

from channels.cloudevents.wire import BATCH, STRUCTURED, TYPE_PREFIX
from channels.inbound import InboundContact, InboundEnd, InboundMessage
from router.errors import PROBLEM_BASE, Problem

TIMEOUT_S = 30.0
TRIES, RETRY_S = 5, 0.25
Answer = TypeVar("Answer")
_encode = msgspec.json.Encoder().encode


class Refused(Exception):  # an answer of the service, not a defect here
    """The service said no, and why."""

    def __init__(self, status: int, slug: str) -> None:
        self.status = status
        self.slug = slug
        super().__init__(f"{status} {slug}")


Data = InboundContact | InboundMessage | InboundEnd


def event(kind: str, source: str, event_id: str, subject: str, data: Data) -> dict[str, object]:
    """A CloudEvent as an integration sends it."""
    named = {"subject": subject} if subject else {}
    return {"specversion": "1.0", "id": event_id, "source": source, "type": TYPE_PREFIX + kind, **named, "data": data}


class Receipt(msgspec.Struct, frozen=True):
    """What `POST /v1/events` answers."""

    accepted: int
    ids: list[str | None]
    problems: list[Problem] = []


class Api:
    """Calls the service."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def get(self, path: str, token: str, kind: type[Answer], **query: str | int) -> Answer:
        """A document.

        Raises:
            Refused: the service said no.
            aiohttp.ClientError: there is no answer.
        """
        async with self.session.get(self.url + path, params=query, headers=_bearer(token)) as response:
            return msgspec.json.decode(await _body(response), type=kind)

    async def send(self, method: str, path: str, token: str, body: object = None) -> bytes:
        """A change; returns the answer's body.

        Raises:
            Refused: the service said no.
            aiohttp.ClientError: there is no answer.
        """
        data = b"" if body is None else _encode(body)
        headers = _bearer(token) | ({"Content-Type": "application/json"} if data else {})
        async with self.session.request(method, self.url + path, data=data, headers=headers) as response:
            return await _body(response)

    async def post_event(self, token: str, event: dict[str, object]) -> str:
        """One event; returns the contact's id. What the service can't take now is sent again, as integrations do.

        Raises:
            Refused: the service said no, for good or too often.
            aiohttp.ClientError: there is no answer.
        """
        receipt = msgspec.json.decode(await self._post(token, STRUCTURED, _encode(event)), type=Receipt)
        return receipt.ids[0] or ""

    async def post_batch(self, token: str, events: list[dict[str, object]]) -> Receipt:
        """Several events; what was refused stands in the receipt.

        Raises:
            Refused: the service took nothing of it.
            aiohttp.ClientError: there is no answer.
        """
        return msgspec.json.decode(await self._post(token, BATCH, _encode(events)), type=Receipt)

    async def _post(self, token: str, kind: str, data: bytes) -> bytes:
        headers = _bearer(token) | {"Content-Type": kind}
        for attempt in range(TRIES):
            async with self.session.post(self.url + "/v1/events", data=data, headers=headers) as response:
                if response.status == 503 and attempt < TRIES - 1:  # noqa: PLR2004 # try again later
                    await asyncio.sleep(RETRY_S * 2**attempt)
                    continue
                return await _body(response)
        raise Refused(503, "unavailable")


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """The body of a good answer; a batch that was refused whole names its events in a receipt, too."""
    body = await response.read()
    if response.status < 400:  # noqa: PLR2004 # not an error
        return body
    try:
        return msgspec.json.encode(msgspec.json.decode(body, type=Receipt))
    except msgspec.DecodeError:
        raise Refused(response.status, _slug(body)) from None


def _slug(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=Problem).type.removeprefix(PROBLEM_BASE)
    except msgspec.DecodeError:
        return "no-problem-document"
