"""A history as JSON: one contact a line, or one list of them. Facts are kept as they are; only shapes are checked.

`{"id", "received_at", "facts": {...}, "matters": [{"topic", "resolution"}], "person", "observed"}`
"""

import gzip
import zlib
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Annotated

import msgspec

from channels.registry import CHANNELS
from router.demo.recorded import opened
from router.errors import ConfigurationError
from router.strategy_replay.noting import Noted
from rules.replay.history import CHANNEL, Recorded

MEDIUM = "medium"
LAST_MS = 253_402_300_799_999
"""The end of the year 9999: beyond it nothing has a calendar."""


class MatterLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one matter of the contact ended."""

    topic: str
    resolution: str


class ContactLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One contact as it stands in the file."""

    id: Annotated[str, msgspec.Meta(min_length=1)]
    received_at: datetime | int
    """RFC 3339 with a zone, or epoch ms."""
    facts: dict[str, str | int | bool | None]
    matters: tuple[MatterLine, ...] = ()
    person: str = ""
    observed: bool = False


_line = msgspec.json.Decoder(ContactLine)
_list = msgspec.json.Decoder(list[msgspec.Raw])


def read_contacts(path: Path, noted: Noted) -> Iterator[Recorded]:
    """Every contact of the file.

    Raises:
        ConfigurationError: it begins like a list but is none.
    """
    for number, text in _texts(path, noted):
        try:
            contact = _recorded(_line.decode(text))
        except (msgspec.MsgspecError, ValueError, UnicodeError) as error:
            noted.bad(number, _told(error))
            continue
        channel = str(contact.facts.get(CHANNEL) or "")
        if channel not in CHANNELS:
            noted.unknown_channel(channel)
        yield contact


def _texts(path: Path, noted: Noted) -> Iterator[tuple[int, str | msgspec.Raw]]:
    with opened(path) as file:
        try:
            first = file.readline()
            if first.lstrip("\ufeff \t").startswith("["):
                yield from enumerate(_list.decode(first.lstrip("\ufeff") + file.read()), 1)
                return
            for number, line in enumerate(chain((first.lstrip("\ufeff"),), file), 1):
                if line.strip():
                    yield number, line
        except msgspec.DecodeError:
            raise ConfigurationError(f"{path}: expected a JSON list of contacts", field="FILE") from None
        except (EOFError, gzip.BadGzipFile, zlib.error):
            noted.bad(0, "the file is damaged from some line on")


def _recorded(line: ContactLine) -> Recorded:
    at = line.received_at
    if isinstance(at, datetime):
        if at.tzinfo is None:
            raise ValueError("received_at: expected a zone")
        at = round(at.timestamp() * 1000)
    if not 0 <= at <= LAST_MS:
        raise ValueError("received_at: out of range")
    channel = CHANNELS.get(str(line.facts.get(CHANNEL) or ""))
    facts = line.facts if line.facts.get(MEDIUM) or channel is None else {**line.facts, MEDIUM: channel.medium}
    matters = tuple((matter.topic, matter.resolution) for matter in line.matters)
    return Recorded(line.id, at, facts, matters, line.person, line.observed)


def _told(error: Exception) -> str:
    """What is wrong, by field; never the value."""
    if isinstance(error, msgspec.ValidationError):
        return str(error)
    return str(error) if isinstance(error, ValueError) and str(error).startswith("received_at") else "not JSON"
