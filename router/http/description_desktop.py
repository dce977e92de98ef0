"""The desktop socket as tables: what each command answers and may be refused, what each event tells, close codes."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from router.access import Earlier
from router.cards import Card
from router.desk.amending import Amended, UncodedList
from router.desk.ground import Changed
from router.desk.handing_over import HandoverPreview
from router.desk.taking import Taken
from router.floor_figures import FloorDocument, QueueFigure, Strategy
from router.orders import Order

Json = dict[str, object]
CONTACT = "c06h02f9znr96j35g5mhe"
OTHER = "c06h02f9znr96j35g5mhf"
OFFER = f"{CONTACT}.o1"
LEG = f"{CONTACT}.l1"
SIDE_LEG = f"{CONTACT}.l2"
_AT = 1_795_421_700_120


class Presence(msgspec.Struct, frozen=True):
    """The presence reached: `available`, `away`, `draining` (until the work in hand has ended) or `offline`."""

    presence: str


class Form(msgspec.Struct, frozen=True):
    """Which work the agent takes from now on."""

    form: str


class Identified(msgspec.Struct, frozen=True):
    """Who the resident now is, as a pseudonymous key, how sure that is, and the protection that is known of them."""

    contact_id: str
    person: str
    identity: str
    protection: str


class History(msgspec.Struct, frozen=True):
    """Earlier contacts, newest first and without content; none for residents whom nobody knows for sure."""

    identity: str
    contacts: list[Earlier]


class Queues(msgspec.Struct, frozen=True):
    """The queues as they were measured last, at most a second ago."""

    queues: list[QueueFigure]


class SnapshotAgent(msgspec.Struct, frozen=True):
    """The agent."""

    id: str
    name: str
    presence: str
    reason: str
    """Why the presence is so: what the agent gave, `not_responding`, `lease_lost`."""
    since: int
    """Epoch ms."""
    form: str
    skills: dict[str, int]
    capacity: dict[str, int]
    teams: list[str]
    can_interrupt: bool
    """Whether a call may interrupt written work."""


class Snapshot(msgspec.Struct, frozen=True):
    """Everything a desktop needs to draw itself."""

    agent: SnapshotAgent
    work: list[Card]
    """Offers still open and contacts in hand; `state` and `leg_state` tell them apart."""
    queues: list[QueueFigure]
    orders: list[Order]
    """Supervisors' standing orders that hold: queues opened, closed or diverted, other hours, a crisis; and the floor
    rules that the strategy lets hold, with what they have those who wait told (`announce`)."""
    strategy: Strategy | None
    """The channel strategy that decides for everybody now; null before the floor was measured."""
    banners: list[str]
    """What the floor rules that hold have every desktop show, the longest first; `order.set` brings and ends them."""
    floor: FloorDocument | None = None
    """The whole floor; in a supervisor's snapshot alone."""


class OfContact(msgspec.Struct, frozen=True):
    """Done; nothing was journaled."""

    contact_id: str


class Answered(NamedTuple):
    """What a command answers, what it may be refused with, and an example of its data."""

    answer: type[msgspec.Struct]
    problems: str
    """Slugs beside those of every command."""
    example: Json


EVERY_COMMAND = "schema-mismatch malformed-body too-many-requests store-unavailable internal"
_MINE = "not-found not-yours"
_ON: Json = {"contact_id": CONTACT}

