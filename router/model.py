"""The nouns: what a bucket asks for, an open contact and an agent as the store holds them, ids. No I/O, no clock."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Self, TypeVar

import msgspec

from router.journal import LIVE, AgentRecord, Asks

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_Noun = TypeVar("_Noun", bound=msgspec.Struct)
EMERGENCY, LIVE_CLASS, WRITTEN_CLASS = 0, 1, 2


def new_contact_id(now_ms: int, entropy: bytes) -> str:
    """`c` and 20 characters of base 32: 48 bits of time, then 52 bits of `entropy` (at least 7 bytes)."""
    number = (now_ms & (1 << 48) - 1) << 52 | int.from_bytes(entropy[:7], "big") >> 4
    digits: list[str] = []
    for _ in range(20):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return "c" + "".join(reversed(digits))


_asks_encoder = msgspec.json.Encoder(order="deterministic")
_asks_decoder = msgspec.json.Decoder(Asks)


def bucket_of(asks: Asks) -> tuple[str, str]:
    """The bucket's id and the JSON that names it."""
    text = _asks_encoder.encode(asks)
    return hashlib.sha256(text).hexdigest()[:16], text.decode()


def read_asks(text: bytes | str) -> Asks:
    """What a bucket asks for, from its JSON."""
    return _asks_decoder.decode(text)


def order_class(medium: str, *, is_emergency: bool) -> int:
    """Emergency before live before written."""
    if is_emergency:
        return EMERGENCY
    return LIVE_CLASS if medium in LIVE else WRITTEN_CLASS


def requirements(require: Mapping[str, int] | Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Requirements in the one order that makes equal ones equal."""
    return tuple(sorted(dict(require).items()))


class OpenContact(msgspec.Struct, omit_defaults=True, kw_only=True):
    """An open contact as the store's hash holds it."""

    id: str = ""
    state: str = ""
    rev: int = 0
    channel: str = ""
    medium: str = ""
    queue: str = ""
    topic: str = ""
    bucket: str = ""
    received_at: int = 0
    ready_at: int = 0
    due_at: int = 0
    score: int = 0
    wait_until: int = 0
    step: int = 0
    person: str = ""
    identity: str = "none"
    protection: str = "none"
    restricted: int = 0
    generation: int = 1
    agent: str = ""
    offer: str = ""
    offers: int = 0
    expires_at: int = 0
    leg: str = ""
    legs: int = 0
    leg_state: str = ""
    leg_since: int = 0
    leg_until: int = 0
    handover: str = ""
    handovers: int = 0
    handover_state: str = ""
    handover_rev: int = 0
    unit: str = ""
    terms: str = ""
    case: str = ""
    case_state: str = ""
    contents: int = 0
    integration: str = ""
    source: str = ""
    subject: str = ""
    decision: str = ""
    facts: str = ""
    placed: str = ""
    closed_at: int = 0

    @classmethod
    def from_hash(cls, contact_id: str, row: Mapping[bytes, bytes]) -> Self | None:
        """Read the hash; None when there is no such contact."""
        return _from_hash(cls, contact_id, row)


class Agent(msgspec.Struct, omit_defaults=True, kw_only=True):
    """An agent as the store's hash holds it."""

    id: str = ""
    name: str = ""
    profile: str = ""
    presence: str = ""
    rev: int = 0
    reason: str = ""
    since: int = 0
    next: str = ""
    form: str = "both"
    lease: str = ""
    lease_rev: int = 0
    connected: int = 0
    session: str = ""
    idle_since: int = 0
    cool_written: int = msgspec.field(default=0, name="cool:written")
    """No written offer before this (epoch ms)."""

    @classmethod
    def from_hash(cls, agent_id: str, row: Mapping[bytes, bytes]) -> Self | None:
        """Read the hash; None when there is no such agent."""
        return _from_hash(cls, agent_id, row)

    def record(self) -> AgentRecord:
        """Skills, teams and capacity."""
        return msgspec.json.decode(self.profile, type=AgentRecord) if self.profile else AgentRecord()


def _from_hash(kind: type[_Noun], thing_id: str, row: Mapping[bytes, bytes]) -> _Noun | None:
    if not row or (b"state" not in row and b"presence" not in row):
        return None
    fields = {key.decode(): value.decode() for key, value in row.items()}
    return msgspec.convert({**fields, "id": thing_id}, kind, strict=False)
