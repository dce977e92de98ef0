"""Files of anybody: a name that is safe everywhere and a type read from the bytes. Unpacks nothing; pure."""

import re
import unicodedata

import puremagic

from channels.plain_text import clean_line

NAME_CHARACTERS = 150
SNIFFED_BYTES = 8 * 1024
TAIL_BYTES = 2 * 1024
UNKNOWN = "application/octet-stream"
_UNSAFE = re.compile(r'[\x00-\x1f<>:"|?*]')
_TYPE = re.compile(r"^[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}$")
_ZIPPED = {
    b"word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    b"xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    b"ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
LONGEST_ENDING = 10
FIRST_PRINTABLE = 0x20
_OPEN_DOCUMENT = re.compile(rb"mimetype(application/vnd\.oasis\.opendocument\.[a-z-]{1,40})")
_HTML = re.compile(rb"^\s*(?:<!doctype html|<html|<head|<body|<script|<svg)", re.IGNORECASE)
_CALENDAR = b"BEGIN:VCALENDAR"
_FIRST: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"MZ", "application/vnd.microsoft.portable-executable"),
    (b"\x7fELF", "application/x-executable"),
)
"""What comes by mail most often, and what must never be taken for anything else."""


def safe_name(name: str, number: int) -> str:
    """A file name without path, control or direction marks, at most 150 characters with its ending kept."""
    flat = clean_line(name, 1_000).replace("\\", "/").rpartition("/")[2]
    flat = _UNSAFE.sub("_", unicodedata.normalize("NFC", flat)).strip(" .")
    if not flat:
        return f"bilaga-{number}"
    if len(flat) <= NAME_CHARACTERS:
        return flat
    stem, dot, ending = flat.rpartition(".")
    if not dot or len(ending) > LONGEST_ENDING:
        return flat[:NAME_CHARACTERS]
    return stem[: NAME_CHARACTERS - len(ending) - 1] + "." + ending


def sniffed(body: bytes) -> str:
    """The media type of these bytes; what the sender calls them plays no part."""
    head = body[:SNIFFED_BYTES]
    if not head:
        return UNKNOWN
    for start, media_type in _FIRST:
        if head.startswith(start):
            return media_type
    if head.startswith(b"PK\x03\x04"):
        return _zipped(head, body[-TAIL_BYTES:])
    if _is_text(head):
        return _textual(head)
    try:
        found = puremagic.magic_string(head)  # pyright: ignore[reportUnknownMemberType] - half typed
    except (puremagic.PureError, ValueError):
        return UNKNOWN
    best = next((each for each in (str(one.mime_type).lower() for one in found) if each), UNKNOWN)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - half typed
    return best if _TYPE.match(best) else UNKNOWN


def _zipped(head: bytes, tail: bytes) -> str:
    if document := _OPEN_DOCUMENT.search(head):
        return document[1].decode("ascii")
    for folder, media_type in _ZIPPED.items():
        if folder in head or folder in tail:
            return media_type
    return "application/zip"


def _is_text(head: bytes) -> bool:
    if b"\0" in head:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:  # a character may be cut in two at the end
            return False
    return all(byte >= FIRST_PRINTABLE or byte in b"\t\r\n\f\x1b" for byte in head)


def _textual(head: bytes) -> str:
    if _HTML.match(head):
        return "text/html"
    if head.lstrip().startswith(_CALENDAR):
        return "text/calendar"
    return "text/plain"
