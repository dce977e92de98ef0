"""`/v1/strategies`: drafts, checks, simulations, approval, and what is in service.

Every change names with `If-Match` what its caller saw; every answer about one version carries its ETag.
"""

import datetime as dt
import re

import msgspec
from aiohttp import web

from router.activations import Scope
from router.errors import MalformedBody, PreconditionFailed, PreconditionRequired, UnsupportedMediaType
from router.http.auth import Role, Tokens, caller_of
from router.http.problems import body_of, page_of, reply
from router.http.public import public
from router.http.strategy_documents import (
    ActivateBody,
    ActiveView,
    ApproveBody,
    ReasonBody,
    StrategyBody,
    StrategyDocument,
    StrategyView,
    in_service,
    report_view,
    step_view,
    strategy_view,
)
from router.publishing import Publishing, Seen, Wanted
from router.store.redis_store import Store
from router.strategies import Strategies

OWNER: Role = "strategy_owner"
READERS: tuple[Role, ...] = (OWNER, "supervisor", "auditor")
TOML, JSON = "application/toml", "application/json"
_ETAG = re.compile(r'"(\d{1,9})"')


class StrategyPages:
    """Reading for who may see, writing for strategy owners."""

    def __init__(self, publishing: Publishing, strategies: Strategies, store: Store, tokens: Tokens) -> None:
        self._publishing = publishing
        self._strategies = strategies
        self._store = store
        self._tokens = tokens
        self._strategy = msgspec.json.Decoder(StrategyBody)
        self._reason = msgspec.json.Decoder(ReasonBody)
        self._approve = msgspec.json.Decoder(ApproveBody)
        self._activate = msgspec.json.Decoder(ActivateBody)

    # Reading -----------------------------------------------------------------------------------------------------

    async def listed(self, request: web.Request) -> web.Response:
        """`GET /v1/strategies?limit=&page=`."""
        caller_of(request, self._tokens, *READERS)
        found = await self._publishing.listed(*page_of(request))
        rows = [self._view(each) for each in found.items]
        return reply(public({"items": rows, "total": found.total, "limit": found.limit, "page": found.page}))

    async def one(self, request: web.Request) -> web.Response:
        """`GET /v1/strategies/{id}`."""
        caller_of(request, self._tokens, *READERS)
        version_id = request.match_info["id"]
        seen = await self._publishing.seen(version_id)
        reports = [report_view(each) for each in await self._publishing.reports(version_id)]
        return reply(public(StrategyDocument(self._view(seen), reports)), headers=_etag(seen))

    async def toml(self, request: web.Request) -> web.Response:
        """`GET /v1/strategies/{id}/toml`."""
        caller_of(request, self._tokens, *READERS)
        text = await self._publishing.text(request.match_info["id"])
        return web.Response(body=text.toml.encode(), content_type=TOML)

    async def active(self, request: web.Request) -> web.Response:
        """`GET /v1/strategies/active`."""
        caller_of(request, self._tokens, *READERS)
        now, ours = self._store.clock.now_ms(), self._strategies
        needed = [each for each in ours.activations.needed(now) if each.state == "active" or each.in_force(now)]
        everybody = ours.for_everybody(now)
        view = ActiveView(
            at=now,
            hash=everybody.hash,
            version=everybody.version,
            folder_hash=ours.folder.hash,
            in_service=[in_service(each, now) for each in needed],
            not_loaded=[each.id for each in ours.missing(now)],
        )
        return reply(public(view))

    async def audit(self, request: web.Request) -> web.Response:
        """`GET /v1/strategies/{id}/audit`."""
        caller_of(request, self._tokens, *READERS)
        steps = await self._publishing.audit(request.match_info["id"])
        return reply(public({"steps": [step_view(each) for each in steps]}))

    # Writing -----------------------------------------------------------------------------------------------------

    async def create(self, request: web.Request) -> web.Response:
        """`POST /v1/strategies`."""
        actor = self._owner(request)
        body = await self._text(request)
        return self._told(await self._publishing.write(body.toml, body.title, actor), 201)

    async def put(self, request: web.Request) -> web.Response:
        """`PUT /v1/strategies/{id}`."""
        actor, rev = self._owner(request), _seen_rev(request)
        body = await self._text(request)
        version_id = request.match_info["id"]
        return self._told(await self._publishing.revise(version_id, rev, body.toml, body.title, actor))

    async def check(self, request: web.Request) -> web.Response:
        """`POST /v1/strategies/{id}/check`."""
        actor, rev = self._owner(request), _seen_rev(request)
        return self._told(await self._publishing.check(request.match_info["id"], rev, actor))

    async def simulate(self, request: web.Request) -> web.Response:
        """`POST /v1/strategies/{id}/simulate`."""
        actor, rev = self._owner(request), _seen_rev(request)
        return self._told(await self._publishing.simulate(request.match_info["id"], rev, actor))

    async def approve(self, request: web.Request) -> web.Response:
        """`POST /v1/strategies/{id}/approve`."""
        actor, rev = self._owner(request), _seen_rev(request)
        said = self._approve.decode(await body_of(request))
        version_id = request.match_info["id"]
        return self._told(await self._publishing.approve(version_id, rev, actor, said.forum, said.reason, said.date))

    async def refuse(self, request: web.Request) -> web.Response:
        """`POST /v1/strategies/{id}/refuse`."""
        actor, rev = self._owner(request), _seen_rev(request)
        reason = self._reason.decode(await body_of(request)).reason
        return self._told(await self._publishing.refuse(request.match_info["id"], rev, actor, reason))

    async def withdraw(self, request: web.Request) -> web.Response:
        """`POST /v1/strategies/{id}/withdraw`."""
        actor, rev = self._owner(request), _seen_rev(request)
        reason = self._reason.decode(await body_of(request)).reason
        return self._told(await self._publishing.withdraw(request.match_info["id"], rev, actor, reason))

    async def activate(self, request: web.Request) -> web.Response:
        """`POST /v1/strategies/{id}/activate`."""
        actor, rev = self._owner(request), _seen_rev(request)
        said = self._activate.decode(await body_of(request) or b"{}")
        scope = Scope(said.scope.districts, said.scope.channels, said.scope.share_pct)
        wanted = Wanted(_ms(said.begins_at), _ms(said.until), scope, said.reason)
        return self._told(await self._publishing.activate(request.match_info["id"], rev, actor, wanted))

    async def roll_back(self, request: web.Request) -> web.Response:
        """`POST /v1/strategies/{id}/rollback`."""
        actor, rev = self._owner(request), _seen_rev(request)
        reason = self._reason.decode(await body_of(request)).reason
        return self._told(await self._publishing.roll_back(request.match_info["id"], rev, actor, reason))

    def _owner(self, request: web.Request) -> str:
        return f"{OWNER}:{caller_of(request, self._tokens, OWNER).name}"

    async def _text(self, request: web.Request) -> StrategyBody:
        """The text, bare or in JSON.

        Raises:
            UnsupportedMediaType: it is sent as something else.
        """
        body = await body_of(request)
        match request.content_type:
            case "application/json":
                return self._strategy.decode(body)
            case "application/toml":
                try:
                    return StrategyBody(body.decode())
                except UnicodeDecodeError:
                    raise MalformedBody("TOML is UTF-8", field="$") from None
            case other:
                raise UnsupportedMediaType(f"takes {TOML} and {JSON}, got {other[:60]}", field="Content-Type")

    def _told(self, seen: Seen, status: int = 200) -> web.Response:
        return reply(public(self._view(seen)), status, _etag(seen))

    def _view(self, seen: Seen) -> StrategyView:
        return strategy_view(seen, self._store.clock.now_ms())


