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


def read_declined(text: bytes) -> dict[str, int]:
    """Who has declined a contact, and until when they are not asked again (epoch ms): lines of `until agent`."""
    lines = (line.split(" ", 1) for line in text.decode().splitlines())
    return {agent: int(until) for until, agent in lines}


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
    leg_offer: str = ""
    """The offer that the owner's leg came by; empty when it was passed on, pulled or taken back."""
    leg_until: int = 0
    handover: str = ""
    handovers: int = 0
    handover_state: str = ""
    handover_rev: int = 0
    handover_overdue: int = 0
    """How many promised times its handovers have missed."""
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
    ways: str = ""
    """How the resident can be reached beside this contact: `phone`, `email`, comma separated."""
    has_text: int = 0
    """1 when the resident has said in writing what they want."""
    callback: str = ""
    callback_state: str = ""
    callback_at: int = 0
    """When to call (epoch ms); 0 when it is their turn."""
    callback_by: str = ""
    """The agent who promised to call; empty when any may."""
    attempts: int = 0
    notices: int = 0
    stranded_at: int = 0
    """Since when nobody can ever take it (epoch ms)."""
    suggested: str = ""
    """A decision that waits for the agent's word (JSON of router.redeciding.Suggestion)."""
    attached_to: str = ""
    """The contact that this one was answered with."""
    has_attached: int = 0
    """1 when words of other contacts stand beside its own."""
    parked_until: int = 0
    """When parked work returns at the latest (epoch ms)."""
    parked_reply: int = 0
    """1 when parked work returns with the resident's next message."""
    parked_unit: str = ""
    """The unit whose word parked work waits for."""
    owing: int = 0
    """How many words for the resident are not sent yet."""
    transferred_to: str = ""
    """The unit or number outside that the call went on to."""
    point: str = ""
    """Where the fault is that it reports: latitude and longitude; empty for every other contact."""
    duty: str = ""
    """Where its handover stands in a duty chain (JSON of router.duty_rounds.Duty)."""
    undo: str = ""
    """What the last agent may take back for a moment: state reached, when, by whom."""

    @classmethod
    def from_hash(cls, contact_id: str, row: Mapping[bytes, bytes]) -> Self | None:
        """Read the hash; None when there is no such contact."""
        return _from_hash(cls, contact_id, row)


class SideLeg(msgspec.Struct, frozen=True):
    """A leg beside the owner's as the store's hash holds it."""

    state: str
    rev: int
    role: str
    """consult, supervisor or wrap."""
    agent: str
    until: int
    """When it ends at the latest (epoch ms)."""

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read `state rev role agent until`; an agent's id may hold spaces."""
        state, rev, role, rest = text.split(" ", 3)
        agent, _, until = rest.rpartition(" ")
        return cls(state, int(rev), role, agent, int(until))


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
    profile_n: int = 0
    """The entry that wrote the profile."""
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
