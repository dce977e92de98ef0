"""The addresses below `/v1/strategies` and their examples, for the description. Only data."""

from collections.abc import Mapping

import msgspec

from router.errors import (
    Forbidden,
    FourEyes,
    MalformedBody,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    RegisterUnavailable,
    SchemaMismatch,
    StaleRevision,
    StoreUnavailable,
    TooLarge,
    TransitionRefused,
    TrialUnfinished,
    Unauthenticated,
    UnknownChannel,
    UnreadableStrategy,
    UnsoundStrategy,
    UnsupportedMediaType,
)
from router.http.description_route import Errors, Route
from router.http.strategy_documents import (
    ActivateBody,
    ActiveView,
    ApproveBody,
    ReasonBody,
    StepView,
    StrategyBody,
    StrategyDocument,
    StrategyView,
)
from router.http.strategy_pages import OWNER, READERS, TOML

Json = dict[str, object]
_READ: Errors = (Unauthenticated, Forbidden, NotFound, StoreUnavailable, RegisterUnavailable)
_CHANGE: Errors = (*_READ, PreconditionRequired, PreconditionFailed, TransitionRefused)
_BODY: Errors = (MalformedBody, TooLarge, SchemaMismatch)
_TEXT: Errors = (*_BODY, UnsupportedMediaType, UnreadableStrategy, TrialUnfinished)


class StrategyPage(msgspec.Struct, frozen=True):
    """A page of the strategy versions, newest first."""

    items: list[StrategyView]
    total: int
    limit: int
    page: int


class AuditView(msgspec.Struct, frozen=True):
    """Every step of a version's life, oldest first."""

    steps: list[StepView]


def _change(
    step: str, name: str, en: str, sv: str, text: str, text_sv: str, body: type[msgspec.Struct] | None, *errors: Errors
) -> Route:
    """A step of a version: who may and what comes out are always the same."""
    return Route(
        method="post",
        path=f"/v1/strategies/{{id}}/{step}",
        name=name,
        tag="strategies",
        en=en,
        sv=sv,
        text=text,
        text_sv=text_sv,
        roles=(OWNER,),
        body=body,
        is_body_required=body is not ActivateBody,
        answer=StrategyView,
        has_if_match=True,
        has_etag=True,
        errors=tuple(dict.fromkeys((*_CHANGE, *(error for several in errors for error in several)))),
    )


