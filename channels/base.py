"""What a channel is: what it hands in, what it is told, what it may ask. Knows nothing of the store."""

from typing import Literal, Protocol, runtime_checkable

import msgspec

from channels.inbound import Attachment, InboundContact, InboundEnd, InboundMessage, Location, Scan
from channels.public_state import Nearby, Period, PublicState


class Capabilities(msgspec.Struct, frozen=True):
    """What a channel is, as data."""

    code: str
    medium: Literal["voice", "messaging", "written", "in_person"]
    default_capacity: int
    """How many of these an agent handles at once unless the profile says otherwise."""


class Key(msgspec.Struct, frozen=True):
    """Names one thing that a channel tells. The same key again is the same thing: answered, not done twice."""

    source: str
    """Where it came in: a mailbox, a line, a site; URI-reference."""
    id: str
    """Constant over every retry: a message id, an event's id."""
    subject: str = ""
    """The channel's own name of the conversation; later keys of the same source and subject name the same contact."""


class Taken(msgspec.Struct, frozen=True):
    """What became of a contact that was handed in; everything in it is on disk."""

    contact: str
    state: str
    is_new: bool = True
    """False when the key was known: whoever answers the resident has answered already."""
    queue: str = ""
    wait_s: int | None = None
    """Estimated wait; None when it is not known."""
    answer: str = ""
    """What the strategy says at once: a disturbance's message, an answer; empty otherwise."""
    ahead: int | None = None
    """As in `Seen`; whoever has just come is not told a number yet, `wait` brings it."""


class Connection(msgspec.Struct, frozen=True):
    """An agent has taken a contact: resident and agent are to be brought together."""

    contact: str
    leg: str
    """Names this attempt: the same leg again is the same attempt."""
    agent: str
    source: str
    subject: str
    """The channel's own name of the conversation, from the key it was handed in with; empty when the agent calls."""
    callback_to: str = ""
    """The resident's number in a callback: the agent is called first, then they are; the agent says who answered."""
    agent_name: str = ""
    """What the agent is called, for a channel that tells the resident; empty when it is not known."""


class Outgoing(msgspec.Struct, frozen=True, omit_defaults=True):
    """Words for the resident."""

    contact: str
    number: int
    """Of the content record that holds the words; (contact, number) names the message, whoever sends it how often."""
    text: str
    subject: str = ""
    """Subject line of the conversation."""
    to: str = ""
    """Address or number, where the channel needs one."""
    source: str = ""
    kind: Literal["reply", "acknowledgement", "transcript", "notice"] = "reply"
    """Everything but a reply is automatic mail and says so."""
    thread: tuple[str, ...] = ()
    """The resident's own message ids in this conversation, oldest first."""
    attachments: tuple[Attachment, ...] = ()


class Sent(msgspec.Struct, frozen=True):
    """How sending went."""

    outcome: Literal["sent", "failed", "later"]
    """`later`: try again; `failed`: it never will be, tell whoever wrote it."""
    reason: str = ""
    """Code, never the other side's words: `refused-recipient`, `no-address`, `unreachable`."""
    external_id: str = ""
    """What delivery reports will call it."""


class Seen(msgspec.Struct, frozen=True):
    """An open contact as its channel may know it: no words, no names."""

    contact: str
    state: str
    source: str
    subject: str
    queue: str = ""
    agent: str = ""
    leg: str = ""
    leg_state: str = ""
    wait_s: int | None = None
    ahead: int | None = None
    """How many who came earlier still wait live in the same queue; None when it is not known, or nobody waits here."""
    is_sent_on: bool = False
    """The agent has sent the resident on to somebody outside, and wraps up."""
    announce: str = ""
    """Announcement that the queue's floor rules ask for; empty for none."""
    callback_state: str = ""


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """One content record as the resident may read it again: what they wrote and were answered, never a note."""

    number: int
    by: Literal["resident", "agent", "service"]
    text: str
    at: int = 0
    attachments: tuple[Attachment, ...] = ()
    thread: str = ""
    """The channel's own name of the resident's message, as it was handed in."""