COMMANDS: Mapping[str, Answered] = {
    "presence.set": Answered(Presence, "", {"state": "available"}),
    "presence.form": Answered(Form, "", {"form": "both"}),
    "offer.accept": Answered(Changed, "offer-gone not-yours stale-revision", {"offer_id": OFFER, "rev": 4}),
    "offer.decline": Answered(
        Changed, "not-found offer-gone not-yours stale-revision", {"offer_id": OFFER, "rev": 4, "reason": "wrong_skill"}
    ),
    "message.send": Answered(
        Changed, f"{_MINE} stale-revision capture-forbidden", {**_ON, "text": "Hej! Simhallen är öppen till 20."}
    ),
    "note.add": Answered(
        Changed, f"{_MINE} stale-revision capture-forbidden", {**_ON, "text": "Vill bli uppringd efter lunch."}
    ),
    "topic.set": Answered(Changed, f"{_MINE} unknown-topic", {**_ON, "topic": "BYG.LOV"}),
    "fact.set": Answered(
        Changed, "not-found forbidden unknown-fact", {**_ON, "fact": "declared_need", "value": "hearing"}
    ),
    "person.identify": Answered(
        Identified,
        f"{_MINE} stale-revision capture-forbidden",
        {**_ON, "party_id": "kund-2210", "phone": "+46701740605", "loa": 3},
    ),
    "person.detach": Answered(Changed, _MINE, _ON),
    "contact.read": Answered(Card, "not-found forbidden", {**_ON, "reason": "resident_asks"}),
    "contact.attach": Answered(
        Changed, "not-found forbidden stale-revision transition-refused", {"contact_id": OTHER, "to": CONTACT}
    ),
    "suggestion.answer": Answered(
        Changed, f"{_MINE} forbidden stale-revision transition-refused", {**_ON, "generation": 2, "consent": True}
    ),
    "callback.schedule": Answered(
        Changed,
        f"{_MINE} forbidden stale-revision transition-refused",
        {**_ON, "keep_place": True, "note": "Vill bli uppringd på samma nummer."},
    ),
    "callback.result": Answered(
        Changed, f"{_MINE} forbidden stale-revision transition-refused", {**_ON, "result": "no_answer"}
    ),
    "history.get": Answered(History, "not-found forbidden register-unavailable", {**_ON, "limit": 20}),
    "queue.list": Answered(Queues, "", {}),
    "typing": Answered(OfContact, f"{_MINE} forbidden transition-refused", _ON),
    "draft.save": Answered(OfContact, _MINE, {**_ON, "text": "Hej! Simhallen"}),
    "work.pull": Answered(
        Taken, "not-found forbidden stale-revision transition-refused no-capacity unknown-queue", {"queue": "bygg"}
    ),
    "work.create": Answered(
        Taken,
        "no-capacity unknown-channel unknown-topic",
        {"channel": "visit", "topic": "KUF.BIB", "person": {"phone": "+46701740605"}},
    ),
    "work.park": Answered(
        Changed,
        f"{_MINE} forbidden stale-revision transition-refused unknown-unit",
        {**_ON, "reply": True, "unit": "gata", "note": "Väntar på gatukontoret."},
    ),
    "work.transfer": Answered(
        Changed,
        f"{_MINE} forbidden stale-revision transition-refused no-capacity unknown-queue unknown-unit",
        {**_ON, "to": {"queue": "bygg"}, "kind": "cold", "note": "Gäller bygglov för ett uterum."},
    ),
    "work.undo": Answered(Changed, f"{_MINE} transition-refused no-capacity", _ON),
    "consult.start": Answered(
        Changed, f"{_MINE} forbidden transition-refused no-capacity", {**_ON, "to": {"agent": "berit"}}
    ),
    "consult.answer": Answered(Changed, f"{_MINE} transition-refused", {"leg_id": SIDE_LEG}),
    "consult.decline": Answered(Changed, f"{_MINE} transition-refused", {"leg_id": SIDE_LEG, "reason": "knowledge"}),
    "consult.end": Answered(Changed, f"{_MINE} transition-refused", {"leg_id": SIDE_LEG}),
    "work.hold": Answered(Changed, f"{_MINE} transition-refused", _ON),
    "work.resume": Answered(Changed, f"{_MINE} transition-refused", _ON),
    "work.finish": Answered(
        Changed,
        f"{_MINE} stale-revision transition-refused unknown-topic unknown-outcome",
        {
            **_ON,
            "outcomes": [
                {"topic": "BYG.LOV", "resolution": "answered"},
                {"topic": "KUF.BAD", "resolution": "unresolved", "cause": "knowledge"},
            ],
        },
    ),
    "outcome.amend": Answered(
        Amended,
        "not-found not-yours transition-refused stale-revision outcome-frozen unknown-topic unknown-outcome "
        "register-unavailable",
        {**_ON, "outcomes": [{"topic": "BYG.LOV", "resolution": "guided"}], "amendments": 0},
    ),
    "outcome.list": Answered(UncodedList, "register-unavailable", {"limit": 50}),
    "handover.preview": Answered(HandoverPreview, "not-found forbidden unknown-unit", {**_ON, "unit": "gata"}),
    "handover.create": Answered(
        Changed,
        f"{_MINE} forbidden stale-revision transition-refused unknown-unit unknown-topic capture-forbidden "
        "handover-incomplete",
        {**_ON, "unit": "gata", "topic": "GAT.HÅL", "note": "Hålet ligger vid övergångsstället."},
    ),
    "wrap_up.extend": Answered(Changed, f"{_MINE} transition-refused", {**_ON, "seconds": 120}),
    "wrap_up.end": Answered(Changed, f"{_MINE} transition-refused", _ON),
}

