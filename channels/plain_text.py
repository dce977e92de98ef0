"""Text of strangers made plain: no controls, no marks that turn it around, nothing that begins a header. Pure."""

import re
import unicodedata

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
_LINE_BREAKS = re.compile("\r\n|\r|\x85|\u2028|\u2029")
_HIDDEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of writing: `exe.fdp` read backwards."""


def clean_text(text: str) -> str:
    """Many lines: NFC, one kind of line end, no control characters, no lone surrogates."""
    return unicodedata.normalize("NFC", _CONTROLS.sub("", _LINE_BREAKS.sub("\n", text)))


def clean_line(text: str, most: int) -> str:
    """One line: nothing that could begin a header, or turn what is read around."""
    flat = " ".join(_HIDDEN.sub("", clean_text(text)).split())
    return flat[:most].rstrip()
