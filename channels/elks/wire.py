"""46elks' webhooks, as forms, to what we need of them; and our answers as their actions. Pure.

There is no action here that records: none can be answered.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

import msgspec

from channels.inbound import InboundContact, InboundMessage, InboundPerson
from channels.numbers import e164
from router.errors import SchemaMismatch

MOST_CHARACTERS = 10_000
"""Of a text message: the longest that a phone can send is far shorter."""
_ID = 60


class Step(msgspec.Struct, frozen=True):
    """One webhook of a call: that it began, that something has been played, pressed, connected, that it is over."""

    call: str
    caller: str = ""
    dialled: str = ""
    result: str = ""
    created_ms: int | None = None


class Sms(msgspec.Struct, frozen=True):
    """A text message from a resident."""

    id: str
    sender: str
    to: str
    text: str


class Report(msgspec.Struct, frozen=True):
    """What became of a text message of ours."""

    id: str
    status: Literal["sent", "delivered", "failed"]


Action = Mapping[str, object]


def step_of(form: Mapping[str, str]) -> Step:
    """One webhook of a call.

    Raises:
        SchemaMismatch: it names no call, or its time is none.
    """
    return Step(
        call=_field(form, "callid", _ID),
        caller=form.get("from", "")[:_ID],
        dialled=form.get("to", "")[:_ID],
        result=form.get("result", "")[:_ID],
        created_ms=_created(form.get("created", "")),
    )


def sms_of(form: Mapping[str, str]) -> Sms:
    """A text message.

    Raises:
        SchemaMismatch: a field is missing or too long.
    """
    text = form.get("message", "")
    if len(text) > MOST_CHARACTERS or "\0" in text:
        raise SchemaMismatch("too long, or not text", field="message")
    return Sms(_field(form, "id", _ID), _field(form, "from", _ID), _field(form, "to", _ID), text)


def report_of(form: Mapping[str, str]) -> Report:
    """A delivery report.

    Raises:
        SchemaMismatch: it is none.
    """
    status = form.get("status", "")
    if status not in {"sent", "delivered", "failed"}:
        raise SchemaMismatch("expected sent, delivered or failed", field="status")
    return Report(_field(form, "id", _ID), status)  # pyright: ignore[reportArgumentType] - checked above


def _field(form: Mapping[str, str], name: str, longest: int) -> str:
    found = form.get(name, "")
    if not found or len(found) > longest or not found.isprintable():
        raise SchemaMismatch("missing, too long or not printable", field=name)
    return found


def _created(text: str) -> int | None:
    """Epoch ms; 46elks writes UTC without an offset."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise SchemaMismatch("not a time", field="created") from None
    return round((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000)


def caller_of(step: Step, *, dialled: str, topic: str, region: str) -> InboundContact:
    """A caller as a contact."""
    number = e164(step.caller, region)
    person = InboundPerson(phone=number, anonymous=not number)
    return InboundContact("phone", person, topic=topic, fields={"dialled": dialled})


def writer_of(sms: Sms, region: str) -> InboundContact:
    """A text message as a contact."""
    number = e164(sms.sender, region)
    person = InboundPerson(phone=number, anonymous=not number)
    return InboundContact("sms", person, text=sms.text, thread=sms.id, preferred_notice="sms" if number else "none")


def further_of(sms: Sms) -> InboundMessage:
    """A text message in a conversation that is open."""
    return InboundMessage(text=sms.text, thread=sms.id)


def play(clip: str, then: str, when_gone: str) -> Action:
    """A clip, and what comes after it."""
    return {"play": clip, "next": then, "whenhangup": when_gone}


def farewell(clip: str) -> Action:
    """A last clip: the call ends with it."""
    return {"play": clip}


def choose(clip: str, then: str, when_gone: str, *, timeout_s: int, repeats: int) -> Action:
    """One digit."""
    how = {"digits": 1, "timeout": timeout_s, "repeat": repeats}
    return {"ivr": clip, **how, "next": then, "whenhangup": when_gone}


def connect(number: str, then: str, when_gone: str, *, timeout_s: int) -> Action:
    """Ring a phone; `next` tells how it went, when it is over."""
    return {"connect": number, "timeout": timeout_s, "next": then, "whenhangup": when_gone}


def hang_up(reason: Literal["busy", "reject", ""] = "") -> Action:
    """End the call."""
    return {"hangup": reason or "reject"}
