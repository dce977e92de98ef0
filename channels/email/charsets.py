"""Bytes to text: what is declared, what it usually means, what it looks like. Never fails, never leaves a surrogate."""

import codecs
import re

from charset_normalizer import from_bytes

GUESS_BYTES = 32 * 1024
_ALIASES = {
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "iso_8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252",
    "us-ascii": "cp1252", "ascii": "cp1252", "ansi_x3.4-1968": "cp1252", "windows-1252": "cp1252",
    "iso-8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "shift-jis": "cp932",
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "utf8": "utf-8", "unicode-1-1-utf-8": "utf-8",
}  # fmt: skip
_NOT_TEXT = frozenset({"unicode_escape", "raw_unicode_escape", "undefined", "idna", "punycode", "mbcs", "oem"})
_FOREIGN = re.compile(
    "[^\x00-\x7fåäöÅÄÖéÉèÈüÜæøÆØáÁßçëñóàâêôíú€§°½£\xa0\xb4\xab\xb7\xbb\u2013\u2014\u2018\u2019\u201c\u201d\u2026]"
)
"""What people here do not write: text without any of it is Western, however short it is for a statistical guess."""


def decoded(body: bytes, declared: str = "") -> tuple[str, bool]:
    """The text, and whether it was read as declared."""
    name = _ALIASES.get(declared.strip().strip("\"'").lower(), declared.strip().strip("\"'").lower())
    if name in {"", "cp1252"}:
        return _western(body, is_declared=bool(name))
    text = _strict(body, name)
    if text is not None:
        return text, True
    return _guessed(body), False


def _western(body: bytes, *, is_declared: bool) -> tuple[str, bool]:
    """Latin text by its label, or none: what is valid UTF-8 beyond ASCII is UTF-8 whatever the label says."""
    if body.isascii():
        return body.decode("ascii"), True
    if (text := _strict(body, "utf-8")) is not None:
        return text, False
    if is_declared:
        return body.decode("cp1252", "replace"), True
    return _guessed(body), False


def _guessed(body: bytes) -> str:
    if (text := _strict(body, "utf-8")) is not None:
        return text
    if not _FOREIGN.search(western := body.decode("cp1252", "replace")):
        return western
    best = from_bytes(body[:GUESS_BYTES]).best()
    if best is not None and (text := _strict(body, best.encoding)) is not None:
        return text
    return body.decode("cp1252", "replace")


def _strict(body: bytes, name: str) -> str | None:
    try:
        found = codecs.lookup(name)
        # rot13 and zlib are codecs too, and no character sets; the mark is CPython's own.
        if found.name.replace("-", "_") in _NOT_TEXT or not getattr(found, "_is_text_encoding", True):
            return None
        text, _ = found.decode(body, "strict")
    except (LookupError, UnicodeError, ValueError):
        return None
    return text
