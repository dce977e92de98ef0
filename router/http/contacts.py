"""`/v1/contacts`, `/v1/cases`, `/v1/goal`, `/v1/topics`: what is and what has been, for those who may see it."""

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
from aiohttp import web

from router.cards import Cards
from router.clock import Clock
from router.errors import NotFound, RegisterUnavailable, SchemaMismatch
from router.http.auth import ROLES, Caller, Role, Tokens, caller_of
from router.http.explaining import Explainer, language_of, versions_of
from router.http.problems import reply
from router.http.public import public
from router.model import OpenContact
from router.reading import Reading
from router.register import queries
from router.register.documents import (
    CaseDocument,
    ContactDocument,
    DecisionDocument,
    HandoverDocument,
    LegDocument,
    OfferDocument,
    OutcomeDocument,
    WhyDocument,
)
from router.register.rollups import read_goal
from router.store.keys import contact_of
from router.store.redis_store import Store
from router.strategies import Strategies
from rules.city import City

DAY_MS = 86_400_000
LATEST_MS = 7_258_118_400_000
"""The year 2200: later instants are slips of the pen."""
SEEING: tuple[Role, ...] = ("supervisor", "strategy_owner", "auditor", "integration")


class ContactView(msgspec.Struct, frozen=True, kw_only=True):
    """A contact without its content: its state now, and what the register has of it so far."""

    contact_id: str
    state: str
    rev: int
    channel: str
    medium: str
    received_at: int
    queue: str
    topic: str
    unit: str
    agent_id: str
    handover_id: str
    case_id: str
    identity: str
    protection: str
    is_observed: bool = False
    closed_at: int = 0
    legs: list[LegDocument] = []
    offers: list[OfferDocument] = []
    outcomes: list[OutcomeDocument] = []
    handovers: list[HandoverDocument] = []


class TopicView(msgspec.Struct, frozen=True):
    """A topic of the city."""

    code: str
    sv: str
    en: str
    unit: str


class ContactPages:
    """Read-only pages about contacts."""

    def __init__(
        self,
        store: Store,
        reading: Reading,
        cards: Cards,
        city: City,
        tokens: Tokens,
        strategies: Strategies,
    ) -> None:
        self._store = store
        self._reading = reading
        self._cards = cards
        self._city = city
        self._tokens = tokens
        self._strategies = strategies
        self._explainer = Explainer(city, strategies.of)

    async def contact(self, request: web.Request) -> web.Response:
        """`GET /v1/contacts/{id}`."""
        caller = caller_of(request, self._tokens, *SEEING, "department")
        contact_id = request.match_info["id"]
        # In this order: what has left the store by then is in the register.
        opened = await self._store.contact(contact_id)
        stored = await self._stored(contact_id)
        if opened is None and stored is None:
            raise NotFound(field="id")
        await self._may_see(caller, contact_id, opened, stored)
        return reply(public(view(opened, stored)))

    async def decision(self, request: web.Request) -> web.Response:
        """`GET /v1/contacts/{id}/decision?lang=`: every generation with facts, rules, offers and its explanation."""
        caller = caller_of(request, self._tokens, "supervisor", "strategy_owner", "auditor", "integration")
        contact_id = request.match_info["id"]
        opened = await self._store.contact(contact_id)
        await self._may_see(caller, contact_id, opened, None)
        lang = language_of(request)
        why = await self._why(contact_id, opened)
        for version in versions_of(why):
            await self._strategies.fetch(version, self._store.clock.now_ms())
        return reply(public(await asyncio.to_thread(self._explainer.explained, why, lang)))

    async def _why(self, contact_id: str, opened: OpenContact | None) -> WhyDocument:
        """From the register; what is not there yet, from the store."""
        try:
            return await self._reading.ask(queries.decisions, contact_id)
        except (NotFound, RegisterUnavailable):
            if opened is None or not opened.decision:
                raise
        record = DecisionDocument(opened.generation, 0, opened.received_at, "", msgspec.Raw(opened.decision.encode()))
        return WhyDocument(contact_id, [record], [])

    async def _stored(self, contact_id: str) -> ContactDocument | None:
        """What the register has; None while it has not got there, or does not answer."""
        try:
            return await self._reading.ask(queries.contact, contact_id)
        except (NotFound, RegisterUnavailable):
            return None

    async def case(self, request: web.Request) -> web.Response:
        """`GET /v1/cases/{id}`."""
        caller = caller_of(
            request, self._tokens, "supervisor", "strategy_owner", "auditor", "department", "integration"
        )
        case_id = request.match_info["id"]
        opened = await self._store.contact(contact_of(case_id))
        case = await self._reading.ask(queries.case, case_id)
        await self._may_see(caller, contact_of(case_id), opened, case)
        return reply(public(case))

    async def goal(self, request: web.Request) -> web.Response:
        """`GET /v1/goal?from=&to=`: the 80 % instrument; the last 30 days unless asked otherwise."""
        caller_of(request, self._tokens, *ROLES)
        start, end = period(request, self._store.clock)
        return reply(await self._reading.ask(read_goal, start, end))

    async def topics(self, request: web.Request) -> web.Response:
        """`GET /v1/topics`."""
        caller_of(request, self._tokens, *ROLES)
        topics = [TopicView(topic.code, topic.sv, topic.en, topic.unit) for topic in self._city.topics.topics]
        return reply({"topics": topics})

    async def _may_see(
        self,
        caller: Caller,
        contact_id: str,
        opened: OpenContact | None,
        stored: ContactDocument | CaseDocument | None,
    ) -> None:
        """A department sees what was handed to its unit, an integration what it posted: to others nothing is there."""
        if caller.role == "integration":
            posted_by = opened.integration if opened else await self._reading.ask(queries.integration_of, contact_id)
            if posted_by != caller.name:
                raise NotFound(field="id")
        unit = (
            stored.unit
            if isinstance(stored, CaseDocument)
            else opened.unit
            if opened
            else stored.unit
            if stored
            else ""
        )
        if caller.role == "department" and caller.unit and unit != caller.unit:
            raise NotFound(field="id")


