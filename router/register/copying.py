"""Stage 1: copies the stream entry by entry into `journal`, with the content that the entries refer to.

It judges nothing but order and identity: numbers without a gap, and the last stored entry still the stream's own.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, Engine, select

from router.errors import ServicecenterError
from router.journal import ContentRef
from router.lifecycle import Transition, is_final
from router.register.engine import using
from router.register.positions import PositionLost, Stall, clear_stall, move, read_position, read_stall, set_stall
from router.register.schema import FORGOTTEN, JOURNAL, content, journal
from router.register.shelving import insert_new
from router.register.stream import JournalSource, Raw, Wanted
from router.store.keys import contact_of

BATCH = 2_000
UNDECODED = "undecoded"


class JournalForked(ServicecenterError):
    """The store's journal is not the one that this register holds; nothing is copied before they are reconciled."""

    slug = "journal-forked"
    state = "forked"


class JournalGap(JournalForked):
    """Entries are missing between the register and the store's journal."""

    slug = "journal-gap"
    state = "gap"


class _Data(msgspec.Struct):
    contact: str = ""
    content: tuple[ContentRef, ...] = ()


class Envelope(msgspec.Struct):
    """What stage 1 needs of an entry, whatever version wrote it."""

    at: int = 0
    command: str = ""
    transitions: tuple[Transition, ...] = ()
    data: _Data = msgspec.field(default_factory=_Data)

    @property
    def contact(self) -> str:
        """The contact whose content the entry refers to."""
        return self.data.contact or next((contact_of(t.id) for t in self.transitions), "")

    def ended(self) -> list[str]:
        """Contacts that are over with this entry."""
        return [t.id for t in self.transitions if t.machine == "contact" and is_final("contact", t.after)]


class Copied(NamedTuple):
    """What one batch stored."""

    n: int
    """The last entry that the register holds now."""
    taken: int
    ended: list[tuple[int, str]]
    """(entry, contact) of the contacts that are over."""
    is_led_by_other: bool = False
    """Another projector stored them first."""


Record = dict[str, object]
_envelope = msgspec.json.Decoder(Envelope)


async def copy_batch(engine: Engine, source: JournalSource, now_ms: int, limit: int = BATCH) -> Copied:
    """Store the next entries, at most `limit`.

    Raises:
        JournalForked: the stream does not continue what the register holds; `stage_status` says so too.
        RegisterUnavailable: the register is locked or down.
        StoreUnavailable: the store is.
    """
    with using(engine) as connection:
        last = _last(connection)
    found = await source.read(last.n, limit + 1) if last.n else await source.read(1, limit)
    try:
        new = following(last, found)
    except JournalForked as error:
        with using(engine) as connection:
            set_stall(connection, Stall(JOURNAL, error.state, last.n, error.detail, now_ms))
        raise
    if not new:
        return Copied(last.n, 0, [])
    opened = [(raw, _opened(raw.entry)) for raw in new]
    records = await _records(source, opened)
    await source.barrier()
    try:
        with using(engine) as connection:
            move(connection, JOURNAL, last.n, new[-1].n, now_ms)
            connection.execute(journal.insert(), [_row(*pair) for pair in opened])
            if records:
                connection.execute(insert_new(connection.dialect.name, content), records)
            _tell(connection, [raw.n for raw, envelope in opened if envelope is None], now_ms)
    except PositionLost as lost:
        return Copied(lost.n, 0, [], is_led_by_other=True)
    return Copied(new[-1].n, len(new), _ended(opened))


def following(last: Raw, found: Sequence[Raw]) -> list[Raw]:
    """The entries of `found` that come after `last`, which must be its first.

    Raises:
        JournalForked: the last stored entry is missing or another.
        JournalGap: a number is missing.
    """
    if last.n:
        if not found or found[0].n != last.n:
            raise JournalForked(f"the store does not hold entry {last.n} any more")
        if found[0].entry != last.entry:
            raise JournalForked(f"entry {last.n} is another one in the store")
    new = list(found[1:] if last.n else found)
    for expected, raw in enumerate(new, last.n + 1):
        if raw.n != expected:
            raise JournalGap(f"entry {raw.n} follows {expected - 1}")
    return new


def ended_since_forgotten(connection: Connection) -> list[tuple[int, str]]:
    """Contacts that are over but may not have been forgotten when this register was last in use."""
    since = read_position(connection, FORGOTTEN)
    rows = connection.execute(select(journal.c.n, journal.c.entry).where(journal.c.n > since).order_by(journal.c.n))
    return _ended((Raw(row.n, row.entry), _opened(row.entry)) for row in rows)


def damaged_contacts(connection: Connection) -> set[str]:
    """Contacts with a content record that was missing or not what its entry said: they stay in the store."""
    return set(connection.scalars(select(content.c.contact).where(content.c.problem != "").distinct()))


def _last(connection: Connection) -> Raw:
    n = read_position(connection, JOURNAL)
    return Raw(n, connection.scalar(select(journal.c.entry).where(journal.c.n == n)) or b"") if n else Raw(0, b"")


def _opened(entry: bytes) -> Envelope | None:
    try:
        return _envelope.decode(entry)
    except msgspec.MsgspecError:
        return None


def _ended(opened: Iterable[tuple[Raw, Envelope | None]]) -> list[tuple[int, str]]:
    return [(raw.n, contact) for raw, envelope in opened if envelope for contact in envelope.ended()]


def _row(raw: Raw, envelope: Envelope | None) -> Record:
    at, command = (envelope.at, envelope.command) if envelope else (0, "")
    return {"n": raw.n, "at": at, "command": command, "entry": raw.entry}


async def _records(source: JournalSource, opened: Sequence[tuple[Raw, Envelope | None]]) -> list[Record]:
    """The content that the entries refer to, each with what is wrong with it."""
    refs = [(envelope.contact, ref) for _raw, envelope in opened if envelope for ref in envelope.data.content]
    bodies = await source.records([Wanted(contact, ref.number) for contact, ref in refs])
    return [
        {
            "contact": contact,
            "number": ref.number,
            "sha256": ref.sha256,
            "body": body,
            "problem": problem(ref, body),
            "disposed": None,
        }
        for (contact, ref), body in zip(refs, bodies, strict=True)
    ]


def problem(ref: ContentRef, body: bytes | None) -> str:
    """What is wrong with a content record; empty when nothing is."""
    if body is None:
        return "missing"
    return "" if hashlib.sha256(body).hexdigest()[:32] == ref.sha256 else "mismatch"


def _tell(connection: Connection, unread: Sequence[int], now_ms: int) -> None:
    """Say which entry can't be read; a fork that has passed is told no more, an entry once unread stays told."""
    known = read_stall(connection, JOURNAL)
    if unread and (known is None or known.state != UNDECODED):
        set_stall(
            connection, Stall(JOURNAL, UNDECODED, unread[0], "stored as it is; no contact leaves the store", now_ms)
        )
    elif known and known.state != UNDECODED:
        clear_stall(connection, JOURNAL)
