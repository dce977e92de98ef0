"""What the register answers with: one struct per document, times in epoch ms, no content and no person keys."""

from typing import Generic, TypeVar

import msgspec

Item = TypeVar("Item")


class Page(msgspec.Struct, Generic[Item], frozen=True):
    """A page of a list, newest first."""

    items: list[Item]
    total: int
    limit: int
    page: int
    """From 1."""


class LegDocument(msgspec.Struct, frozen=True):
    """A participant's part of a contact."""

    id: str
    agent: str
    state: str
    began_at: int
    connected_at: int | None
    wrapping_at: int | None
    ended_at: int | None
    hold_ms: int
    interrupted_ms: int
    reason: str
    role: str
    """owner, consult or supervisor."""


class OfferDocument(msgspec.Struct, frozen=True):
    """A contact offered to an agent, with the reasons."""

    id: str
    agent: str
    state: str
    medium: str
    queue: str
    issued_at: int
    expires_at: int
    ended_at: int | None
    reason: str
    chosen: msgspec.Raw
    """Winner, reason and losers by reason, as matching wrote them; null when they were not kept."""


class OutcomeDocument(msgspec.Struct, frozen=True):
    """How one matter ended; `clicked` is what the agent gave when another resolution counts."""

    number: int
    topic: str
    resolution: str
    clicked: str
    contact_reason: str
    cause: str
    evidence: str
    agent: str
    handover: str
    at: int


class CaseDocument(msgspec.Struct, frozen=True):
    """A matter that lives on after the contact."""

    id: str
    contact: str
    unit: str
    topic: str
    rev: int
    state: str
    status: str
    opened_at: int
    started_at: int | None
    closed_at: int | None
    changed_at: int


class HandoverDocument(msgspec.Struct, frozen=True):
    """A contract with a unit."""

    id: str
    contact: str
    case_id: str
    rev: int
    state: str
    unit: str
    agreement: str
    topic: str
    generation: int
    criterion: str
    accept_by: int
    contact_by: int
    finish_by: int
    offered_at: int
    accepted_at: int | None
    returned_at: int | None
    done_at: int | None
    overdue_at: int | None
    reason: str
    status: str
    outcomes: msgspec.Raw
    """What the unit says came of it."""
    changed_at: int


class ContactDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A contact with everything that happened to it."""

    id: str
    rev: int
    state: str
    channel: str
    medium: str
    received_at: int
    topic: str
    severity: str
    identity: str
    protection: str
    language: str
    authority: str
    related_to: str
    is_observed: bool
    queue: str
    ready_at: int | None
    due_at: int | None
    agent: str
    unit: str
    generation: int
    offered_at: int | None
    accepted_at: int | None
    ended_at: int | None
    closed_at: int | None
    reason: str
    changed_at: int
    handling_ms: int
    """As router/measures/handling.py defines it."""
    legs: list[LegDocument]
    offers: list[OfferDocument]
    outcomes: list[OutcomeDocument]
    case: CaseDocument | None
    handovers: list[HandoverDocument]


class DecisionDocument(msgspec.Struct, frozen=True):
    """One generation of a contact's decision."""

    generation: int
    n: int
    at: int
    command: str
    decision: msgspec.Raw
    """Facts, trace and outcome as the rules wrote them."""


class WhyDocument(msgspec.Struct, frozen=True):
    """Why a contact went where it went: every decision, every offer with its losers."""

    contact: str
    decisions: list[DecisionDocument]
    offers: list[OfferDocument]


class MatterDocument(msgspec.Struct, frozen=True):
    """A matter in a person's history."""

    topic: str
    resolution: str


class HistoryItem(msgspec.Struct, frozen=True):
    """An earlier contact of a person; never its content."""

    id: str
    state: str
    channel: str
    received_at: int
    closed_at: int | None
    topic: str
    unit: str
    has_open_promise: bool
    matters: list[MatterDocument]


class StallDocument(msgspec.Struct, frozen=True):
    """Why a stage stands still."""

    stage: str
    state: str
    n: int
    reason: str
    at: int


class LagDocument(msgspec.Struct, frozen=True):
    """How far the register has come."""

    register_id: str
    journal_n: int
    derived_n: int
    forgotten_n: int
    journal_at: int
    """When the last entry that is stored was written."""
    derived_at: int
    """When the last entry that is derived was written."""
    stalls: list[StallDocument]
