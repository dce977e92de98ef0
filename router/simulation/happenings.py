"""What can be seen on the floor, in plain words: journal entries told as what happened to whom. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from router.journal import Entry
from router.lifecycle import Transition
from router.simulation.moments import Clocks


class Word(NamedTuple):
    """One kind of happening, as scenes name it."""

    takes: str
    """What the word's own cell holds: contact, agent, or a word."""
    cells: tuple[str, ...]
    """Other cells that tell it closer."""
    says: str

    @property
    def kinds(self) -> Mapping[str, str]:
        """What each cell names."""
        return {"contact": "contact", "agent": "agent", "to": "agent", "by": "agent"}


WORDS: Mapping[str, Word] = {
    "offer": Word("contact", ("to", "reason"), "offered to an agent"),
    "accepted": Word("contact", ("by",), "an agent took the offer"),
    "declined": Word("contact", ("by", "reason"), "an agent said no"),
    "expired": Word("contact", ("by",), "an agent did not answer the offer"),
    "revoked": Word("contact", ("by", "reason"), "the offer was taken back"),
    "pulled": Word("contact", ("by",), "an agent took it by themselves"),
    "exit": Word("word", ("contact", "unit", "reason"), "left the queue with a promise: callback, written or unit"),
    "alarm": Word("word", ("contact", "agent", "reason"), "no_one_possible, not_responding, unit_overdue"),
    "presence": Word("word", ("agent", "reason"), "an agent became available, away, draining or offline"),
    "queued": Word("contact", ("queue", "reason"), "waits again, or somewhere else"),
    "abandoned": Word("contact", ("reason",), "the resident gave up waiting"),
    "cancelled": Word("contact", ("reason",), "taken out of waiting"),
    "closed": Word("contact", ("how", "by"), "over, with this outcome"),
    "attached": Word("contact", ("to_contact",), "answered as one with another contact"),
    "superseded": Word("contact", ("to_contact",), "a callback that is needless: the resident got in touch first"),
    "parked": Word("contact", ("by", "reason"), "put aside; reason is what it waits for"),
    "returned": Word("contact", ("reason",), "parked work is back: until, reply, unit or agent_lost"),
    "resumed": Word("contact", ("by", "reason"), "goes on after a hold, an interruption or a park"),
    "held": Word("contact", ("by",), "the resident waits on hold"),
    "interrupted": Word("contact", ("by",), "written work stands still for live work"),
    "wrap_up": Word("contact", ("by",), "the conversation is over, the wrap-up begins"),
    "wrap_up_over": Word("contact", ("by", "reason"), "the wrap-up of somebody who passed it on is over"),
    "consulted": Word("contact", ("by",), "an agent is asked to take part"),
    "taking_part": Word("contact", ("by",), "an agent or a supervisor takes part"),
    "parted": Word("contact", ("by", "reason"), "takes part no more"),
    "transferred": Word(
        "contact", ("to", "to_queue", "to_unit", "to_number", "by"), "passed on; `to` has it or waits for it"
    ),
    "handed_over": Word("contact", ("unit", "by"), "ownership moved to a unit"),
    "unit_accepted": Word("contact", ("unit",), "the unit took it"),
    "unit_returned": Word("contact", ("unit", "reason"), "the unit sent it back"),
    "unit_done": Word("contact", ("unit",), "the unit is done"),
    "promised": Word(
        "contact", ("at_time", "on_date", "by"), "a call is promised; `at_time` is the clock, or `in turn`"
    ),
    "due": Word("contact", (), "the promised call is due"),
    "dialled": Word("contact", ("by",), "an agent calls the resident"),
    "reached": Word("contact", ("by",), "the resident answered"),
    "not_reached": Word("contact", ("by", "reason"), "nobody answered"),
    "call_given_up": Word("contact", (), "no more attempts"),
    "owed": Word("word", ("contact",), "a message is owed to the resident: its kind"),
    "suggested": Word("contact", (), "a new decision waits for the agent's consent"),
    "order": Word(
        "word", ("queue", "to_queue"), "a standing order: queue_open, queue_closed, queue_diverted, hours, crisis"
    ),
}
"""Every word that `[[expect]]` and `[[never]]` know."""


