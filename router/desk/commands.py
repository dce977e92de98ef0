"""The agent's commands as they come over the desktop socket: name -> what its data holds."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from channels.inbound import Protection

Id = Annotated[str, Meta(min_length=1, max_length=80)]
Rev = Annotated[int, Meta(ge=0)]
Text = Annotated[str, Meta(min_length=1, max_length=20_000)]
Short = Annotated[str, Meta(max_length=500)]
Blob = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
FieldName = Annotated[str, Meta(min_length=1, max_length=60)]

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


class EndWrapUp(Command, frozen=True, forbid_unknown_fields=True):
    """End the wrap-up of the contact, or of a leg beside one that was passed on."""

    contact_id: Short = ""
    leg_id: Short = ""


class ExtendWrapUp(Command, frozen=True, forbid_unknown_fields=True):
    """More time for wrap-up, in seconds from now; `leg_id` names that of a contact that was passed on."""

    contact_id: Short = ""
    seconds: Annotated[int, Meta(ge=10, le=1800)] = 60
    leg_id: Short = ""


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


class AmendOutcome(Command, frozen=True, forbid_unknown_fields=True):
    """Say anew how the matters of a finished contact ended, until the figure freezes; the given ones replace the old.

    A supervisor may do it for any agent's contact, with a reason. `amendments`, how often it was done before, fences.
    """

    contact_id: Id
    outcomes: Annotated[tuple[MatterOutcome, ...], Meta(min_length=1, max_length=10)]
    reason: Short = ""
    amendments: Annotated[int, Meta(ge=-1)] = -1


class ListUncoded(Command, frozen=True, forbid_unknown_fields=True):
    """The agent's own matters that ended without an outcome and may still be amended, newest first."""

    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class CreateHandover(Command, frozen=True, forbid_unknown_fields=True):
    """Hand the contact over to a unit."""

    contact_id: Id
    unit: Id
    topic: Short = ""
    note: Annotated[str, Meta(max_length=20_000)] = ""
    fields: Annotated[dict[FieldName, Short], Meta(max_length=30)] = {}
    """What the unit needs to know, by name; what the strategy forbids to pass on is left out."""
    rev: int = -1


class ParkWork(Command, frozen=True, forbid_unknown_fields=True):
    """Put the work aside until a time, the resident's reply or a unit's word, whichever comes first."""

    contact_id: Id
    until: Annotated[datetime, Meta(tz=True)] | None = None
    """RFC 3339 with a zone; at most 90 days ahead. Left out, parked work returns after 14 days at the latest."""
    reply: bool = False
    unit: Short = ""
    note: Annotated[str, Meta(max_length=20_000)] = ""
    rev: int = -1


class TransferTo(Command, frozen=True, forbid_unknown_fields=True):
    """Exactly one of them: an agent, a queue, a unit with a phone, an entry of the city's phone book."""

    agent: Short = ""
    queue: Short = ""
    unit: Short = ""
    number: Short = ""


class TransferWork(Command, frozen=True, forbid_unknown_fields=True):
    """Pass the contact on: cold, it waits there at its place; warm, the agent who was consulted has it at once."""

    contact_id: Id
    to: TransferTo
    kind: Literal["warm", "cold"]
    rev: int = -1
    note: Annotated[str, Meta(max_length=20_000)] = ""


class ConsultWith(Command, frozen=True, forbid_unknown_fields=True):
    """Who is asked."""

    agent: Id


class StartConsult(Command, frozen=True, forbid_unknown_fields=True):
    """Ask another agent to take part."""

    contact_id: Id
    to: ConsultWith


class OnLeg(Command, frozen=True, forbid_unknown_fields=True):
    """Names a leg beside the owner's."""

    leg_id: Id


class DeclineConsult(Command, frozen=True, forbid_unknown_fields=True):
    """Say no to a consult."""

    leg_id: Id
    reason: Short


class SaveDraft(Command, frozen=True, forbid_unknown_fields=True):
    """Words to the resident that are not sent yet; none drop the draft."""

    contact_id: Id
    text: Annotated[str, Meta(max_length=20_000)]


class PullWork(Command, frozen=True, forbid_unknown_fields=True):
    """Take a waiting contact of a queue that may be pulled from: this one, or the first one of the queue."""

    contact_id: Short = ""
    queue: Short = ""


class PersonGiven(Command, frozen=True, forbid_unknown_fields=True):
    """Who the resident is, as far as the agent was told."""

    phone: Short = ""
    email: Short = ""
    party_id: Short = ""
    name: Short = ""
    loa: Annotated[int, Meta(ge=0, le=4)] = 0
    language: Annotated[str, Meta(max_length=20)] = ""
    anonymous: bool = False


class CreateWork(Command, frozen=True, forbid_unknown_fields=True):
    """Register a contact that was taken elsewhere: a visit, a letter, a call to a direct number."""

    channel: Annotated[str, Meta(min_length=1, max_length=60)]
    topic: Annotated[str, Meta(max_length=60)] = ""
    text: Annotated[str, Meta(max_length=20_000)] = ""
    person: PersonGiven = PersonGiven()
    direct: bool = True
    """Whether it is with the agent at once; otherwise it is routed like any other."""


