"""One struct per derived row of the register: the columns, their kinds and the values of a thing that is new.

The fields stand in the order of the table's columns; schema.py builds the tables from these structs.
"""

import msgspec


class ContactRow(msgspec.Struct, gc=False):
    """A contact as the journal left it, with what its history pages, facts and measures need."""

    id: str
    rev: int = 0
    state: str = ""
    channel: str = ""
    medium: str = ""
    received_at: int = 0
    topic: str = ""
    topic_confidence: int = 0
    severity: str = ""
    person: str = ""
    person_keys: str = "[]"
    """JSON list of all keys given."""
    identity: str = "none"
    protection: str = "none"
    language: str = ""
    authority: str = ""
    integration: str = ""
    source: str = ""
    event_id: str = ""
    lat: float | None = None
    lon: float | None = None
    preferred_notice: str = ""
    related_to: str = ""
    is_observed: bool = False
    queue: str = ""
    bucket: str = ""
    order_class: int | None = None
    ready_at: int | None = None
    due_at: int | None = None
    agent: str = ""
    """Who has it, or had it when it was closed."""
    unit: str = ""
    handover: str = ""
    """The latest one."""
    generation: int = 0
    offers: int = 0
    legs: int = 0
    matters: int = 0
    open_promises: int = 0
    """Handovers offered or accepted, not done."""
    offered_at: int | None = None
    accepted_at: int | None = None
    ended_at: int | None = None
    """When the resident left or an agent's last leg ended."""
    closed_at: int | None = None
    reason: str = ""
    """Why it is in its state, when the command says so."""
    changed_at: int = 0
    changed_n: int = 0


class LegRow(msgspec.Struct, gc=False):
    """A participant's part of a contact; handling time is summed over legs."""

    id: str
    contact: str = ""
    agent: str = ""
    rev: int = 0
    state: str = ""
    since: int = 0
    began_at: int = 0
    connected_at: int | None = None
    wrapping_at: int | None = None
    ended_at: int | None = None
    hold_ms: int = 0
    interrupted_ms: int = 0
    reason: str = ""
    role: str = "owner"
    """owner, consult or supervisor; an owner who has passed the contact on stays one through wrap-up."""


class OfferRow(msgspec.Struct, gc=False):
    """A contact offered to an agent: why that agent, and what came of it."""

    id: str
    contact: str = ""
    agent: str = ""
    rev: int = 0
    state: str = ""
    medium: str = ""
    queue: str = ""
    issued_at: int = 0
    expires_at: int = 0
    ended_at: int | None = None
    reason: str = ""
    chosen: str = ""
    """JSON: the winner's reason and the losers by reason."""


class DecisionRow(msgspec.Struct, gc=False):
    """One generation of a contact's decision, whole."""

    contact: str
    generation: int
    n: int = 0
    at: int = 0
    command: str = ""
    decision: str = ""
    """JSON as the rules wrote it: facts, trace, outcome."""


class OutcomeRow(msgspec.Struct, gc=False):
    """How one matter of a contact ended; every matter that counts has exactly one row."""

    contact: str
    number: int
    topic: str = ""
    resolution: str = ""
    """As it counts now."""
    clicked: str = ""
    """As the agent gave it; empty when computed."""
    contact_reason: str = ""
    cause: str = ""
    evidence: str = ""
    agent: str = ""
    handover: str = ""
    """The handover that decides a handed-over matter's resolution."""
    is_returned: bool = False
    at: int = 0


class CaseRow(msgspec.Struct, gc=False):
    """A matter that lives on after the contact."""

    id: str
    contact: str = ""
    unit: str = ""
    topic: str = ""
    rev: int = 0
    state: str = ""
    status: str = ""
    opened_at: int = 0
    started_at: int | None = None
    closed_at: int | None = None
    changed_at: int = 0


class HandoverRow(msgspec.Struct, gc=False):
    """A contract with a unit: its terms, deadlines and what came of it."""

    id: str
    contact: str = ""
    case_id: str = ""
    rev: int = 0
    state: str = ""
    unit: str = ""
    agreement: str = ""
    topic: str = ""
    generation: int = 1
    criterion: str = ""
    accept_by: int = 0
    contact_by: int = 0
    finish_by: int = 0
    offered_at: int = 0
    accepted_at: int | None = None
    returned_at: int | None = None
    done_at: int | None = None
    overdue_at: int | None = None
    reason: str = ""
    status: str = ""
    outcomes: str = "[]"
    """JSON: what the unit says came of it; never counted as the servicecenter's."""
    changed_at: int = 0


class ThingRow(msgspec.Struct, gc=False):
    """A callback, a closure notice or a sending: state and times only."""

    id: str
    contact: str = ""
    rev: int = 0
    state: str = ""
    began_at: int = 0
    changed_at: int = 0
    reason: str = ""


class AgentRow(msgspec.Struct, gc=False):
    """An agent's profile, presence and lease as the journal left them."""

    id: str
    profile: str = ""
    """JSON of router.journal.AgentRecord."""
    presence: str = ""
    presence_rev: int = 0
    reason: str = ""
    form: str = ""
    since: int | None = None
    interval_n: int | None = None
    """Entry that opened the running interval of agent_states."""
    lease: str = ""
    lease_rev: int = 0
    lease_at: int | None = None
    session: str = ""
    """`<router>/<socket>` of the desktop that held the lease last."""


class AgentStateRow(msgspec.Struct, gc=False):
    """An interval in which an agent's presence, reason and form stood still; the running one has no end."""

    agent: str
    n: int
    state: str = ""
    reason: str = ""
    form: str = ""
    from_at: int = 0
    to_at: int | None = None


class MessageRow(msgspec.Struct, gc=False):
    """A message or note of a contact; its words are the content record."""

    contact: str
    n: int
    number: int = 0
    kind: str = "message"
    actor: str = ""
    at: int = 0


class AccessRow(msgspec.Struct, gc=False):
    """Who read a contact's content, and why."""

    n: int
    contact: str = ""
    agent: str = ""
    actor: str = ""
    purpose: str = ""
    at: int = 0


class PersonContactRow(msgspec.Struct, gc=False):
    """A contact under one of its person keys; repeats and open promises are read from here."""

    person_key: str
    at: int
    contact: str
    topic: str = ""
    """Level 2: the group and topic of the code."""
    has_promise: bool = False


class PersonLinkRow(msgspec.Struct, gc=False):
    """A person seen using a weaker key (a number, an address)."""

    person_key: str
    person: str


class EventRow(msgspec.Struct, gc=False):
    """The first contact that an integration's event became."""

    integration: str
    source: str
    event_id: str
    contact: str = ""


class GoalRow(msgspec.Struct, gc=False):
    """A count of contacts or matters received in one hour."""

    hour: int
    kind: str
    """`contact`: name is a state, or `observed`; `matter`: name is a resolution."""
    channel: str
    topic: str
    name: str
    count: int = 0


class ActivationMoveRow(msgspec.Struct, gc=False):
    """One move of a strategy version in service."""

    n: int
    strategy: str
    at: int
    event: str
    before: str
    after: str
    actor: str
    reason: str
    activation: str
    """JSON of router.activations.Activation after the move."""
