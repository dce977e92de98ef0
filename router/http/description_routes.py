"""Every address of the service as one row: who may, what goes in, what comes out, what can be refused. Only data."""

import msgspec

from router.errors import (
    EventConflict,
    Forbidden,
    InputError,
    MalformedBody,
    NotFound,
    Overloaded,
    RegisterUnavailable,
    SchemaMismatch,
    ServicecenterError,
    StoreUnavailable,
    TooLarge,
    TransitionRefused,
    Unauthenticated,
    Unavailable,
    UnknownChannel,
    UnknownEventType,
    UnknownSkill,
    UnknownTopic,
    UnsupportedMediaType,
)
from router.handover import HandoverState
from router.http.auth import Role
from router.http.contacts import ContactView
from router.http.description_answers import AgentPage, Alive, ApiInfo, HandoverPage, QueueList, Readiness, TopicList
from router.http.events import Accepted, BatchRefused
from router.http.explaining import ExplainedWhy
from router.http.floor_pages import AgentProfile, AgentView, Ticket
from router.http.handover_pages import DoneBody, ReturnBody
from router.measures.goal import Goal
from router.register.documents import CaseDocument

Errors = tuple[type[ServicecenterError], ...]
READERS: tuple[Role, ...] = ("supervisor", "strategy_owner", "auditor", "integration")
EVERYONE: tuple[Role, ...] = ("agent", "supervisor", "strategy_owner", "department", "integration", "auditor")
UNITS: tuple[Role, ...] = ("department", "supervisor")
_CALLER: Errors = (Unauthenticated, Forbidden)
_PAGE = ("limit", "page")


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One operation."""

    method: str = "get"
    path: str
    name: str
    tag: str
    en: str
    sv: str
    text: str
    """More, in English."""
    text_sv: str
    roles: tuple[Role, ...] = ()
    """Empty: open to anybody."""
    query: tuple[str, ...] = ()
    body: type[msgspec.Struct] | None = None
    is_body_required: bool = True
    media: tuple[str, ...] = ()
    """Media types that the body may be sent as besides JSON."""
    has_if_match: bool = False
    has_etag: bool = False
    answer: type[msgspec.Struct] | str
    """The answer's struct, or a media type without a schema."""
    status: int = 200
    errors: Errors = ()