EVENTS: Mapping[str, str] = {
    "offer.issued": "A contact is offered: answer before `expires_at`, naming this `rev`. Carries the contact's card.",
    "offer.accepted": "The offer was taken: the contact is with the agent, `leg_id` names their part of it.",
    "offer.declined": "The agent said no; the contact is back at its place.",
    "offer.expired": "Nobody answered in time. A live offer also sets the agent away: `presence.away` follows.",
    "offer.revoked": "The offer was taken back without blame: `reason` says why; or the resident has gone "
    "(`contact.abandoned` in `moves`).",
    "offer.failed_setup": "The channel could not connect the conversation.",
    "contact.queued": "The contact has left the agent and waits at its place again, or waits for the agent `to` alone.",
    "contact.closed": "The work has ended.",
    "contact.abandoned": "The resident has gone before the conversation began.",
    "contact.handed_over": "The contact is a unit's now; `handover_id` names the contract.",
    "leg.connecting": "The channel sets the conversation up.",
    "leg.connected": "The conversation goes on, after hold or set-up.",
    "leg.on_hold": "The resident waits on hold.",
    "leg.interrupted": "Written work stands still while a live contact is taken.",
    "leg.wrapping_up": "The resident has gone, or more time was taken: finish before `until`.",
    "leg.ended": "The agent's part has ended.",
    "presence.available": "Offers may come.",
    "presence.away": "No offers come; `reason` `not_responding` when an offer was not answered.",
    "presence.draining": "No new offers; the wanted presence comes when the work in hand has ended.",
    "presence.offline": "Not at work; `reason` `lease_lost` when the desktop was gone too long.",
    "message.recorded": "The resident has written more: `message` holds the new words.",
    "message.sent": "The agent has written to the resident; told to whoever takes part beside them.",
    "sending.owed": "Words for the resident could not be sent yet and will be tried again; `reason` says why.",
    "sending.sent": "Words for the resident have left us: `sending_id` names them.",
    "sending.delivered": "Words for the resident have arrived, as far as the provider knows.",
    "sending.failed": "Words for the resident did not arrive and will not be tried again: reach them in another way.",
    "progress.recorded": "A unit or a message provider has told progress.",
    "topic.set": "The contact's topic was set.",
    "form.set": "Which work the agent takes was set.",
    "profile.put": "A supervisor has written the agent's profile: `profile` is what they can from now on.",
    "order.set": "A supervisor's standing order, told to everybody: a queue opened, closed or diverted, other hours, a "
    "crisis, a disturbance; or a floor rule that holds or ends, with what it has desktops show (`banner`).",
    "strategy.activated": "A strategy version is in service, or will be from `begins_at`; told to everybody.",
    "strategy.ended": "A version is out of service: rolled back, its time over, or withdrawn (`state`).",
    "strategy.restored": "The store had lost what is in service and was told again.",
    "decision.made": "The strategy was asked again about the contact: what it says holds; masked content is gone.",
    "suggestion.made": "The strategy says something else now: it is done when `suggestion.answer` agrees.",
    "contact.no_one_possible": "Nobody at work can ever take the contact; it leaves by the next way out.",
    "contact.parked": "Put aside until `until`, a reply or a unit's word; it takes no room.",
    "contact.callback": "The resident shall be called; `callback_id` names the promise.",
    "contact.cancelled": "Nobody needs an answer any more.",
    "contact.with_agent": "The contact is with the agent: taken from a queue, resumed, or passed on by a colleague.",
    "leg.mode_set": "A supervisor who takes part listens from now on, or speaks as well: `status` tells which.",
    "outcome.amended": "How the contact's matters ended was said anew, by the agent or a supervisor (`by`, `reason`).",
    "person.detached": "It is somebody else: nobody is known any more.",
}
"""What the common events tell; any other type is read as `<machine>.<state>`."""