ROUTES: tuple[Route, ...] = (
    Route(
        path="/v1/strategies",
        name="listStrategies",
        tag="strategies",
        en="Strategy versions",
        sv="Strategins versioner",
        text="Newest first, without their text.",
        text_sv="Nyast först, utan text.",
        roles=READERS,
        query=("limit", "page"),
        answer=StrategyPage,
        errors=(Unauthenticated, Forbidden, SchemaMismatch, StoreUnavailable, RegisterUnavailable),
    ),
    Route(
        method="post",
        path="/v1/strategies",
        name="createStrategy",
        tag="strategies",
        en="Write a draft",
        sv="Skriv ett utkast",
        text="The whole of a `strategy.toml`, bare or in JSON. It must be readable and name only what the city has; "
        "whether it is sound is the check's to say.",
        text_sv="Hela `strategy.toml`, som den är eller i JSON. Allt den nämner måste finnas i staden.",
        roles=(OWNER,),
        body=StrategyBody,
        media=(TOML,),
        answer=StrategyView,
        status=201,
        has_etag=True,
        errors=(Unauthenticated, Forbidden, *_TEXT, RegisterUnavailable),
    ),
    Route(
        path="/v1/strategies/active",
        name="getActiveStrategies",
        tag="strategies",
        en="What decides about new contacts",
        sv="Vad som avgör för nya kontakter",
        text="The version for everybody, and whatever lies above it: trials and what is limited in time. Contacts that "
        "are open keep the version that decided about them first.",
        text_sv="Versionen för alla, och det som ligger ovanpå: försök och tidsbegränsat. Pågående kontakter behåller "
        "den version som avgjorde först.",
        roles=READERS,
        answer=ActiveView,
        errors=(Unauthenticated, Forbidden),
    ),
    Route(
        path="/v1/strategies/{id}",
        name="getStrategy",
        tag="strategies",
        en="A strategy version with its reports",
        sv="En version med sina rapporter",
        text="Where it stands, its life in service, its latest check and its latest simulation.",
        text_sv="Läge, drift, senaste kontroll och senaste simulering.",
        roles=READERS,
        answer=StrategyDocument,
        has_etag=True,
        errors=_READ,
    ),
    Route(
        method="put",
        path="/v1/strategies/{id}",
        name="putStrategy",
        tag="strategies",
        en="Revise a draft",
        sv="Ändra ett utkast",
        text="Replaces the whole text. What has been checked is never changed again: write a new draft.",
        text_sv="Ersätter hela texten. Det som är kontrollerat ändras aldrig: skriv ett nytt utkast.",
        roles=(OWNER,),
        body=StrategyBody,
        media=(TOML,),
        answer=StrategyView,
        has_if_match=True,
        has_etag=True,
        errors=(*_CHANGE, *_TEXT),
    ),
    Route(
        path="/v1/strategies/{id}/toml",
        name="getStrategyText",
        tag="strategies",
        en="A version's text",
        sv="En versions text",
        text="As it was written.",
        text_sv="Så som den skrevs.",
        roles=READERS,
        answer=TOML,
        errors=(Unauthenticated, Forbidden, NotFound, RegisterUnavailable),
    ),
    Route(
        path="/v1/strategies/{id}/audit",
        name="getStrategyAudit",
        tag="strategies",
        en="Who did what to a version, when and why",
        sv="Vem som gjort vad med en version, när och varför",
        text="Every step, from what to what. Steps in service come from the journal, within a second.",
        text_sv="Varje steg, från vad till vad.",
        roles=READERS,
        answer=AuditView,
        errors=(Unauthenticated, Forbidden, NotFound, RegisterUnavailable),
    ),
    _change(
        "check",
        "checkStrategy",
        "Check a version",
        "Kontrollera en version",
        "Runs its cases and looks for gaps. With errors it is a draft again, to be mended; the report is kept.",
        "Kör fallen och letar luckor. Med fel blir den ett utkast igen; rapporten sparas.",
        None,
        (UnreadableStrategy, TrialUnfinished),
    ),
    _change(
        "simulate",
        "simulateStrategy",
        "Simulate a version",
        "Simulera en version",
        "Plays the register's latest contacts under it and under the version for everybody, and keeps the report: what "
        "can be resolved here, hand-overs per unit, differences, contacts to read, guards. A guard that it breaks "
        "(`blocked_by`) keeps it from being approved. With no contacts in the register nothing is played "
        "(`covered.is_empty`), and only the guards for what is urgent and what is protected are tried.",
        "Spelar upp registrets senaste kontakter med båda versionerna och sparar rapporten. En spärr som bryts "
        "hindrar beslut. Utan kontakter i registret prövas bara spärrarna för det akuta och det skyddade.",
        None,
        (UnreadableStrategy, TrialUnfinished),
    ),
    _change(
        "approve",
        "approveStrategy",
        "Approve a version",
        "Besluta en version",
        "The caller answers for it in a forum's name, and is nobody who wrote it. Asks for a check and a simulation of "
        "this content for the city as it stands.",
        "Den som beslutar svarar för versionen och får inte ha skrivit den. Kräver kontroll och simulering.",
        ApproveBody,
        (*_BODY, UnsoundStrategy, FourEyes),
    ),
    _change(
        "refuse",
        "refuseStrategy",
        "Refuse a version",
        "Avslå en version",
        "It was looked at, and shall not be.",
        "Den är prövad och ska inte gälla.",
        ReasonBody,
        _BODY,
    ),
    _change(
        "withdraw",
        "withdrawStrategy",
        "Withdraw a version",
        "Dra tillbaka en version",
        "It is given up; an approved one can never come into service any more.",
        "Den ges upp; en beslutad version kan aldrig mer tas i drift.",
        ReasonBody,
        (*_BODY, StaleRevision),
    ),
    _change(
        "activate",
        "activateStrategy",
        "Bring a version into service",
        "Ta en version i drift",
        "From a moment on, for everybody or staged by district, channel or share of persons; with `until` it ends by "
        "itself. In force on every router within a second. Activated again, a version's scope changes.",
        "Från en tidpunkt, för alla eller stegvis per distrikt, kanal eller andel personer; med `until` upphör den av "
        "sig själv.",
        ActivateBody,
        (*_BODY, UnknownChannel, UnreadableStrategy, UnsoundStrategy, StaleRevision),
    ),
    _change(
        "rollback",
        "rollBackStrategy",
        "Take a version out of service",
        "Ta en version ur drift",
        "What it took the place of decides about new contacts again, at once.",
        "Det som gällde före gäller genast igen för nya kontakter.",
        ReasonBody,
        (*_BODY, StaleRevision),
    ),
)

