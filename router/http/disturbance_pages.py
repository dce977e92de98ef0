"""`/v1/disturbances`: what is out of order now, for channels to tell residents; declared and ended by supervisors."""

from collections.abc import Iterable

import msgspec
from aiohttp import web

from router.declaring import Declaration, Declaring
from router.disturbances import Area
from router.errors import SchemaMismatch
from router.http.auth import ROLES, Tokens, caller_of
from router.http.problems import body_of, reply
from router.http.public import public
from router.opening import LONGEST_TEXT
from router.orders import Order

ENDED = "ended"


class DisturbanceView(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that is out of order, as residents may know it."""

    id: str
    topics: tuple[str, ...]
    area: Area
    message_sv: str
    since: int
    until: int
    """When it ends by itself, unless a supervisor says otherwise."""
    message_en: str = ""
    expected_end_at: int = 0
    """When it is thought to be mended."""


class DisturbancePages:
    """List, declare, end."""

    def __init__(self, declaring: Declaring, tokens: Tokens) -> None:
        self._declaring = declaring
        self._tokens = tokens
        self._declaration = msgspec.json.Decoder(Declaration)

    async def listed(self, request: web.Request) -> web.Response:
        """`GET /v1/disturbances`: those that stand, oldest first."""
        caller_of(request, self._tokens, *ROLES)
        return reply(public({"items": shown(self._declaring.standing())}))

    async def declare(self, request: web.Request) -> web.Response:
        """`POST /v1/disturbances`; with the id of one that stands, it takes its place."""
        caller = caller_of(request, self._tokens, "supervisor")
        wanted = self._declaration.decode(await body_of(request))
        try:
            order = await self._declaring.declare(caller.name, wanted)
        except SchemaMismatch as error:
            raise SchemaMismatch(error.detail, field=error.field.replace("$.data", "$", 1)) from None
        return reply(public(shown([order])[0]), 201)

    async def end(self, request: web.Request) -> web.Response:
        """`DELETE /v1/disturbances/{id}?reason=`."""
        caller = caller_of(request, self._tokens, "supervisor")
        reason = request.query.get("reason", "") or ENDED
        if "\0" in reason or len(reason) > LONGEST_TEXT:
            raise SchemaMismatch(f"expected a reason of 1 to {LONGEST_TEXT} characters", field="?reason")
        order = await self._declaring.end(caller.name, request.match_info["id"], reason)
        return reply(public(shown([order])[0]))


def shown(orders: Iterable[Order]) -> list[DisturbanceView]:
    """The orders without who gave them and why."""
    return [
        DisturbanceView(
            id=told.id,
            topics=told.topics,
            area=told.area,
            message_sv=told.message_sv,
            since=order.at,
            until=order.until,
            message_en=told.message_en,
            expected_end_at=told.expected_end_at,
        )
        for order in orders
        if (told := order.disturbance) is not None
    ]