class Happening(msgspec.Struct, frozen=True):
    """Something that happened, with its cells as text."""

    at_ms: int
    word: str
    cells: Mapping[str, str]

    def sentence(self, clocks: Clocks) -> str:
        """As people read it."""
        cells = "".join(f", {key} {value}" for key, value in self.cells.items() if key != self.word and value)
        return f"{clocks.text(self.at_ms)}  {self.word} {self.cells[self.word]}{cells}"


Name = Callable[[str], str]
_CALLBACK = {
    "fall_due": "due",
    "dial": "dialled",
    "connect": "reached",
    "not_answered": "not_reached",
    "give_up": "call_given_up",
}
_UNIT = {"accept": "unit_accepted", "return": "unit_returned", "finish": "unit_done"}
_OFFER = {"decline": "declined", "expire": "expired", "revoke": "revoked", "accept": "accepted"}
_SIDE = {"connected": "taking_part", "end": "parted", "fail": "parted"}


def happenings(entry: Entry, name: Name, clocks: Clocks) -> Iterator[Happening]:
    """What one journal entry tells, in the order of its moves; `name` gives a contact's name in the scene."""
    for word, cells in _Teller(entry, name, clocks).told():
        yield Happening(entry.at, word, {key: value for key, value in cells.items() if value})


_Told = Iterator[tuple[str, dict[str, str]]]