class SetTopic(Command, frozen=True, forbid_unknown_fields=True):
    """Name what the contact is about."""

    contact_id: Id
    topic: Id


class SetFact(Command, frozen=True, forbid_unknown_fields=True):
    """Say what was found out in the conversation: a fact that agents supply, and its value."""

    contact_id: Id
    fact: FieldName
    value: bool | int | Annotated[str, Meta(max_length=60)]


class IdentifyPerson(Command, frozen=True, forbid_unknown_fields=True):
    """Say who the resident is; `loa` 3 and up counts as verified."""

    contact_id: Id
    phone: Short = ""
    email: Short = ""
    party_id: Short = ""
    loa: Annotated[int, Meta(ge=0, le=4)] = 0
    protection: Protection = "none"
    """What the resident says of it, or a register at hand; a protection that is known already stays."""


class DetachPerson(Command, frozen=True, forbid_unknown_fields=True):
    """It is not this person: the contact counts to nobody's history, and nothing of theirs is shown."""

    contact_id: Id


class ReadContact(Command, frozen=True, forbid_unknown_fields=True):
    """Read a contact that is somebody else's; the reason stands in the access record."""

    contact_id: Id
    reason: Literal["resident_asks", "complaint", "supervision", "quality", "technical"]


class WriteText(Command, frozen=True, forbid_unknown_fields=True):
    """Words about the contact: a note."""

    contact_id: Id
    text: Text


class SendMessage(Command, frozen=True, forbid_unknown_fields=True):
    """Words to the resident, with files or without."""

    contact_id: Id
    text: Annotated[str, Meta(max_length=20_000)]
    """Empty only where there are files."""
    attachments: Annotated[tuple[Blob, ...], Meta(max_length=20)] = ()
    """`blob` of each file, as `POST /v1/contacts/{id}/attachments` answered for this contact."""


class GetHistory(Command, frozen=True, forbid_unknown_fields=True):
    """Earlier contacts of the same resident; the read leaves an access record."""

    contact_id: Id
    limit: Annotated[int, Meta(ge=1, le=100)] = 20


class ListQueues(Command, frozen=True, forbid_unknown_fields=True):
    """How many wait in each queue."""


class ScheduleCallback(Command, frozen=True, forbid_unknown_fields=True):
    """Promise the resident a call: at a time, or, keeping the place, as soon as it is their turn."""

    contact_id: Id
    at: Annotated[datetime, Meta(tz=True)] | None = None
    keep_place: bool = False
    by: Literal["queue", "me"] = "queue"
    note: Annotated[str, Meta(max_length=20_000)] = ""
    rev: int = -1


class ReportCallback(Command, frozen=True, forbid_unknown_fields=True):
    """What came of calling the resident."""

    contact_id: Id
    result: Literal["connected", "no_answer", "busy", "wrong_number"]


class AttachContact(Command, frozen=True, forbid_unknown_fields=True):
    """Answer another open contact of the same person together with the one in hand (`to`)."""

    contact_id: Id
    to: Id


class AnswerSuggestion(Command, frozen=True, forbid_unknown_fields=True):
    """Agree to what a later decision suggests, or not; `generation` as it stood in `suggestion.made`."""

    contact_id: Id
    generation: Annotated[int, Meta(ge=1)]
    consent: bool


COMMANDS: Mapping[str, type[Command]] = {
    "presence.set": SetPresence,
    "presence.form": SetForm,
    "offer.accept": AcceptOffer,
    "offer.decline": DeclineOffer,
    "message.send": SendMessage,
    "note.add": WriteText,
    "topic.set": SetTopic,
    "fact.set": SetFact,
    "person.identify": IdentifyPerson,
    "person.detach": DetachPerson,
    "contact.read": ReadContact,
    "history.get": GetHistory,
    "queue.list": ListQueues,
    "typing": OnContact,
    "draft.save": SaveDraft,
    "work.pull": PullWork,
    "work.create": CreateWork,
    "work.park": ParkWork,
    "work.transfer": TransferWork,
    "work.undo": OnContact,
    "consult.start": StartConsult,
    "consult.answer": OnLeg,
    "consult.decline": DeclineConsult,
    "consult.end": OnLeg,
    "work.hold": OnContact,
    "work.resume": OnContact,
    "work.finish": FinishWork,
    "outcome.amend": AmendOutcome,
    "outcome.list": ListUncoded,
    "handover.preview": CreateHandover,
    "handover.create": CreateHandover,
    "callback.schedule": ScheduleCallback,
    "callback.result": ReportCallback,
    "contact.attach": AttachContact,
    "suggestion.answer": AnswerSuggestion,
    "wrap_up.extend": ExtendWrapUp,
    "wrap_up.end": EndWrapUp,
}
