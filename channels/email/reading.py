"""Raw bytes to `Mail`. Slow and fragile by nature: runs only where it may be killed. Pure.

Caps and counts before it parses, and reads headers alone where the whole is more than a letter.
"""

import email
import re
import signal
from collections.abc import Callable
from email import policy
from typing import Literal, TypedDict

from flufl.bounce import all_failures  # pyright: ignore[reportUnknownVariableType] - half typed

from channels.email.automatic import class_of, forbids_reply
from channels.email.body import Body, Node, body_of
from channels.email.headers import Headers, first_of
from channels.email.limits import (
    BOUNDARY_LINES,
    EMBEDDED_MAILS,
    HEADER_BLOCK_BYTES,
    LINES,
    MULTIPARTS,
    REPLY_S,
)
from channels.email.mail import AutoClass, Mail, Request
from channels.email.quoting import is_forwarded, new_words

_BOUNDARY = re.compile(rb"boundary\s*=", re.IGNORECASE)
_EMBEDDED = re.compile(rb"content-type:\s*message/", re.IGNORECASE)
_END_OF_HEADERS = re.compile(rb"\r?\n[ \t]*\r?\n")
_OURS = re.compile(rb"<c\.[0-9a-z]{1,40}\.[0-9]{1,6}\.[a-z2-7]{8}@[a-z0-9.-]{1,253}>", re.IGNORECASE)
_STATUS = re.compile(rb"^status:\s*([245]\.\d{1,3}\.\d{1,3})", re.IGNORECASE | re.MULTILINE)
_DELIVERED = re.compile(rb"^action:\s*(?:delivered|relayed|expanded)", re.IGNORECASE | re.MULTILINE)
RETURNED = 20


class TooLongError(Exception):
    """A step took longer than it is worth."""


def read(request: Request) -> Mail:
    """What a mail says."""
    raw = request.raw
    message, is_cut = _headers_of(raw)
    headers = Headers(message)
    faults = {"headers-cut"} if is_cut or headers.is_cut else set[str]()
    if request.is_whole and (why := too_much(raw)):
        faults.add(why)
    if not request.is_whole or faults - {"headers-cut"}:
        return _with_headers(message, headers, faults, Body(), request, is_read=False)
    try:
        whole: Node = email.message_from_bytes(raw, policy=policy.compat32)
        body = body_of(whole)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, IndexError, AssertionError):
        return _with_headers(message, headers, faults | {"broken"}, Body(), request, is_read=False)
    return _with_headers(message, headers, faults, body, request, is_read=True)


def too_much(raw: bytes) -> str:
    """Why these bytes are more than a letter and are not parsed, or ''."""
    if raw.count(b"\n") > LINES:
        return "lines"
    if raw.count(b"\n--") > BOUNDARY_LINES:
        return "parts"
    if sum(1 for _ in _BOUNDARY.finditer(raw)) > MULTIPARTS:
        return "nesting"
    if sum(1 for _ in _EMBEDDED.finditer(raw)) > EMBEDDED_MAILS:
        return "embedded"
    return ""


def _headers_of(raw: bytes) -> tuple[Node, bool]:
    """The headers alone, from as much of them as is read."""
    end = _END_OF_HEADERS.search(raw, 0, HEADER_BLOCK_BYTES)
    if end is not None:
        return email.message_from_bytes(raw[: end.start()], policy=policy.compat32), False
    block = raw[:HEADER_BLOCK_BYTES]
    is_cut = len(raw) > HEADER_BLOCK_BYTES
    if is_cut:
        block = block[: block.rfind(b"\n") + 1]
    return email.message_from_bytes(block, policy=policy.compat32), is_cut


def _with_headers(
    message: Node, headers: Headers, faults: set[str], body: Body, request: Request, *, is_read: bool
) -> Mail:
    senders = headers.senders("from")
    if len({each.address.lower() for each in senders}) > 1:
        faults.add("several-senders")
    subject = headers.line("subject")
    text = body.text
    auto_class = class_of(headers, message.get_content_type())
    is_answer = headers.has("in-reply-to") or headers.has("references")
    words = text if is_forwarded(subject) and not is_answer else _within(REPLY_S, new_words, text, faults)
    return Mail(
        is_read=is_read,
        faults=tuple(sorted(faults | body.faults)),
        subject=subject,
        sender=first_of(senders or headers.senders("sender")),
        reply_to=first_of(headers.senders("reply-to")).address,
        message_id=_message_id(headers),
        in_reply_to=headers.ids("in-reply-to"),
        references=headers.ids("references"),
        auto_class=auto_class,
        wants_no_reply=forbids_reply(headers),
        instance=headers.line("x-sc-instance")[:60],
        verdicts=headers.verdicts(),
        language=headers.line("content-language").partition(",")[0].strip().lower()[:20],
        text=text,
        new_words=words,
        html=body.html,
        attachments=tuple(body.files),
        dropped=body.dropped,
        **_returned(message, auto_class, request),
    )


def _message_id(headers: Headers) -> str:
    """With its brackets; what is no message id names nothing."""
    return next(iter(headers.ids("message-id")), "")


class _Returned(TypedDict, total=False):
    returned: tuple[str, ...]
    failure: Literal["", "permanent", "temporary", "delivered"]
    failure_code: str


def _returned(message: Node, auto_class: AutoClass, request: Request) -> _Returned:
    """What a report of delivery says of mail that we sent."""
    if auto_class != "bounce" and not request.is_null_sender:
        return {}
    end = _END_OF_HEADERS.search(request.raw, 0, HEADER_BLOCK_BYTES)
    given_back = request.raw[end.start() :] if end else b""
    ids = tuple(dict.fromkeys(each.decode("ascii").lower() for each in _OURS.findall(given_back)))[:RETURNED]
    if not request.is_whole:
        return {"returned": ids}
    code = _STATUS.search(given_back)
    return {
        "returned": ids,
        "failure": _failure(request.raw, given_back, is_report=message.get_content_type() == "multipart/report"),
        "failure_code": code[1].decode("ascii") if code else "",
    }


def _failure(raw: bytes, given_back: bytes, *, is_report: bool) -> Literal["", "permanent", "temporary", "delivered"]:
    try:
        temporary, permanent = all_failures(email.message_from_bytes(raw, policy=policy.compat32))
    except Exception:  # noqa: BLE001 # patterns of many mail servers over bytes of anybody: none found is none found
        temporary = permanent = set[bytes]()
    if permanent or temporary:
        return "permanent" if permanent else "temporary"
    return "delivered" if is_report and _DELIVERED.search(given_back) else ""


def _within(seconds: float, step: Callable[[str], str], text: str, faults: set[str]) -> str:
    """The step's result, or the text as it was when it takes too long."""

    def give_up(_number: int, _frame: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return step(text)
    except (TooLongError, RecursionError):
        faults.add("quoting-too-slow")
        return text
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
