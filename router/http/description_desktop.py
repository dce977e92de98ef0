"""The desktop socket as tables: what each command answers and may be refused, frames, close codes."""

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
AT = 1_795_421_700_120


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
        Changed,
        f"{_MINE} stale-revision capture-forbidden files-not-carried too-large",
        {**_ON, "text": "Hej! Simhallen är öppen till 20.", "attachments": []},
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

ORDER: Json = {
    "kind": "queue_closed",
    "queue": "gata",
    "until": AT + 3_600_000,
    "reason": "Brandlarm i huset.",
    "by": "supervisor:lead",
    "at": AT - 120_000,
}
SNAPSHOT: Json = {
    "agent": {
        "id": "anna",
        "name": "Anna Exempel",
        "presence": "offline",
        "reason": "",
        "since": AT - 60_000,
        "form": "both",
        "skills": {"bygg": 3},
        "capacity": {"phone": 1, "chat": 2, "email": 1, "web": 1},
        "teams": ["servicecenter"],
        "can_interrupt": False,
    },
    "work": [],
    "queues": [
        {"queue": "bygg", "medium": "voice", "waiting": 2, "oldest_at": AT - 36_075, "able": 3, "wait_estimate_s": 190}
    ],
    "orders": [ORDER],
    "strategy": {"version": "2026-11-02", "hash": "b7c1f0a29d3e4456"},
    "banners": ["long_waits"],
}