class _Teller:
    """Tells one entry."""

    def __init__(self, entry: Entry, name: Name, clocks: Clocks) -> None:
        self.entry = entry
        self.data = entry.data
        self.clocks = clocks
        self.contact = name(entry.data.contact) if entry.data.contact else ""
        self.other = name(entry.data.to_contact) if entry.data.to_contact else ""

    def told(self) -> _Told:
        if self.entry.command == "set_order":
            order = msgspec.json.decode(bytes(self.data.order), type=dict[str, object])
            yield "order", {"order": str(order["kind"]), "queue": self.data.queue, "to_queue": str(order.get("to", ""))}
        for moved in self.entry.transitions:
            teller = getattr(self, f"_{moved.machine}", None)
            if teller is not None:
                yield from teller(moved)
        if self.entry.command == "decide_contact" and self.data.status == "suggested":
            yield "suggested", {"suggested": self.contact}
        if self.data.to and self.entry.command in {"transfer_contact", "transfer_out"}:
            yield "transferred", self._transfer()

    def _transfer(self) -> dict[str, str]:
        placed = self.entry.placed
        if placed is not None:
            key = "to" if placed.asks.agent else "to_queue"
        else:
            key = "to_number" if self.data.status.endswith("_number") else "to_unit"
        return {"transferred": self.contact, key: self.data.to, "by": self.data.agent}

    # Machines ------------------------------------------------------------------------------------------------------

    def _offer(self, moved: Transition) -> _Told:
        if moved.event == "issue":
            yield "offer", {"offer": self.contact, "to": self.data.agent, "reason": self.data.reason}
        elif moved.event in _OFFER:
            word, reason = _OFFER[moved.event], "" if moved.event in {"accept", "expire"} else self.data.reason
            yield word, {word: self.contact, "by": self.data.agent, "reason": reason}
            if moved.event == "expire" and self.data.medium != "written":
                yield "alarm", {"alarm": "not_responding", "agent": self.data.agent, "contact": self.contact}

    def _presence(self, moved: Transition) -> _Told:
        if moved.event != "go_offline" or moved.before:
            why = {"expire_offer": "not_responding", "lose_lease": "lease_lost"}.get(self.entry.command, "")
            is_own = self.entry.command == "set_presence"
            reason = why or (self.data.reason if is_own else "")
            yield "presence", {"presence": moved.after, "agent": moved.id, "reason": reason}

    def _contact(self, moved: Transition) -> _Told:
        data, contact = self.data, self.contact
        match moved.event:
            case "no_one_possible":
                yield "alarm", {"alarm": "no_one_possible", "contact": contact}
            case "pull" | "park" | "resume":
                word = {"pull": "pulled", "park": "parked", "resume": "resumed"}[moved.event]
                reason = data.reason if word == "parked" else ""
                yield word, {word: contact, "by": data.agent, "reason": reason}
            case "transfer":
                yield "transferred", {"transferred": contact, "to": data.agent, "by": next(iter(data.also), "")}
            case "hand_over":
                yield from self._handed_over(moved)
            case "call_back":
                yield from self._called_back(moved)
            case "requeue" | "release" | "withdraw":
                yield from self._placed(moved)
            case _:
                yield from self._over(moved)

    def _over(self, moved: Transition) -> _Told:
        data, contact = self.data, self.contact
        if moved.event in {"abandon", "cancel"}:
            yield moved.after, {moved.after: contact, "reason": data.reason}
        elif moved.event in {"close", "give_up"}:
            how = data.outcomes[0].resolution if data.outcomes else ""
            yield "closed", {"closed": contact, "how": how, "by": data.agent}
        elif moved.event in {"attach", "supersede"}:
            word = "superseded" if data.reason == "superseded" else "attached"
            yield word, {word: contact, "to_contact": self.other}

    def _handed_over(self, moved: Transition) -> _Told:
        unit = self.data.terms.unit if self.data.terms else ""
        if moved.before == "queued":
            yield "exit", {"exit": "unit", "contact": self.contact, "unit": unit, "reason": self.data.reason}
        else:
            yield "handed_over", {"handed_over": self.contact, "unit": unit, "by": self.data.agent}

    def _called_back(self, moved: Transition) -> _Told:
        if moved.before == "queued" and not self.data.actor.startswith("agent:"):
            yield "exit", {"exit": "callback", "contact": self.contact, "reason": self.data.reason}

    def _placed(self, moved: Transition) -> _Told:
        data = self.data
        if moved.before == "parked":
            yield "returned", {"returned": self.contact, "reason": data.reason}
        elif data.to == "written":
            yield "exit", {"exit": "written", "contact": self.contact, "reason": data.reason}
        elif moved.event != "withdraw" and self.entry.command != "transfer_contact":
            queue = self.entry.placed.asks.queue if self.entry.placed else data.queue
            yield "queued", {"queued": self.contact, "queue": queue, "reason": data.reason}

    def _leg(self, moved: Transition) -> _Told:
        side = self.data.side
        if side is not None and side.leg == moved.id and moved.event not in {"wrap_up", "extend"}:
            yield from self._side(moved, side.agent, side.role)
            return
        word = {"hold": "held", "interrupt": "interrupted", "wrap_up": "wrap_up", "resume": "resumed"}.get(
            moved.event, ""
        )
        if word:
            by = side.agent if side is not None and side.leg == moved.id else self.data.agent
            yield word, {word: self.contact, "by": by}

    def _side(self, moved: Transition, agent: str, role: str) -> _Told:
        if role == "wrap":
            yield "wrap_up_over", {"wrap_up_over": self.contact, "by": agent, "reason": self.data.reason}
        elif moved.event == "connect":
            yield (
                "consulted" if role == "consult" else "taking_part",
                {
                    "consulted" if role == "consult" else "taking_part": self.contact,
                    "by": agent,
                },
            )
        elif moved.event in _SIDE and not (moved.event == "connected" and role == "supervisor"):
            word = _SIDE[moved.event]
            yield word, {word: self.contact, "by": agent, "reason": self.data.reason}

    def _callback(self, moved: Transition) -> _Told:
        if moved.event == "promise":
            until = self.data.until
            at, day = (self.clocks.text(until)[:9], self.clocks.date(until)) if until else ("in turn", "")
            by = self.data.actor.removeprefix("agent:") if self.data.actor.startswith("agent:") else ""
            yield "promised", {"promised": self.contact, "at_time": at, "on_date": day, "by": by}
        elif moved.event in _CALLBACK:
            word = _CALLBACK[moved.event]
            by = self.data.agent if word in {"dialled", "reached", "not_reached"} else ""
            yield word, {word: self.contact, "by": by, "reason": self.data.reason if word == "not_reached" else ""}

    def _handover(self, moved: Transition) -> _Told:
        unit = self.data.actor.removeprefix("unit:") if self.data.actor.startswith("unit:") else ""
        if moved.event in _UNIT:
            word = _UNIT[moved.event]
            reason = self.data.reason if word == "unit_returned" else ""
            yield word, {word: self.contact, "unit": unit, "reason": reason}
        elif moved.event == "mark_overdue":
            yield "alarm", {"alarm": "unit_overdue", "contact": self.contact}

    def _closure_notice(self, moved: Transition) -> _Told:
        if moved.event == "owe":
            yield "owed", {"owed": self.data.status or "notice", "contact": self.contact}
