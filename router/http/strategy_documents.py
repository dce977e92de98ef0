"""What `/v1/strategies` takes and shows: requests, and versions as people see them. Only shapes."""

import datetime as dt
from typing import Annotated

import msgspec
from msgspec import Meta, field

from router.activations import Activation
from router.publishing import Seen
from router.register.strategies import Report, Step

Reason = Annotated[str, Meta(min_length=1, max_length=1000)]
Word = Annotated[str, Meta(min_length=1, max_length=60)]
Instant = Annotated[dt.datetime, Meta(tz=True)]


class StrategyBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A strategy's text; `application/toml` may be sent as it is instead."""

    toml: Annotated[str, Meta(min_length=1)]
    """The whole of a `strategy.toml`."""
    title: Annotated[str, Meta(max_length=200)] = ""
    """What people call it; left out, its version."""


class ReasonBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why."""

    reason: Reason


class ApproveBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who answers for it and why; the caller is the person."""

    forum: Annotated[str, Meta(min_length=1, max_length=200)]
    """Where it was decided."""
    reason: Reason
    date: dt.date
    """The day of the decision."""


class ScopeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose contacts; all of these must hold, and what is left out holds for everybody."""

    districts: Annotated[tuple[Word, ...], Meta(max_length=200)] = ()
    channels: Annotated[tuple[Word, ...], Meta(max_length=50)] = ()
    share_pct: Annotated[int, Meta(ge=0, le=100)] = 100
    """Share of persons, per cent: the same ones every time."""


class ActivateBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From when, for whom, until when."""

    begins_at: Instant | None = field(name="from", default=None)
    """From when; left out, from now on."""
    until: Instant | None = None
    """When it ends by itself, at most 72 hours after `from`: for a crisis."""
    scope: ScopeBody = ScopeBody()
    reason: Annotated[str, Meta(max_length=1000)] = ""


class InService(msgspec.Struct, frozen=True, kw_only=True):
    """A version's life in service."""

    strategy_id: str
    hash: str
    version: str
    state: str
    kind: str
    """limited (until), staged (scope) or whole."""
    is_in_force: bool
    """Whether it decides about new contacts now, in its scope."""
    begins_at: int
    until: int
    """Epoch ms; 0 never."""
    scope: ScopeBody
    successor: str
    """The version that took its place."""
    actor: str
    reason: str
    changed_at: int


class StrategyView(msgspec.Struct, frozen=True, kw_only=True):
    """A strategy version."""

    strategy_id: str
    rev: int
    """The ETag's number."""
    state: str
    title: str
    version: str
    """The version name that its own `[meta]` has."""
    hash: str
    """Names everything that its decisions depend on; every decision's trace carries it."""
    author: str
    created_at: int
    changed_at: int
    in_service: InService | None


class StrategyReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the last check or simulation said."""

    kind: str
    is_ok: bool
    hash: str
    """Of the content that was looked at."""
    city_hash: str
    actor: str
    at: int
    body: msgspec.Raw
    """A check's findings and cases; or a simulation's `blocked_by`, `covered` and `replay`, the report of a replay."""


class StrategyDocument(msgspec.Struct, frozen=True):
    """A version with its reports."""

    strategy: StrategyView
    reports: list[StrategyReport]


class ActiveView(msgspec.Struct, frozen=True, kw_only=True):
    """What decides about new contacts."""

    at: int
    hash: str
    """Of the version for whom nothing narrower is in force."""
    version: str
    folder_hash: str
    """Of the city folder's own strategy, which lies below all others."""
    in_service: list[InService]
    """The uppermost first; those that begin later are among them."""
    not_loaded: list[str]
    """Versions that this router can't ask; what lies below decides in their place."""


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a version's life."""

    at: int
    actor: str
    event: str
    before: str
    after: str
    hash: str
    """Of its content after the step."""
    reason: str
    forum: str
    decided_on: str


def strategy_view(seen: Seen, now_ms: int) -> StrategyView:
    """A version at a moment."""
    version = seen.version
    return StrategyView(
        strategy_id=version.id,
        rev=seen.rev,
        state=seen.state,
        title=version.title,
        version=version.version,
        hash=version.hash,
        author=version.author,
        created_at=version.created_at,
        changed_at=max(version.changed_at, seen.activation.at if seen.activation else 0),
        in_service=in_service(seen.activation, now_ms) if seen.activation else None,
    )


def in_service(record: Activation, now_ms: int) -> InService:
    """A version's life in service, at a moment."""
    return InService(
        strategy_id=record.id,
        hash=record.hash,
        version=record.version,
        state=record.state,
        kind=record.kind,
        is_in_force=record.in_force(now_ms),
        begins_at=record.begins_at,
        until=record.until,
        scope=ScopeBody(record.scope.districts, record.scope.channels, record.scope.share_pct),
        successor=record.replaced_by,
        actor=record.actor,
        reason=record.reason,
        changed_at=record.at,
    )


def report_view(report: Report) -> StrategyReport:
    """A report as it is shown."""
    return StrategyReport(
        kind=report.kind,
        is_ok=report.is_ok,
        hash=report.hash,
        city_hash=report.city_hash,
        actor=report.actor,
        at=report.at,
        body=report.body,
    )


def step_view(step: Step) -> StepView:
    """A step as it is shown."""
    return StepView(
        at=step.at,
        actor=step.actor,
        event=step.event,
        before=step.before,
        after=step.after,
        hash=step.hash,
        reason=step.reason,
        forum=step.forum,
        decided_on=step.decided_on,
    )