ROUTES: tuple[Route, ...] = (
    Route(
        method="post",
        path="/v1/events",
        name="postEvents",
        tag="events",
        en="Post one event or a batch",
        sv="Skicka en händelse eller flera",
        text="Takes CloudEvents 1.0. 202 is sent when everything accepted is on disk; the same (source, id) again "
        "gives the same contact id. See *Getting started* for types, order and retries.",
        text_sv="Tar emot CloudEvents 1.0. Svaret 202 kommer först när kontakten är sparad på disk.",
        roles=("integration",),
        answer=Accepted,
        status=202,
        errors=(
            MalformedBody,
            Unauthenticated,
            Forbidden,
            NotFound,
            TooLarge,
            UnsupportedMediaType,
            SchemaMismatch,
            UnknownEventType,
            UnknownChannel,
            UnknownTopic,
            EventConflict,
            TransitionRefused,
            BatchRefused,
            StoreUnavailable,
            Overloaded,
        ),
    ),
    Route(
        path="/v1/contacts/{id}",
        name="getContact",
        tag="contacts",
        en="A contact and what happened to it",
        sv="En kontakt och vad som hänt den",
        text="State, place, legs, offers, outcomes and handovers; never its content. Integrations see the contacts "
        "they posted while these are open, departments those of their unit.",
        text_sv="Läge, kö, samtal, erbjudanden, resultat och överlämningar, aldrig innehållet.",
        roles=(*READERS, "department"),
        answer=ContactView,
        errors=(*_CALLER, NotFound, StoreUnavailable),
    ),
    Route(
        path="/v1/contacts/{id}/decision",
        name="getDecision",
        tag="contacts",
        en="Why a contact went where it went",
        sv="Varför en kontakt gick dit den gick",
        text="Every generation of the decision with its facts, rules hit and strategy version, every offer with "
        "winner and losers, and an explanation in sentences; in the language of `?lang`, else of Accept-Language.",
        text_sv="Varje beslut med fakta, regler och strategiversion, varje erbjudande med dem som inte valdes, och en "
        "förklaring i hela meningar.",
        query=("lang",),
        roles=READERS,
        answer=ExplainedWhy,
        errors=(*_CALLER, SchemaMismatch, NotFound, StoreUnavailable, RegisterUnavailable),
    ),
    Route(
        path="/v1/cases/{id}",
        name="getCase",
        tag="contacts",
        en="A case",
        sv="Ett ärende",
        text="A matter that lives on with a unit after the contact.",
        text_sv="Det som lever vidare hos en enhet efter kontakten.",
        roles=(*READERS, "department"),
        answer=CaseDocument,
        errors=(*_CALLER, NotFound, RegisterUnavailable),
    ),
    Route(
        path="/v1/goal",
        name="getGoal",
        tag="figures",
        en="The 80 % figure",
        sv="80-procentsmåttet",
        text="How much of what reaches the municipality the servicecenter resolved, of contacts received in the "
        "period; the last 30 days unless asked otherwise.",
        text_sv="Hur stor del av det som når kommunen som servicecentret löste, för kontakter mottagna under perioden.",
        roles=EVERYONE,
        query=("from", "to"),
        answer=Goal,
        errors=(*_CALLER, SchemaMismatch, RegisterUnavailable),
    ),
    Route(
        path="/v1/topics",
        name="listTopics",
        tag="city",
        en="The city's topics",
        sv="Stadens ämnen",
        text="Codes for `topic` in events and commands.",
        text_sv="Koder för `topic` i händelser och kommandon.",
        roles=EVERYONE,
        answer=TopicList,
        errors=_CALLER,
    ),
    Route(
        path="/v1/queues",
        name="listQueues",
        tag="floor",
        en="The queues now",
        sv="Köerna just nu",
        text="Figures are measured once a second; a medium without anybody waiting has no row.",
        text_sv="Siffrorna mäts en gång i sekunden.",
        roles=("supervisor", "agent", "strategy_owner", "auditor", "integration"),
        answer=QueueList,
        errors=_CALLER,
    ),
    Route(
        path="/v1/agents",
        name="listAgents",
        tag="floor",
        en="The agents",
        sv="Handläggarna",
        text="Profile and presence, in the order of their ids.",
        text_sv="Profil och närvaro.",
        roles=("supervisor", "auditor"),
        query=_PAGE,
        answer=AgentPage,
        errors=(*_CALLER, SchemaMismatch, StoreUnavailable),
    ),
    Route(
        path="/v1/agents/{id}",
        name="getAgent",
        tag="floor",
        en="One agent",
        sv="En handläggare",
        text="Profile and presence.",
        text_sv="Profil och närvaro.",
        roles=("supervisor", "auditor"),
        answer=AgentView,
        errors=(*_CALLER, NotFound, StoreUnavailable),
    ),
    Route(
        method="put",
        path="/v1/agents/{id}",
        name="putAgent",
        tag="floor",
        en="Write an agent's profile",
        sv="Skriv en handläggares profil",
        text="Replaces the whole profile; the agent's desktop is told. What is in the agent's hands stays there.",
        text_sv="Ersätter hela profilen. Pågående arbete påverkas inte.",
        roles=("supervisor",),
        body=AgentProfile,
        answer=AgentView,
        errors=(
            *_CALLER,
            MalformedBody,
            TooLarge,
            SchemaMismatch,
            NotFound,
            UnknownSkill,
            UnknownChannel,
            StoreUnavailable,
        ),
    ),
    Route(
        method="post",
        path="/v1/ws-tickets",
        name="createTicket",
        tag="desktop",
        en="A one-time ticket for the desktop socket",
        sv="Engångsbiljett till skrivbordets anslutning",
        text="Takes no body. The ticket opens one socket, once, within its time.",
        text_sv="Tar ingen kropp. Biljetten gäller en gång.",
        roles=("agent", "supervisor"),
        answer=Ticket,
        status=201,
        errors=(*_CALLER, SchemaMismatch, TooLarge, StoreUnavailable),
    ),
    Route(
        path="/v1/desktop",
        name="openDesktop",
        tag="desktop",
        en="The agents' websocket",
        sv="Handläggarnas websocket",
        text="Upgrades to a websocket; the frames are described in `/v1/asyncapi.json`. Authentication is a ticket in "
        "the first frame. A page's `Origin` must be one that the operator has named.",
        text_sv="Uppgraderas till en websocket; ramarna beskrivs i `/v1/asyncapi.json`.",
        answer="websocket",
        status=101,
        errors=(InputError, Forbidden, Unavailable),
    ),
    Route(
        path="/v1/handovers",
        name="listHandovers",
        tag="handovers",
        en="Handovers",
        sv="Överlämningar",
        text="Newest first. A department's token sees its own unit.",
        text_sv="Nyast först. En förvaltning ser sin egen enhet.",
        roles=(*UNITS, "auditor"),
        query=("unit", "state", *_PAGE),
        answer=HandoverPage,
        errors=(*_CALLER, SchemaMismatch, RegisterUnavailable),
    ),
    Route(
        method="post",
        path="/v1/handovers/{id}/accept",
        name="acceptHandover",
        tag="handovers",
        en="Accept a handover",
        sv="Ta emot en överlämning",
        text="The unit takes it over and keeps the terms. Takes no body.",
        text_sv="Enheten tar över och håller villkoren.",
        roles=UNITS,
        answer=HandoverState,
        errors=(*_CALLER, NotFound, TransitionRefused, StoreUnavailable),
    ),
    Route(
        method="post",
        path="/v1/handovers/{id}/return",
        name="returnHandover",
        tag="handovers",
        en="Return a handover",
        sv="Lämna tillbaka en överlämning",
        text="The contact is queued again at its old place and decided anew; a next handover is another generation.",
        text_sv="Kontakten ställs åter i kö på sin gamla plats.",
        roles=UNITS,
        body=ReturnBody,
        answer=HandoverState,
        errors=(*_CALLER, MalformedBody, NotFound, TooLarge, TransitionRefused, SchemaMismatch, StoreUnavailable),
    ),
    Route(
        method="post",
        path="/v1/handovers/{id}/done",
        name="finishHandover",
        tag="handovers",
        en="A handover is done",
        sv="Överlämningen är klar",
        text="Closes contact and case. The body may be left out.",
        text_sv="Stänger kontakten och ärendet.",
        roles=UNITS,
        body=DoneBody,
        is_body_required=False,
        answer=HandoverState,
        errors=(*_CALLER, MalformedBody, NotFound, TooLarge, TransitionRefused, SchemaMismatch, StoreUnavailable),
    ),
    Route(
        path="/v1/openapi.json",
        name="getOpenapi",
        tag="service",
        en="This description",
        sv="Den här beskrivningen",
        text="OpenAPI 3.1.",
        text_sv="OpenAPI 3.1.",
        answer="application/json",
    ),
    Route(
        path="/v1/asyncapi.json",
        name="getAsyncapi",
        tag="service",
        en="Description of the desktop socket",
        sv="Beskrivning av skrivbordets anslutning",
        text="AsyncAPI 3.0.",
        text_sv="AsyncAPI 3.0.",
        answer="application/json",
    ),
    Route(
        path="/api-info",
        name="getApiInfo",
        tag="service",
        en="Which API this is",
        sv="Vilket API detta är",
        text="As the REST API-profil asks.",
        text_sv="Enligt REST API-profilen.",
        answer=ApiInfo,
    ),
    Route(
        path="/healthz",
        name="getHealth",
        tag="service",
        en="The process answers",
        sv="Processen svarar",
        text="For process supervisors.",
        text_sv="För processövervakning.",
        answer=Alive,
    ),
    Route(
        path="/readyz",
        name="getReadiness",
        tag="service",
        en="Contacts can be taken in",
        sv="Kontakter kan tas emot",
        text="503 with the same body while the store does not answer. A register that is away is told in `parts` and "
        "is no reason to stop.",
        text_sv="503 med samma kropp när lagret inte svarar.",
        answer=Readiness,
    ),
    Route(
        path="/metrics",
        name="getMetrics",
        tag="service",
        en="Metrics for Prometheus",
        sv="Mätvärden för Prometheus",
        text="Text exposition format, OpenMetrics when asked for.",
        text_sv="Prometheus textformat.",
        answer="text/plain",
    ),
)