def _seen_rev(request: web.Request) -> int:
    """The revision that the caller saw.

    Raises:
        PreconditionRequired: no `If-Match`.
        PreconditionFailed: not an ETag of ours; `*` is none, because it says that nothing was seen.
    """
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise PreconditionRequired(field="If-Match")
    found = _ETAG.fullmatch(given)
    if found is None:
        raise PreconditionFailed('expected one ETag as it was answered, such as "3"', field="If-Match")
    return int(found[1])


def _etag(seen: Seen) -> dict[str, str]:
    return {"ETag": f'"{seen.rev}"'}


def _ms(instant: dt.datetime | None) -> int:
    return max(int(instant.timestamp() * 1000), 1) if instant is not None else 0


def strategy_routes(pages: StrategyPages) -> list[web.RouteDef]:
    """Every address below `/v1/strategies`."""
    one = "/v1/strategies/{id}"
    return [
        web.get("/v1/strategies", pages.listed),
        web.post("/v1/strategies", pages.create),
        web.get("/v1/strategies/active", pages.active),
        web.get(one, pages.one),
        web.put(one, pages.put),
        web.get(one + "/toml", pages.toml),
        web.get(one + "/audit", pages.audit),
        web.post(one + "/check", pages.check),
        web.post(one + "/simulate", pages.simulate),
        web.post(one + "/approve", pages.approve),
        web.post(one + "/refuse", pages.refuse),
        web.post(one + "/withdraw", pages.withdraw),
        web.post(one + "/activate", pages.activate),
        web.post(one + "/rollback", pages.roll_back),
    ]
