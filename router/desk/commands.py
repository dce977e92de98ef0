"""The agent's commands as they come over the desktop socket: name -> what its data holds."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Id = Annotated[str, Meta(min_length=1, max_length=80)]
Rev = Annotated[int, Meta(ge=0)]
Text = Annotated[str, Meta(min_length=1, max_length=20_000)]
Short = Annotated[str, Meta(max_length=500)]

CLICKED = (
    "answered", "decided", "booked", "guided", "referred_external", "self_service_hint", "message_taken",
    "asked_to_return", "unresolved", "internal", "named_person", "spam", "misdialled", "line_lost",
)  # fmt: skip
Resolution = Literal[
    "answered", "decided", "booked", "guided", "referred_external", "self_service_hint", "message_taken",
    "asked_to_return", "unresolved", "internal", "named_person", "spam", "misdialled", "line_lost",
]  # fmt: skip
NEEDS_EVIDENCE: Mapping[str, str] = {
    "decided": "the delegation it was decided under",
    "booked": "the time that was booked",
    "referred_external": "whom the resident was referred to",
}


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Data of one command; unknown fields are refused."""


class SetPresence(Command, frozen=True, forbid_unknown_fields=True):
    """Become available, away or offline: now, or when the work in hand has ended."""

    state: Literal["available", "away", "offline"]
    reason: Short = ""
    when: Literal["now", "after_current"] = "now"


class SetForm(Command, frozen=True, forbid_unknown_fields=True):
    """Take live work, written work or both."""

    form: Literal["live", "written", "both"]


class AcceptOffer(Command, frozen=True, forbid_unknown_fields=True):
    """Take the contact that is offered; `rev` as it stood in `offer.issued`."""

    offer_id: Id
    rev: Rev
    contact_id: str = ""


class DeclineOffer(Command, frozen=True, forbid_unknown_fields=True):
    """Say no; the contact keeps its place."""

    offer_id: Id
    rev: Rev
    reason: Short
    contact_id: str = ""


class OnContact(Command, frozen=True, forbid_unknown_fields=True):
    """Names the contact in hand."""

    contact_id: Id


class ExtendWrapUp(Command, frozen=True, forbid_unknown_fields=True):
    """More time for wrap-up, in seconds from now."""

    contact_id: Id
    seconds: Annotated[int, Meta(ge=10, le=1800)] = 60


class MatterOutcome(Command, frozen=True, forbid_unknown_fields=True):
    """How one matter of the contact ended. `topic` is the contact's own when left out."""

    resolution: Resolution
    topic: Short = ""
    contact_reason: Short = ""
    cause: Literal["", "knowledge", "right", "system", "law", "resident"] = ""
    """Why an unresolved matter stayed so; required then."""
    evidence: Short = ""


class FinishWork(Command, frozen=True, forbid_unknown_fields=True):
    """End the work: one outcome for each matter; the contact is closed."""

    contact_id: Id
    outcomes: Annotated[tuple[MatterOutcome, ...], Meta(min_length=1, max_length=10)]
    rev: int = -1


class CreateHandover(Command, frozen=True, forbid_unknown_fields=True):
    """Hand the contact over to a unit."""

    contact_id: Id
    unit: Id
    topic: Short = ""
    note: Annotated[str, Meta(max_length=20_000)] = ""
    rev: int = -1


class SetTopic(Command, frozen=True, forbid_unknown_fields=True):
    """Name what the contact is about."""

    contact_id: Id
    topic: Id


class IdentifyPerson(Command, frozen=True, forbid_unknown_fields=True):
    """Say who the resident is; `loa` 3 and up counts as verified."""

    contact_id: Id
    phone: Short = ""
    email: Short = ""
    party_id: Short = ""
    loa: Annotated[int, Meta(ge=0, le=4)] = 0


class WriteText(Command, frozen=True, forbid_unknown_fields=True):
    """Words about the contact (note) or to the resident (message)."""

    contact_id: Id
    text: Text


class GetHistory(Command, frozen=True, forbid_unknown_fields=True):
    """Earlier contacts of the same resident; the read leaves an access record."""

    contact_id: Id
    limit: Annotated[int, Meta(ge=1, le=100)] = 20


class ListQueues(Command, frozen=True, forbid_unknown_fields=True):
    """How many wait in each queue."""


COMMANDS: Mapping[str, type[Command]] = {
    "presence.set": SetPresence,
    "presence.form": SetForm,
    "offer.accept": AcceptOffer,
    "offer.decline": DeclineOffer,
    "message.send": WriteText,
    "note.add": WriteText,
    "topic.set": SetTopic,
    "person.identify": IdentifyPerson,
    "history.get": GetHistory,
    "queue.list": ListQueues,
    "work.hold": OnContact,
    "work.resume": OnContact,
    "work.finish": FinishWork,
    "handover.preview": CreateHandover,
    "handover.create": CreateHandover,
    "wrap_up.extend": ExtendWrapUp,
    "wrap_up.end": OnContact,
}

SUPERVISOR_COMMANDS: Mapping[str, type[Command]] = {}
"""Commands that only a supervisor's socket may send."""
