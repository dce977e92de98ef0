"""Headers as people mean them: raw bytes in any state to one clean line. Reads nothing but what it is given; pure."""

import base64
import binascii
import quopri
import re
from collections.abc import Sequence
from email.message import Message
from email.utils import getaddresses

from channels.email.charsets import decoded
from channels.email.limits import ADDRESSES, HEADER_BYTES, HEADERS, LINE_CHARACTERS, REFERENCES
from channels.email.mail import Sender
from channels.plain_text import clean_line

_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(r"(\?=)[ \t\r\n]+(=\?)")
_ID = re.compile(r"<([^<>\s]{1,400})>")
_ADDRESS = re.compile(r"^[^@\s<>()\[\]\\,;:\"]{1,64}@[^@\s<>()\\,;:\"]{1,253}$|^\"[^\"\r\n]{1,62}\"@[^@\s<>]{1,253}$")
_ANGLE = re.compile(r"<\s*([^<>\s]{3,320})\s*>")
_VERDICT = re.compile(r"^\s*([A-Za-z0-9.-]{1,253})(?:\s+\d+)?\s*;(.*)$", re.DOTALL)
_DMARC = re.compile(r"(?:^|[;\s])dmarc\s*=\s*([a-z]{1,20})", re.IGNORECASE)


class Headers:
    """The headers of one mail, by lower-case name, raw; too many or too long ones are cut."""

    def __init__(self, message: "Message[str, str]") -> None:
        self.is_cut = False
        self._raw: dict[str, list[str]] = {}
        for number, (name, value) in enumerate(message.raw_items()):
            if number >= HEADERS:
                self.is_cut = True
                break
            text = str(value)
            self.is_cut |= len(text) > HEADER_BYTES
            self._raw.setdefault(name.lower(), []).append(text[:HEADER_BYTES])

    def all(self, name: str) -> list[str]:
        """Every value, topmost first, characters read but nothing decoded."""
        return [_characters(each) for each in self._raw.get(name, ())]

    def first(self, name: str) -> str:
        """The topmost value, or ''."""
        return next(iter(self.all(name)), "")

    def line(self, name: str) -> str:
        """The topmost value as people read it."""
        return clean_line(words_decoded(self.first(name)), LINE_CHARACTERS)

    def has(self, name: str) -> bool:
        """Whether there is such a header at all."""
        return name in self._raw

    def ids(self, name: str) -> tuple[str, ...]:
        """Message ids in their order, each once, with their brackets."""
        found = dict.fromkeys(f"<{each}>" for value in self.all(name) for each in _ID.findall(value))
        return tuple(each for each in found if each.isprintable())[-REFERENCES:]

    def senders(self, name: str) -> list[Sender]:
        """Who a header of addresses names."""
        return addresses(self.first(name))

    def verdicts(self) -> tuple[tuple[str, str], ...]:
        """What each checker says of DMARC: (authserv-id, verdict)."""
        found: list[tuple[str, str]] = []
        for value in self.all("authentication-results")[:10]:
            if read := _VERDICT.match(value):
                said = _DMARC.search(read[2])
                found.append((read[1].lower(), said[1].lower() if said else ""))
        return tuple(found)


def _characters(value: str) -> str:
    """Raw 8-bit bytes came through as surrogates: UTF-8 if they are, otherwise Western."""
    if value.isascii():
        return value
    text, _ = decoded(value.encode("utf-8", "surrogateescape"), "us-ascii")
    return text


def words_decoded(value: str) -> str:
    """Encoded words (RFC 2047) read, broken ones left as they are; a character may be split over two of them."""
    if "=?" not in value:
        return value
    text = _BETWEEN.sub(r"\1\2", value)
    out: list[str] = []
    pending, charset, end = b"", "", 0
    for word in _WORD.finditer(text):
        between = text[end : word.start()]
        body = _word_bytes(word[2], word[3])
        this = word[1].partition("*")[0].lower()
        if body is None:
            continue
        if pending and (between or this != charset):
            out.append(decoded(pending, charset)[0])
            pending = b""
        out.append(between)
        pending, charset, end = pending + body, this, word.end()
    if pending:
        out.append(decoded(pending, charset)[0])
    return "".join(out) + text[end:]


def _word_bytes(kind: str, body: str) -> bytes | None:
    raw = body.encode("utf-8", "replace")
    if kind in "qQ":
        return quopri.decodestring(raw, header=True)
    try:
        return base64.b64decode(raw + b"=" * (-len(raw) % 4))
    except binascii.Error:
        return None


def addresses(value: str) -> list[Sender]:
    """Names and addresses of a header; the one in angle brackets first, since that is where mail would go."""
    try:
        pairs = getaddresses([value])[:ADDRESSES]
    except (RecursionError, ValueError, IndexError, TypeError, AttributeError):
        pairs = []
    found = [Sender(_address(address), clean_line(words_decoded(name), 200)) for name, address in pairs]
    found = [each for each in found if each.address]
    angles = [address for each in _ANGLE.findall(value)[:ADDRESSES] if (address := _address(each))]
    if len(angles) == 1 and (not found or found[0].address != angles[0]):
        name = clean_line(words_decoded(value.partition("<")[0].strip(' "')), 200)
        found = [Sender(angles[0], name), *(each for each in found if each.address != angles[0])]
    return found


def _address(text: str) -> str:
    flat = clean_line(words_decoded(text) if "=?" in text else text, LINE_CHARACTERS)
    return flat if _ADDRESS.match(flat) else ""


def normal_address(text: str) -> str:
    """An address to compare with: lower case, '' when it is none."""
    flat = text.strip().strip("<>").lower()
    return flat if _ADDRESS.match(flat) else ""


def domain_of(address: str) -> str:
    """What stands after the last @."""
    return address.rpartition("@")[2].lower()


def first_of(found: Sequence[Sender]) -> Sender:
    """The first, or nobody."""
    return found[0] if found else Sender()
