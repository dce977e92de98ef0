"""Which files the content of a part of the journal refers to. Blocking: call it in a thread. Writes nothing."""

import re
from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection, Engine, select

from router.errors import NotFound
from router.journal import ContentRef
from router.register import schema
from router.register.blobs import Blobs
from router.register.engine import using

_NAME = re.compile(rb"[0-9a-f]{64}")
ENTRIES_AT_ONCE = 1_000


class _Data(msgspec.Struct):
    contact: str = ""
    content: tuple[ContentRef, ...] = ()


class _Entry(msgspec.Struct):
    data: _Data = msgspec.field(default_factory=_Data)


_decode = msgspec.json.Decoder(_Entry).decode


def referred_to(engine: Engine, blobs: Blobs, since_n: int) -> tuple[frozenset[str], int]:
    """Every file named by content of the entries after `since_n`, also by long content; and the last of the entries.

    Raises:
        RegisterUnavailable: the register does not answer.
    """
    found: set[bytes] = set()
    with using(engine) as connection:
        while entries := _entries(connection, since_n):
            for n, entry in entries:
                data = _decode(entry).data
                for body in _bodies(connection, data.contact, [ref.number for ref in data.content]):
                    found |= _names(body, blobs)
                since_n = n
    return frozenset(name.decode() for name in found), since_n


def _entries(connection: Connection, after_n: int) -> list[tuple[int, bytes]]:
    entry = schema.journal.c
    query = select(entry.n, entry.entry).where(entry.n > after_n).order_by(entry.n).limit(ENTRIES_AT_ONCE)
    return [(n, raw) for n, raw in connection.execute(query)]


def _bodies(connection: Connection, contact: str, numbers: list[int]) -> Iterator[bytes]:
    if numbers:
        record = schema.content.c
        query = select(record.body).where(record.contact == contact, record.number.in_(numbers))
        yield from (body for body in connection.scalars(query) if body is not None)


def _names(body: bytes, blobs: Blobs) -> set[bytes]:
    """Names in a record, and in what it names: long content stands in a file of its own, with its attachments."""
    names = set(_NAME.findall(body))
    inside: set[bytes] = set()
    for name in names:
        try:
            inside |= set(_NAME.findall(blobs.get(name.decode())))
        except NotFound:
            continue
    return names | inside
