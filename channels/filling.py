"""A contact filled in from a form: what goes where, checked, and every refusal names the sender's own field. Pure."""

import math
import re
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from channels.inbound import InboundContact
from router.errors import SchemaMismatch

EMAIL = re.compile(r"^[^\s@<>,;:\"\\]{1,64}@[^\s@<>,;:\"\\]{1,255}$")
MOST_BITS = 63
_LONG = frozenset({"text"})
_NUMBERS = frozenset({"location.lat", "location.lon"})
_MISSING = re.compile(r"missing required field `(\w+)`")


class Given(NamedTuple):
    """What stands in one field of the sender's form."""

    value: object
    field: str


def fill(given: Mapping[str, Given]) -> InboundContact:
    """A contact from paths such as `person.email`, `location.lat`, `fields.meter`; what is empty is left out.

    Raises:
        SchemaMismatch: something is missing, too long or of the wrong kind; `field` is the sender's.
    """
    tree: dict[str, object] = {}
    for path, (value, field) in given.items():
        put = _tidied(path, value, field)
        if put not in ("", None, ()):
            _put(tree, path, put)
    try:
        return msgspec.convert(tree, InboundContact, strict=False)
    except msgspec.ValidationError as error:
        text, _, where = str(error).partition(" - at `$")
        raise SchemaMismatch(text, field=_senders(given, where.rstrip("`"), text)) from None


def _tidied(path: str, value: object, field: str) -> object:
    """Words in one line where one line is meant, numbers as numbers."""
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        raise SchemaMismatch("a number of at most 64 bits", field=field)
    if not isinstance(value, str):
        return value
    if "\0" in value:
        raise SchemaMismatch("U+0000 is not taken", field=field)
    if path in _NUMBERS:
        return number(value, field)
    text = value.strip() if path in _LONG else " ".join(value.split())
    if path == "person.email" and text and not EMAIL.match(text):
        raise SchemaMismatch("not an e-mail address", field=field)
    return text


def number(text: str, field: str) -> float | None:
    """A number with a point or a comma; None for an empty field.

    Raises:
        SchemaMismatch: it is none.
    """
    if not text.strip():
        return None
    try:
        found = float(text.strip().replace(",", ".", 1).replace("\u2212", "-"))
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise SchemaMismatch("not a number", field=field)
    return found


def _put(tree: dict[str, object], path: str, value: object) -> None:
    head, dot, rest = path.partition(".")
    if not dot:
        tree[head] = value
        return
    branch = tree.setdefault(head, {})
    assert isinstance(branch, dict)  # noqa: S101 # paths are ours; no leaf has leaves
    branch[rest] = value


def _senders(given: Mapping[str, Given], where: str, text: str) -> str:
    """The sender's field that stands behind a place in the contact."""
    place = where.removeprefix(".")
    missing = _MISSING.search(text)
    if missing:
        place = f"{place}.{missing[1]}".removeprefix(".")
    if place in given:
        return given[place].field
    head = re.split(r"[.\[]", place)[0]
    beside = (each.field for path, each in given.items() if path.partition(".")[0] == head)
    return next(beside, place or "$")
