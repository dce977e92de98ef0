"""Writes journals for the register's tests: entries that follow from the state tables, as the store writes them."""

import hashlib
from collections.abc import Sequence

import msgspec

from router.journal import Asks, ContentRef, Entry, EntryData, HandoverTerms, Outcome, Placement, Received
from router.lifecycle import MACHINES, Transition, advance
from router.register.stream import Raw, Wanted

START_MS = 1_767_600_000_000
EMPTY = EntryData()
Moves = Sequence[tuple[str, str, str]]
PATHS = {"queue": "queued", "hand_over": "handed_over", "answer": "answered"}


class Journal:
    """A journal in memory: knows every thing's state and revision, so that only valid entries can be written."""

    def __init__(self, at: int = START_MS) -> None:
        self.at = at
        self.entries: list[Entry] = []
        self.bodies: dict[Wanted, bytes] = {}
        self.states: dict[tuple[str, str], tuple[str, int]] = {}
        self.counts: dict[str, int] = {}

    def state(self, machine: str, thing: str) -> str:
        """The thing's state; empty when it does not exist."""
        return self.states.get((machine, thing), ("", 0))[0]

    def can(self, machine: str, thing: str, event: str) -> bool:
        """Whether the event has a row in the thing's state."""
        return event in MACHINES[machine][self.state(machine, thing)]

    def write(self, command: str, moves: Moves = (), data: EntryData = EMPTY, placed: Placement | None = None) -> Entry:
        """Append one entry."""
        transitions: list[Transition] = []
        for machine, thing, event in moves:
            before, rev = self.states.get((machine, thing), ("", 0))
            after = advance(machine, before, event)
            self.states[machine, thing] = after, rev + 1
            transitions.append(Transition(machine, thing, rev + 1, before, event, after))
        entry = Entry(1, len(self.entries) + 1, self.at, command, tuple(transitions), data, placed)
        self.entries.append(entry)
        return entry

    def raws(self) -> list[Raw]:
        """The entries as they stand in a stream."""
        return [Raw(entry.n, msgspec.json.encode(entry)) for entry in self.entries]

    def content(self, contact: str, number: int, body: bytes) -> ContentRef:
        """Keep a content record."""
        self.bodies[Wanted(contact, number)] = body
        return ContentRef(number, hashlib.sha256(body).hexdigest()[:32])

    async def read(self, start: int, count: int) -> list[Raw]:
        """Entries from number `start` on, as stage 1 asks for them."""
        return self.raws()[start - 1 : start - 1 + count]

    async def records(self, wanted: Sequence[Wanted]) -> list[bytes | None]:
        """Content records, as stage 1 asks for them."""
        return [self.bodies.get(each) for each in wanted]

    async def barrier(self) -> None:
        """Nothing to wait for."""

    # --- what the service's commands write ---

    def thing(self, contact: str, letter: str) -> str:
        """The id of the contact's next offer (o), leg (l) or handover (h)."""
        self.counts[contact + letter] = self.counts.get(contact + letter, 0) + 1
        return f"{contact}.{letter}{self.counts[contact + letter]}"

    def latest(self, contact: str, letter: str) -> str:
        """The id of the contact's newest offer, leg or handover."""
        return f"{contact}.{letter}{self.counts.get(contact + letter, 0)}"

    def placed(self) -> Placement:
        """A place in the general queue."""
        return Placement("b1", Asks("general", "phone", "voice", 1), self.at, self.at, self.at + 60_000)

    def receive(
        self,
        contact: str,
        path: str = "queue",
        *,
        channel: str = "phone",
        topic: str = "BAR.FSK",
        keys: tuple[str, ...] = (),
        criterion: str = "",
        received_at: int | None = None,
        protection: str = "none",
    ) -> Entry:
        """A contact comes in: `queue`, `hand_over`, `answer`, or `observe`."""
        received = Received(
            channel,
            "voice",
            self.at if received_at is None else received_at,
            "test",
            "test",
            f"e-{contact}",
            topic,
            person=keys[0] if keys else "",
            person_keys=keys,
            is_observed=path == "observe",
            protection=protection,
        )
        data = EntryData(
            contact=contact, received=received, content=(self.content(contact, 1, f"words of {contact}".encode()),)
        )
        if path == "observe":
            return self.write("receive_contact", (), data)
        moves = [("contact", contact, event) for event in ("receive", "decide", path)]
        data = msgspec.structs.replace(data, decision=msgspec.Raw(b'{"strategy":"v1","trace":[]}'), generation=1)
        if path == "hand_over":
            handover, case = self.thing(contact, "h"), f"{contact}.k1"
            moves += [("handover", handover, "offer"), ("case", case, "open")]
            data = msgspec.structs.replace(data, handover=handover, case=case, terms=self.terms(topic, criterion))
        return self.write("receive_contact", moves, data, self.placed() if path == "queue" else None)

    def terms(self, topic: str, criterion: str = "") -> HandoverTerms:
        """What the street unit is asked to keep."""
        return HandoverTerms("street", "a1", topic, 1, self.at + 1, self.at + 2, self.at + 3, criterion)

    def offer(self, contact: str, agent: str = "a1") -> Entry:
        """The contact is offered to an agent."""
        offer = self.thing(contact, "o")
        moves = [("contact", contact, "offer"), ("offer", offer, "issue")]
        data = EntryData(
            contact=contact,
            agent=agent,
            offer=offer,
            medium="voice",
            queue="general",
            expires_at=self.at + 20_000,
            chosen=msgspec.Raw(b'{"winner":"a1","losers":{"a2":"busy"}}'),
        )
        return self.write("issue_offer", moves, data)

    def accept(self, contact: str, agent: str = "a1") -> Entry:
        """The agent takes it."""
        leg = self.thing(contact, "l")
        offer = self.latest(contact, "o")
        moves = [("offer", offer, "accept"), ("contact", contact, "accept")]
        moves += [("leg", leg, "connect"), ("leg", leg, "connected")]
        return self.write("accept_offer", moves, EntryData(contact=contact, agent=agent, offer=offer, leg=leg))

    def finish(self, contact: str, *outcomes: Outcome, agent: str = "a1", command: str = "finish_work") -> Entry:
        """The agent is done."""
        moves = [("leg", self.latest(contact, "l"), "end"), ("contact", contact, "close")]
        return self.write(command, moves, EntryData(contact=contact, agent=agent, outcomes=outcomes))

    def hand_over(self, contact: str, *outcomes: Outcome, topic: str, criterion: str = "", agent: str = "a1") -> Entry:
        """The agent hands it over."""
        handover, case = self.thing(contact, "h"), f"{contact}.k1"
        moves = [
            ("leg", self.latest(contact, "l"), "end"),
            ("contact", contact, "hand_over"),
            ("handover", handover, "offer"),
        ]
        moves += [("case", case, "open")] if self.can("case", case, "open") else []
        data = EntryData(
            contact=contact,
            agent=agent,
            handover=handover,
            case=case,
            outcomes=outcomes,
            terms=self.terms(topic, criterion),
        )
        return self.write("hand_over_contact", moves, data)

    def handover(self, contact: str, event: str, *, reason: str = "", outcomes: tuple[Outcome, ...] = ()) -> Entry:
        """The unit accepts, returns or finishes, or its time passes."""
        handover, case = self.latest(contact, "h"), f"{contact}.k1"
        also = {
            "accept": [("case", case, "start" if self.can("case", case, "start") else "resume")],
            "return": [("contact", contact, "return"), ("case", case, "suspend")],
            "finish": [("contact", contact, "close"), ("case", case, "close")],
            "mark_overdue": [],
        }[event]
        names = {"accept": "accept_handover", "return": "return_handover", "finish": "finish_handover"}
        moves = [("handover", handover, event), *(move for move in also if self.can(*move))]
        placed = self.placed() if event == "return" else None
        command = names.get(event, "mark_handover_overdue")
        data = EntryData(contact=contact, handover=handover, actor="unit:street", reason=reason, outcomes=outcomes)
        return self.write(command, moves, data, placed)

    def life(
        self, contact: str, resolution: str = "answered", topic: str = "BAR.FSK", keys: tuple[str, ...] = ()
    ) -> None:
        """A whole life: received, offered, accepted, finished."""
        self.receive(contact, topic=topic, keys=keys)
        self.offer(contact)
        self.accept(contact)
        self.finish(contact, Outcome(topic, resolution))
