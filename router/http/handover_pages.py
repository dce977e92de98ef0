"""`/v1/handovers`: the units' side of the contract, over REST."""

from typing import Annotated, Literal, get_args

import msgspec
from aiohttp import web
from msgspec import Meta

from router.errors import SchemaMismatch
from router.handover import Handovers
from router.http.auth import Caller, Tokens, caller_of
from router.http.problems import body_of, page_of, reply
from router.http.public import public
from router.reading import Reading
from router.register import queries

HandoverStateName = Literal["offered", "accepted", "returned", "done"]


class ReturnBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the unit sends it back."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class DoneBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was done, as a code of the unit's own."""

    status: Annotated[str, Meta(max_length=60)] = ""


class HandoverPages:
    """List, accept, return, done."""

    def __init__(self, handovers: Handovers, reading: Reading, tokens: Tokens) -> None:
        self._handovers = handovers
        self._reading = reading
        self._tokens = tokens
        self._return = msgspec.json.Decoder(ReturnBody)
        self._done = msgspec.json.Decoder(DoneBody)

    async def listed(self, request: web.Request) -> web.Response:
        """`GET /v1/handovers?unit=&state=&limit=&page=`; a department sees its own unit."""
        caller = caller_of(request, self._tokens, "department", "supervisor", "auditor")
        limit, page = page_of(request)
        unit = caller.unit if caller.role == "department" and caller.unit else request.query.get("unit", "")
        if "\0" in unit:
            raise SchemaMismatch("U+0000 is not taken", field="?unit")
        state = request.query.get("state", "")
        if state and state not in get_args(HandoverStateName):
            raise SchemaMismatch(f"one of {', '.join(get_args(HandoverStateName))}", field="?state")
        found = await self._reading.ask(queries.handovers, unit=unit, state=state, limit=limit, page=page)
        return reply(public(found))

    async def accept(self, request: web.Request) -> web.Response:
        """`POST /v1/handovers/{id}/accept`."""
        caller = self._caller(request)
        return reply(await self._handovers.accept(request.match_info["id"], caller.unit, f"unit:{caller.name}"))

    async def give_back(self, request: web.Request) -> web.Response:
        """`POST /v1/handovers/{id}/return`."""
        caller = self._caller(request)
        reason = self._return.decode(await body_of(request)).reason
        return reply(
            await self._handovers.give_back(request.match_info["id"], caller.unit, f"unit:{caller.name}", reason)
        )

    async def done(self, request: web.Request) -> web.Response:
        """`POST /v1/handovers/{id}/done`."""
        caller = self._caller(request)
        status = self._done.decode(await body_of(request) or b"{}").status
        return reply(await self._handovers.finish(request.match_info["id"], caller.unit, f"unit:{caller.name}", status))

    def _caller(self, request: web.Request) -> Caller:
        return caller_of(request, self._tokens, "department", "supervisor")
