"""The journal entry: what one command did, as it stands in the stream, in the register and on a router's tail.

An entry carries codes, times and pseudonymous ids, never a person's words, name or number: those are content
records, referred to by number and hash.
"""

from typing import Literal

import msgspec

from router.lifecycle import Transition

VERSION = 1

Medium = Literal["voice", "messaging", "written", "in_person"]
LIVE: frozenset[str] = frozenset({"voice", "messaging", "in_person"})
"""Media in which somebody waits at the other end."""


class ContentRef(msgspec.Struct, frozen=True, array_like=True):
    """Points at a content record of the contact: its number and the SHA-256 of its bytes (hex, first 32 digits)."""

    number: int
    sha256: str


class Received(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a contact when it is received, without its content."""

    channel: str
    medium: Medium
    received_at: int
    integration: str = ""
    source: str = ""
    event_id: str = ""
    topic: str = ""
    topic_confidence: int = 0
    """Per cent; 100 when the sender named the topic."""
    severity: str = ""
    person: str = ""
    """Pseudonymous person key (HMAC), empty when nobody is known."""
    person_keys: tuple[str, ...] = ()
    """All keys given: phone, e-mail, party; `person` is the strongest."""
    identity: str = "none"
    protection: str = "none"
    language: str = ""
    authority: str = ""
    lat: float | None = None
    lon: float | None = None
    preferred_notice: str = ""
    related_to: str = ""
    """What says the same already: an open contact, or `disturbance:<id>`."""
    is_observed: bool = False


class Ring(msgspec.Struct, frozen=True, omit_defaults=True):
    """A wider circle of agents, open from `after_s` of waiting on; every ring is at least as wide as the one before."""

    after_s: int
    require: tuple[tuple[str, int], ...] = ()
    teams: tuple[str, ...] = ()
    """Teams whose agents may take it; empty means everybody's."""


class Asks(msgspec.Struct, frozen=True, omit_defaults=True):
    """What every contact of one bucket asks for; the bucket's id is the hash of this.

    The innermost ring stands here itself (`require`, `teams`); `rings` are the wider ones. Which rings are open is a
    function of the waiting time, never a membership: contacts of one bucket have equal rings, so nobody behind the
    head has a wider one.
    """

    queue: str
    channel: str
    medium: str
    order_class: int
    """0 emergency, 1 live, 2 written."""
    require: tuple[tuple[str, int], ...] = ()
    """Skill and lowest level, sorted by skill."""
    is_restricted: bool = False
    teams: tuple[str, ...] = ()
    rings: tuple[Ring, ...] = ()
    head_start_s: int = 0
    target_s: int = 0
    """The strategy's own target, when it differs from the queue's: part of the order, so part of the bucket."""
    agent: str = ""
    """Waits for this agent alone, until its limit."""
    is_pulled: bool = False
    """Never offered: agents take it themselves (`work.pull`)."""

    @property
    def is_live(self) -> bool:
        """Whether somebody waits at the other end."""
        return self.medium in LIVE


class Placement(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place in a queue; kept through offers, declines and disconnects."""

    bucket: str
    asks: Asks
    score: int
    """Order inside the class, epoch ms: ready_at (live) or due_at (written) minus the head start."""
    ready_at: int
    due_at: int
    waits_from: int = 0
    """From when the waiting time of the rings counts (epoch ms): ready_at, or the queue's next opening after it."""


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one matter of a contact ended."""

    topic: str
    resolution: str
    contact_reason: str = ""
    cause: str = ""
    evidence: str = ""


class HandoverTerms(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a unit is asked to keep: deadlines in epoch ms, counted in the unit's hours."""

    unit: str
    agreement: str = ""
    topic: str = ""
    generation: int = 1
    accept_by: int = 0
    contact_by: int = 0
    finish_by: int = 0
    criterion: str = ""


class LateHandover(msgspec.Struct, frozen=True, omit_defaults=True):
    """What handover rules say of a unit that has missed a promised time again."""

    unit: str
    overdue: int
    """How many promised times it has missed."""
    escalate: str = ""
    """To whom: `unit_manager` or `supervisor`."""
    alarms: tuple[str, ...] = ()
    priority: str = ""


class CoolDown(msgspec.Struct, frozen=True):
    """No offer of this medium (or of this contact, when named) to the agent before `until` (epoch ms)."""

    agent: str
    until: int
    medium: str = ""
    contact: str = ""


class AgentRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """An agent's profile as the floor needs it; names are content and stay out."""

    skills: dict[str, int] = {}
    capacity: dict[str, int] = {}
    teams: tuple[str, ...] = ()
    can_interrupt: bool = False
    """Whether live work may interrupt this agent's written work."""


class Side(msgspec.Struct, frozen=True, omit_defaults=True):
    """A leg beside the owner's: a consult, a supervisor's, or the wrap-up of somebody who has passed the contact on."""

    leg: str
    agent: str
    role: str
    """consult, supervisor or wrap."""
    channel: str = ""
    medium: str = ""
    until: int = 0


class EntryData(msgspec.Struct, frozen=True, omit_defaults=True):
    """Facts beside the transitions; which are set depends on the command."""

    contact: str = ""
    agent: str = ""
    offer: str = ""
    leg: str = ""
    handover: str = ""
    case: str = ""
    actor: str = ""
    """Who did it: `agent:<id>`, `supervisor:<id>`, `unit:<id>`, `integration:<name>`, `strategy`, `timer`,
    `dispatch`.
    """
    reason: str = ""
    medium: str = ""
    channel: str = ""
    queue: str = ""
    expires_at: int = 0
    until: int = 0
    received: Received | None = None
    decision: msgspec.Raw = msgspec.Raw(b"")
    """The decision record with facts and trace (rules room), once per generation."""
    generation: int = 0
    chosen: msgspec.Raw = msgspec.Raw(b"")
    """Why this agent: winner, reason, losers by reason (matching)."""
    outcomes: tuple[Outcome, ...] = ()
    content: tuple[ContentRef, ...] = ()
    terms: HandoverTerms | None = None
    cool_down: CoolDown | None = None
    profile: AgentRecord | None = None
    form: str = ""
    session: str = ""
    """`<router>/<socket>` of an agent's desktop."""
    topic: str = ""
    purpose: str = ""
    """Why content was read, for access records."""
    status: str = ""
    side: Side | None = None
    """The leg beside the owner's that this entry begins, changes or ends."""
    callback: str = ""
    also: tuple[str, ...] = ()
    """Other agents whom this concerns: they are told as well."""
    to: str = ""
    """Where something went: an agent, a queue, a unit, an entry of the phone book."""
    order: msgspec.Raw = msgspec.Raw(b"")
    """A supervisor's standing order (`router.orders.Order`), whole."""
    duty: str = ""
    """The duty chain that is rung for the handover."""
    late: LateHandover | None = None
    to_contact: str = ""
    """The contact that this one was attached to, or superseded by."""
    activations: msgspec.Raw = msgspec.Raw(b"")
    """Strategy versions whose life in service this changed (`router.activations.Changed`)."""

    @property
    def asked_again_at(self) -> int:
        """When the agent may be asked about this very contact again (epoch ms); 0 is at any time."""
        cools = self.cool_down
        return cools.until if cools is not None and cools.contact and cools.contact == self.contact else 0


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry of the tenant's journal; stream id `n-0`."""

    v: int
    n: int
    at: int
    command: str
    transitions: tuple[Transition, ...]
    data: EntryData = EntryData()
    placed: Placement | None = None
    """The contact's place after this entry, when it is queued."""


_decoder = msgspec.json.Decoder(Entry)
_data_encoder = msgspec.json.Encoder()


def decode(raw: bytes) -> Entry:
    """The entry in its stream form."""
    return _decoder.decode(raw)


def encode_data(data: EntryData) -> bytes:
    """The `data` object, ready for a Lua command to set into its entry."""
    return _data_encoder.encode(data)