CARD: Json = {
    "contact_id": CONTACT,
    "rev": 4,
    "state": "offered",
    "channel": "phone",
    "medium": "voice",
    "received_at": _AT - 36_075,
    "queue": "bygg",
    "topic": "BYG.LOV",
    "person": "pnfb052ede8f7d9573321ad5cd",
    "identity": "likely",
    "offer_id": OFFER,
    "expires_at": _AT + 20_000,
    "suggestions": ["checklist:bygglov"],
    "offers": ["callback"],
    "content": {"channel": "phone", "person": {"phone": "+46701740605"}, "topic": "BYG.LOV"},
}
_ACCEPTED = ["offer.accepted", "contact.with_agent", "leg.connecting", "leg.connected"]
_NAMED: Json = {"at": _AT, "contact_id": CONTACT}
ORDER: Json = {
    "kind": "queue_closed",
    "queue": "gata",
    "until": _AT + 3_600_000,
    "reason": "Brandlarm i huset.",
    "by": "supervisor:lead",
    "at": _AT - 120_000,
}
EVENT_EXAMPLES: Mapping[str, Json] = {
    "offer.issued": {
        **_NAMED,
        "offer_id": OFFER,
        "rev": 4,
        "medium": "voice",
        "channel": "phone",
        "queue": "bygg",
        "expires_at": _AT + 20_000,
        "reason": "longest_idle",
        "state": "issued",
        "moves": ["contact.offered", "offer.issued"],
        "contact": CARD,
    },
    "offer.accepted": {
        **_NAMED,
        "offer_id": OFFER,
        "leg_id": LEG,
        "rev": 5,
        "state": "accepted",
        "moves": _ACCEPTED,
    },
    "leg.wrapping_up": {
        **_NAMED,
        "leg_id": LEG,
        "medium": "voice",
        "until": _AT + 90_000,
        "reason": "hung_up",
        "state": "wrapping_up",
        "moves": ["leg.wrapping_up"],
    },
    "contact.closed": {
        **_NAMED,
        "leg_id": LEG,
        "rev": 6,
        "state": "closed",
        "moves": ["leg.ended", "contact.closed"],
    },
    "presence.away": {"at": _AT, "reason": "not_responding", "state": "away", "moves": ["presence.away"]},
    "order.set": {
        "at": _AT,
        "by": "supervisor:lead",
        "queue": "gata",
        "until": _AT + 3_600_000,
        "reason": "Brandlarm i huset.",
        "order": ORDER,
    },
    "strategy.activated": {
        "at": _AT,
        "by": "strategy_owner:olle",
        "reason": "Beslut i styrgruppen.",
        "to": "s0a1b2c3d4e5",
        "activations": [
            {
                "id": "s0a1b2c3d4e5",
                "hash": "b7c1f0a29d3e4456",
                "version": "2026-11-02",
                "state": "active",
                "rev": 1,
                "number": 3,
                "begins_at": _AT,
            }
        ],
    },
    "contact.queued": {
        **_NAMED,
        "by": "supervisor:lead",
        "leg_id": LEG,
        "rev": 8,
        "medium": "messaging",
        "channel": "chat",
        "queue": "bygg",
        "to": "bygg",
        "reason": "Anna har gått hem.",
        "state": "queued",
        "moves": ["leg.ended", "contact.queued"],
    },
}

SNAPSHOT: Json = {
    "agent": {
        "id": "anna",
        "name": "Anna Exempel",
        "presence": "offline",
        "reason": "",
        "since": _AT - 60_000,
        "form": "both",
        "skills": {"bygg": 3},
        "capacity": {"phone": 1, "chat": 2, "email": 1, "web": 1},
        "teams": ["servicecenter"],
        "can_interrupt": False,
    },
    "work": [],
    "queues": [
        {"queue": "bygg", "medium": "voice", "waiting": 2, "oldest_at": _AT - 36_075, "able": 3, "wait_estimate_s": 190}
    ],
    "orders": [ORDER],
    "strategy": {"version": "2026-11-02", "hash": "b7c1f0a29d3e4456"},
    "banners": ["long_waits"],
}
