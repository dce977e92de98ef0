"""The tree of a MIME message as words, HTML and files. Runs only where it may be killed; pure.

Reads the structure that the standard library found; never descends into a mail inside a mail.
"""

from dataclasses import dataclass, field
from email.message import Message
from typing import TypeAlias, cast

from channels.email.charsets import decoded
from channels.email.headers import words_decoded
from channels.email.limits import ATTACHMENT_BYTES, ATTACHMENTS, DEPTH, HTML_BYTES, PARTS, TEXT_CHARACTERS
from channels.email.mail import Part
from channels.email.markup import safe_html, words_of_html, words_without_tags
from channels.email.quoting import unfolded
from channels.file_kinds import safe_name, sniffed
from channels.plain_text import clean_text

Node: TypeAlias = "Message[str, str]"
_INLINE_TEXT = frozenset({"text/plain", "text/enriched", "message/delivery-status", "text/rfc822-headers"})
WIDEST_CHARACTER = 4
"""Bytes of the longest character, in any set of characters."""


@dataclass
class Body:
    """What was found, in the order of the mail."""

    texts: list[str] = field(default_factory=list[str])
    htmls: list[str] = field(default_factory=list[str])
    files: list[Part] = field(default_factory=list[Part])
    faults: set[str] = field(default_factory=set[str])
    dropped: int = 0
    parts: int = 0

    @property
    def text(self) -> str:
        """All words, cut to what is kept."""
        whole = "\n\n".join(each for each in (text.strip("\n") for text in self.texts) if each.strip())
        if len(whole) > TEXT_CHARACTERS:
            self.faults.add("text-cut")
        return whole[:TEXT_CHARACTERS]

    @property
    def html(self) -> str:
        """All HTML that is safe to show."""
        return "\n<hr>\n".join(self.htmls)


def body_of(message: Node) -> Body:
    """Words, HTML and files of a whole message."""
    body = Body()
    _read(message, body, 0)
    return body


def _read(node: Node, body: Body, depth: int) -> None:
    body.parts += 1
    if body.parts > PARTS or depth > DEPTH:
        body.faults.add("parts-cut")
        body.dropped += 1
        return
    kind = node.get_content_type()
    children = _children(node)
    if kind == "message/rfc822" or (kind.startswith("message/") and children):
        _keep(node, body, _embedded(node))
    elif children and kind == "multipart/alternative":
        _alternative(children, body, depth)
    elif children:
        for child in children:
            _read(child, body, depth + 1)
    else:
        _leaf(node, kind, body)


def _children(node: Node) -> list[Node]:
    """The parts of a multipart; none of what only claims to be one."""
    if not node.is_multipart():
        return []
    held = cast("object", node.get_payload())
    return [cast("Node", each) for each in cast("list[object]", held) if isinstance(each, Message)]


def _alternative(children: list[Node], body: Body, depth: int) -> None:
    """The same thing several times: the plain words if there are any, the richest form beside them."""
    readings: list[Body] = []
    for child in children:
        one = Body(parts=body.parts)
        _read(child, one, depth + 1)
        readings.append(one)
        body.parts = one.parts
        body.faults |= one.faults
        body.dropped += one.dropped
        body.files += one.files
    plain = next((one for one in readings if not one.htmls and any(text.strip() for text in one.texts)), None)
    rich = next((one for one in reversed(readings) if one.htmls), None)
    if rich is not None:
        body.htmls += rich.htmls
    if chosen := plain or rich:
        body.texts += chosen.texts


def _leaf(node: Node, kind: str, body: Body) -> None:
    payload = _payload(node, body)
    if _is_file(node, kind):
        _keep(node, body, payload)
    elif kind == "text/html":
        _html(_text(node, payload[: HTML_BYTES * 2], body), body)
    else:
        text = _text(node, payload[: TEXT_CHARACTERS * WIDEST_CHARACTER], body)
        if str(node.get_param("format", "") or "").lower() == "flowed":
            deletes_space = str(node.get_param("delsp", "") or "").lower() == "yes"
            text = unfolded(text, deletes_space=deletes_space)
        body.texts.append(text)


def _is_file(node: Node, kind: str) -> bool:
    if node.get_content_disposition() == "attachment":
        return True
    if kind == "text/html" or kind in _INLINE_TEXT or kind.startswith("multipart/"):
        return bool(_name(node)) and kind not in {"text/plain", "text/html"}
    return True


def _payload(node: Node, body: Body) -> bytes:
    """The bytes of a part, as far as its encoding can be undone."""
    try:
        held = node.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError):
        body.faults.add("encoding")
        held = str(getattr(node, "_payload", "")).encode("utf-8", "surrogateescape")
    if node.defects:
        body.faults.add("defects")
    return held if isinstance(held, bytes) else b""


def _text(node: Node, payload: bytes, body: Body) -> str:
    declared = node.get_param("charset", "") or ""
    text, as_declared = decoded(payload, declared[2] if isinstance(declared, tuple) else str(declared))
    if not as_declared:
        body.faults.add("charset")
    return clean_text(text)


def _html(text: str, body: Body) -> None:
    safe = safe_html(text)
    if not safe and text.strip():
        body.faults.add("html-dropped")
        body.texts.append(words_without_tags(text[:HTML_BYTES]))
        return
    body.htmls.append(safe)
    body.texts.append(words_of_html(safe))


def _keep(node: Node, body: Body, payload: bytes) -> None:
    if not payload:
        return
    if len(body.files) >= ATTACHMENTS or len(payload) > ATTACHMENT_BYTES:
        body.dropped += 1
        body.faults.add("attachments-cut")
        return
    is_mail = node.get_content_maintype() == "message"
    name = _name(node) or ("mejl.eml" if is_mail else "")
    media_type = "message/rfc822" if is_mail else sniffed(payload)
    body.files.append(Part(safe_name(name, len(body.files) + 1), media_type, payload))


def _name(node: Node) -> str:
    try:
        return words_decoded(str(node.get_filename("") or ""))
    except (ValueError, LookupError, TypeError, AttributeError, IndexError):
        return ""


def _embedded(node: Node) -> bytes:
    """A mail inside a mail, as bytes again."""
    try:
        return b"\n".join(child.as_bytes() for child in _children(node))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return b""