class Kept(msgspec.Struct, frozen=True):
    """An attachment that is on disk, and what the scanner said of it."""

    blob: str
    scan: Scan = ""
    """Goes into `Attachment.scan`: what is not '' or `clean` is kept back."""


Signal = Literal["typing", "paused", "delivered", "read"]
"""The resident writes, or has stopped; the agent's words up to a number have arrived, or were seen."""


class Inbox(Protocol):
    """What a channel may ask of the service, and all that it knows of it.

    What tells something returns when it is fsynced and may be called again with the same key. Every method raises
    `ServicecenterError`: `channels.faults.is_recoverable` says whether the same call can succeed later.
    """

    async def receive(self, key: Key, contact: InboundContact) -> Taken:
        """A resident gets in touch. Whoever told them that it arrived must have this behind them."""
        ...

    async def message(self, key: Key, message: InboundMessage) -> str:
        """They say more. Raises NotFound when the contact is over: then it is a new contact, `in_reply_to` the old."""
        ...

    async def end(self, key: Key, end: InboundEnd) -> str:
        """They have gone: hung up, left, or want no answer any more. An end before its contact waits for it."""
        ...

    async def report(
        self, contact: str, number: int, outcome: Literal["delivered", "failed"], reason: str = ""
    ) -> None:
        """What became of words that were sent. Raises NotFound when nothing was sent under this number."""
        ...

    async def connected(self, leg: str) -> None:
        """Resident and agent hear each other, or read each other. Later calls change nothing."""
        ...

    async def fail_setup(self, leg: str, reason: str) -> None:
        """They could not be brought together, or not again: back to whoever has just passed it on, or to its place.

        The leg of somebody who was to take part beside ends, and whoever asked them is told. `agent_unreachable` sets
        the agent away; `no_answer` says that the resident of a call back was rung in vain: it is tried again.
        """
        ...

    async def fail_transfer(self, contact: str, reason: str) -> None:
        """Nobody answered where the resident was sent on to: back to whoever sent them, or to their place.

        Raises NotFound when the contact is over: then it is a new contact, `in_reply_to` the old.
        """
        ...

    async def left(self, leg: str) -> None:
        """Whoever took part beside has hung up; how the owner's conversation ends is told by `end`."""
        ...

    async def call_back(self, contact: str, to: str) -> None:
        """They would rather be called at this number. Raises StateError or InputError when nobody can promise it."""
        ...

    async def signal(self, contact: str, signal: Signal, number: int = 0) -> None:
        """What the resident does meanwhile, for whoever has the contact; kept nowhere, may be dropped, never raises."""
        ...

    async def owe(self, message: Outgoing) -> int:
        """Words of the service's own, once per (contact, kind): kept now, sent through `send`; their number."""
        ...

    async def keep(self, body: bytes, *, refuses_infected: bool = False) -> Kept:
        """An attachment, scanned, durable on return; a contact is not lost for its file, so that is kept in any case.

        `refuses_infected` where somebody can choose another file: raises InfectedFile, and nothing is kept.
        """
        ...

    async def kept(self, blob: str) -> bytes:
        """The bytes of an attachment. Raises NotFound."""
        ...

    async def look(self, contact: str) -> Seen | None:
        """An open contact, None once it is over."""
        ...

    async def open_contacts(self) -> tuple[Seen, ...]:
        """Everything open that this adapter handed in: to find again what happened while it was not looking."""
        ...

    async def said(self, contact: str, after: int = 0) -> tuple[Said, ...]:
        """What resident and service have written to each other since record `after`."""
        ...

    async def public_state(self, contact: str) -> PublicState | None:
        """A contact that this adapter handed in, open or over; None for any other and for a protected person's."""
        ...

    async def public_states(self, period: Period) -> tuple[PublicState, ...]:
        """Those of a period, newest first, a protected person's left out."""
        ...

    async def nearby(self, topic: str, location: Location) -> Nearby:
        """What is known already where a fault is about to be reported."""
        ...

    def admits(self, queue: str) -> bool:
        """Whether the queue lets somebody new in now who wants to talk: open, and not about to close."""
        ...

    def sign(self, *parts: str) -> str:
        """16 base32 characters that only this service could have made of these parts: addresses, resume tokens."""
        ...