TEXT = '[meta]\nversion = "2026-12"\ndefault_queue = "servicecenter"\n'
BODIES: Mapping[str, Json] = {
    "StrategyBody": {"toml": TEXT, "title": "Vinterstrategin"},
    "ReasonBody": {"reason": "Väntetiderna steg mer än väntat."},
    "ApproveBody": {"forum": "Styrgrupp kanal", "reason": "Kortare köer för bygglov.", "date": "2026-11-20"},
    "ActivateBody": {
        "from": "2026-12-01T06:00:00Z",
        "scope": {"districts": [], "channels": ["chat"], "share_pct": 10},
        "reason": "Första steget.",
    },
}
_ID, _HASH = "s0f4c2a9d81b7e365", "9c1f0a7be2d35486"
_IN_SERVICE: Json = {
    "strategy_id": _ID,
    "hash": _HASH,
    "version": "2026-12",
    "state": "active",
    "kind": "staged",
    "is_in_force": True,
    "begins_at": "2026-12-01T06:00:00.000Z",
    "until": None,
    "scope": {"districts": [], "channels": ["chat"], "share_pct": 10},
    "successor": "",
    "actor": "strategy_owner:olle",
    "reason": "Första steget.",
    "changed_at": "2026-11-23T08:15:00.949Z",
}
_VIEW: Json = {
    "strategy_id": _ID,
    "rev": 1,
    "state": "draft",
    "title": "Vinterstrategin",
    "version": "2026-12",
    "hash": _HASH,
    "author": "strategy_owner:anna",
    "created_at": "2026-11-19T08:15:00.949Z",
    "changed_at": "2026-11-19T08:15:00.949Z",
    "in_service": None,
}
_CHECK: Json = {
    "kind": "check",
    "is_ok": True,
    "hash": _HASH,
    "city_hash": "41d0c7e9a2b85f63",
    "actor": "strategy_owner:anna",
    "at": "2026-11-19T08:16:00.949Z",
    "body": {"rules": 59, "topics": 75, "cases": [], "findings": []},
}
_STEP: Json = {
    "at": "2026-11-20T13:00:00.000Z",
    "actor": "strategy_owner:olle",
    "event": "approve",
    "before": "simulated",
    "after": "approved",
    "hash": _HASH,
    "reason": "Kortare köer för bygglov.",
    "forum": "Styrgrupp kanal",
    "decided_on": "2026-11-20",
}
ANSWERS: Mapping[str, Json] = {
    "listStrategies": {"items": [_VIEW], "total": 1, "limit": 20, "page": 1},
    "createStrategy": _VIEW,
    "getActiveStrategies": {
        "at": "2026-12-01T06:00:01.000Z",
        "hash": "41d0c7e9a2b85f63",
        "version": "2026-09",
        "folder_hash": "41d0c7e9a2b85f63",
        "in_service": [_IN_SERVICE],
        "not_loaded": [],
    },
    "getStrategy": {"strategy": _VIEW, "reports": [_CHECK]},
    "putStrategy": {**_VIEW, "rev": 2},
    "getStrategyAudit": {"steps": [_STEP]},
    "checkStrategy": {**_VIEW, "rev": 2, "state": "checked"},
    "simulateStrategy": {**_VIEW, "rev": 3, "state": "simulated"},
    "approveStrategy": {**_VIEW, "rev": 4, "state": "approved"},
    "refuseStrategy": {**_VIEW, "rev": 4, "state": "refused"},
    "withdrawStrategy": {**_VIEW, "rev": 4, "state": "withdrawn"},
    "activateStrategy": {**_VIEW, "rev": 5, "state": "active", "in_service": _IN_SERVICE},
    "rollBackStrategy": {
        **_VIEW,
        "rev": 6,
        "state": "rolled_back",
        "in_service": {**_IN_SERVICE, "state": "rolled_back", "is_in_force": False},
    },
}