def view(opened: OpenContact | None, stored: ContactDocument | None) -> ContactView:
    """State from the store while the contact is open there, parts and later history from the register."""
    newest = opened or stored
    if newest is None:
        raise NotFound(field="id")
    handover = stored.handovers[-1].id if stored and stored.handovers else ""
    return ContactView(
        contact_id=newest.id,
        state=newest.state or "observed",
        rev=newest.rev,
        channel=newest.channel,
        medium=newest.medium,
        received_at=newest.received_at,
        queue=newest.queue,
        topic=newest.topic,
        unit=newest.unit,
        agent_id=newest.agent,
        handover_id=opened.handover if opened else handover,
        case_id=opened.case if opened else stored.case.id if stored and stored.case else "",
        identity=newest.identity,
        protection=newest.protection,
        is_observed=stored.is_observed if stored else False,
        closed_at=newest.closed_at or 0,
        legs=stored.legs if stored else [],
        offers=stored.offers if stored else [],
        outcomes=stored.outcomes if stored else [],
        handovers=stored.handovers if stored else [],
    )


def period(request: web.Request, clock: Clock) -> tuple[int, int]:
    """`from` and `to` of a query, dates or instants; a date as `to` includes the day."""
    now = clock.now_ms()
    start, end = request.query.get("from"), request.query.get("to")
    from_ms = _instant(start, "?from", is_end=False) if start else now - 30 * DAY_MS
    to_ms = _instant(end, "?to", is_end=True) if end else now + 1
    if to_ms <= from_ms:
        raise SchemaMismatch("must be later than from", field="?to")
    return from_ms, to_ms


def _instant(text: str, field: str, *, is_end: bool) -> int:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        if is_end and len(text) == len("2026-01-31"):
            moment += timedelta(days=1)
        at_ms = int(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        at_ms = -1
    if not 0 <= at_ms <= LATEST_MS:
        raise SchemaMismatch("expected a date or an RFC 3339 instant, 1970 to 2200", field=field)
    return at_ms