State = Literal["stopped", "starting", "up", "degraded", "down", "replaced"]


class Health(msgspec.Struct, frozen=True):
    """How a channel is: `/metrics`, `/readyz` and `doctor` show it."""

    state: State
    """`degraded`: some work waits; `down`: nothing comes in or out; `replaced`: another process took the line over."""
    backlog: int = 0
    """What came in and is not told yet, or is not sent yet."""
    reason: str = ""
    """Slug of what is wrong."""


class Channel(Protocol):
    """What every adapter can do. Tells the inbox what happens outside, does outside what the service decides.

    Every call may come twice and late: name what is made outside after `leg` or (contact, number), and a second call
    finds it. None may wait for a person: what takes time is told through the inbox. None may raise for bad weather.
    """

    @property
    def name(self) -> str:
        """The adapter's name: `[channels.<name>]` in the configuration, the integration of what it hands in."""
        ...

    async def start(self) -> None:
        """Called first, and after a stop when a lease comes back. Tries by itself; raises ConfigurationError alone."""
        ...

    async def stop(self) -> None:
        """Called last, or when a lease is lost. Lets what was accepted become durable, closes; conversations go on."""
        ...

    async def connect(self, connection: Connection) -> None:
        """Called when an agent has taken a contact, again after a takeover. Ends in `connected` or `fail_setup`."""
        ...

    async def send(self, message: Outgoing) -> Sent:
        """Called when words are to go out, again after `later`. May not change the words."""
        ...

    async def end(self, contact: str, reason: str) -> None:
        """Called when the conversation is over on our side: hang up, say goodbye. May be over already."""
        ...

    def health(self) -> Health:
        """Called often; reads what is known and asks nobody."""
        ...


@runtime_checkable
class Waits(Protocol):
    """Residents wait in it, and notice."""

    async def wait(self, seen: Seen) -> None:
        """Called when a contact begins to wait, and whenever what it waits for has changed: music, position, text."""
        ...


@runtime_checkable
class Holds(Protocol):
    """A conversation can stand still."""

    async def hold(self, contact: str, leg: str) -> None:
        """Called when the agent puts the resident on hold."""
        ...

    async def resume(self, contact: str, leg: str) -> None:
        """Called when the agent comes back."""
        ...


@runtime_checkable
class Transfers(Protocol):
    """A conversation can go to somebody outside."""

    async def transfer(self, contact: str, leg: str, to: str) -> None:
        """Called when the agent sends the resident on to a number; the agent's part is over."""
        ...


@runtime_checkable
class Joins(Protocol):
    """Others can take part: a consulted agent, a supervisor."""

    async def join(self, contact: str, leg: str, agent: str, *, speaks: bool) -> None:
        """Called when a side leg is answered; without `speaks` they only listen."""
        ...

    async def leave(self, contact: str, leg: str) -> None:
        """Called when the side leg has ended."""
        ...


class FileLimits(msgspec.Struct, frozen=True):
    """What may go along with one message."""

    most: int = 0
    """How many files; 0: none at all."""
    bytes_each: int = 0
    bytes_together: int = 0


@runtime_checkable
class SendsFiles(Protocol):
    """Files may go along with an agent's words: `Outgoing.attachments`, each found clean if there is a scanner."""

    def file_limits(self) -> FileLimits:
        """Asked before a file is taken from an agent; reads what is known and asks nobody."""
        ...


@runtime_checkable
class Types(Protocol):
    """Shows that somebody is writing."""

    async def typing(self, contact: str, *, is_typing: bool) -> None:
        """Called while the agent writes; may be dropped."""
        ...
