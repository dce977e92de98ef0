"""The simulated floor: the service's own matching over the service's own floor, on a clock that is moved by hand.

No store, no sockets, no event loop: every call returns when everything that follows from it has happened, and tells it
in journal entries to `listeners`. Fast, for whole days of contacts; what a supervisor or a clever agent may do besides
is played by `router.simulation.service`, which runs every command of the service itself.
"""

from collections.abc import Callable, Collection, Mapping

import msgspec

from channels.base import Capabilities
from channels.registry import CHANNELS
from router import placing
from router.config import FloorConfig
from router.desk.supervising import meets_now
from router.dispatch import ROUND
from router.errors import NotFound, OfferGone
from router.floor import FloorState, Ramp
from router.journal import LIVE, AgentRecord, Asks, CoolDown, Entry, EntryData, Outcome, Received
from router.matching import Pairing, plan
from router.simulation.agent_moves import AgentMoves
from router.simulation.contact_moves import ContactMoves
from router.simulation.ledger import Held, Ledger
from router.store.agent_commands import Grace
from router.store.contact_commands import QueuePlace
from rules.city import City
from rules.organisation import OFFER_TIMEOUT_S
from rules.outcome import Decision

EVENTS: Mapping[str, str] = {"available": "go_available", "away": "go_away", "offline": "go_offline"}
DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS
ROUTER = "simulated"


class SimulatedFloor:
    """Agents, contacts and the time of one city.

    Times are epoch milliseconds; `advance` moves the clock and lets everything happen that falls due on the way. What
    is refused raises the same errors as in the service.
    """

    def __init__(self, city: City, start_ms: int, config: FloorConfig | None = None) -> None:
        self.city = city
        self.config = config or FloorConfig()
        self.ledger = Ledger(start_ms)
        ramp = Ramp(int(self.config.ramp_after_s * 1000), int(self.config.ramp_up_s * 1000))
        self.floor = FloorState({queue.id: queue.reserve for queue in city.queues.values()}, ramp=ramp)
        self.listeners: list[Callable[[Entry], None]] = self.ledger.listeners
        self.listeners.append(self.floor.apply)
        self._contacts = ContactMoves(self.ledger)
        self._agents = AgentMoves(self.ledger)
        self._answer_ms: dict[tuple[str, str], int] = {}
        self._asked: dict[tuple[int, str, int], tuple[Decision, Asks]] = {}
        """What a decision asked for on a channel that day; the decision is kept, so that its id stays its own."""
        self._due: Mapping[str, Callable[[str], None]] = {
            "offer": self._expire_offer,
            "contact": self._wait_on,
            "leg": self._end_wrap_up,
            "orphan": self._release_orphan,
            "session": self._lose_session,
        }

    @property
    def now_ms(self) -> int:
        """What the clock shows."""
        return self.ledger.time_ms

    # Agents --------------------------------------------------------------------------------------------------------

    def add_agent(
        self,
        agent: str,
        skills: Mapping[str, int] | None = None,
        *,
        capacity: Mapping[str, int] | None = None,
        teams: Collection[str] = (),
        can_interrupt: bool = False,
    ) -> None:
        """Describe an agent: a newcomer, or somebody known anew. Without a capacity, every channel's own."""
        full = {code: each.default_capacity for code, each in CHANNELS.items()}
        kept = dict(full if capacity is None else capacity)
        record = AgentRecord(dict(sorted((skills or {}).items())), kept, tuple(sorted(teams)), can_interrupt)
        self._agents.put_agent(agent, record, "supervisor:simulation")
        self._settle()

    def set_skills(self, agent: str, skills: Mapping[str, int]) -> None:
        """Other skills from now on; offers that need one that is gone are taken back, work in hand stays."""
        who = self.ledger.agent(agent)
        record = msgspec.structs.replace(who.kept, skills=dict(sorted(skills.items())))
        self._agents.put_agent(agent, record, "supervisor:simulation")
        for contact in self._offered_to(agent):
            placed = self.ledger.contacts[contact].placement
            if placed is not None and not meets_now(placed, record, self.now_ms):
                self._revoke(contact, "skill_removed")
        self._settle()

    def connect(self, agent: str) -> None:
        """Their desktop is open."""
        self._agents.open_session(agent, f"{ROUTER}/{agent}")
        self._settle()

    def disconnect(self, agent: str, reason: str = "socket_lost") -> None:
        """Their desktop is gone; they have some seconds to come back."""
        grace = self.now_ms + int(self.config.socket_grace_s * 1000)
        self._agents.close_session(agent, f"{ROUTER}/{agent}", grace, reason)
        self._settle()

    def set_presence(self, agent: str, state: str, reason: str = "", *, after_current: bool = False) -> str:
        """Available, away or offline, at once or after the work in hand; returns the presence reached."""
        event = "drain" if after_current and state != "available" else EVENTS[state]
        reached = self._agents.set_presence(agent, event, reason=reason, bound_for=state if event == "drain" else "")
        if reached != "available":
            for contact in self._offered_to(agent):
                self._revoke(contact, "presence")
        self._settle()
        return reached

    def set_form(self, agent: str, form: str) -> None:
        """Live, written or both."""
        self._agents.set_form(agent, form)
        self._settle()

    # Residents -----------------------------------------------------------------------------------------------------

    def receive(
        self,
        contact: str,
        channel: str,
        decision: Decision,
        *,
        received_at: int | None = None,
        person: str = "",
        ways: frozenset[str] = frozenset(),
        has_text: bool = False,
    ) -> None:
        """A contact with its decision; `contact` is its id from now on.

        Raises:
            KeyError: no such channel.
        """
        what, at = CHANNELS[channel], self.now_ms if received_at is None else received_at
        held = Held(
            id=contact, channel=channel, medium=what.medium, received_at=at, person=person, contents=1,
            restricted=int(decision.restricted), ways=",".join(sorted(ways)), has_text=int(has_text), decided=decision,
        )  # fmt: skip
        received = Received(channel, what.medium, at, person=person)
        data = EntryData(contact=contact, actor="strategy", received=received, generation=1)
        place, due_by = None, at + WEEK_MS
        if decision.kind == "queue":
            place = self._place(held, what, decision, at)
        elif decision.kind == "hand_over":
            data, due_by = self._agree(held, decision, data)
        self._contacts.take_in(held, decision.kind, data, place, due_by)
        if place is None or not self._waits_behind(contact, place.placed.bucket):
            self._settle()

    def _place(self, held: Held, what: Capabilities, decision: Decision, at: int) -> QueuePlace:
        key = id(decision), what.code, at // DAY_MS
        known = self._asked.get(key)
        place = placing.place(self.city, what, decision, at, asks=known[1] if known else None)
        if known is None:
            self._asked[key] = decision, place.placed.asks
        held.queue = decision.queue
        held.ready_at, held.due_at = place.placed.ready_at, place.placed.due_at
        return place

    def _waits_behind(self, contact: str, bucket: str) -> bool:
        """Whether somebody who asks for the same waits ahead: whoever is free now could not take them either."""
        lane = self.floor.waiting[bucket]
        return len(lane) > 1 and lane[0][1] != contact and not self.floor.declined

    def _agree(self, held: Held, decision: Decision, data: EntryData) -> tuple[EntryData, int]:
        agreed = placing.terms(self.city, decision.unit, held.topic, self.now_ms)
        held.unit = agreed.unit
        ids = {"handover": f"{held.id}.h1", "case": f"{held.id}.k1"}
        return msgspec.structs.replace(data, terms=agreed, **ids), agreed.accept_by

    def leave(self, contact: str, reason: str = "hung_up") -> bool:
        """The resident has gone; False when that changed nothing."""
        held = self.ledger.contacts.get(contact)
        if held is None:
            return False
        wrap_up_s = self.city.queue(held.queue).wrap_up_s if held.queue else 0
        data = EntryData(
            contact=contact, agent=held.agent, medium=held.medium, reason=reason, actor="integration:simulation"
        )
        done = self._contacts.end_contact(
            contact, held.agent, held.bucket, held.rev, data, wrap_until=self.now_ms + wrap_up_s * 1000
        )
        self._settle()
        return done.n > 0

    # Work ----------------------------------------------------------------------------------------------------------

    def accept(self, agent: str, contact: str) -> None:
        """Take the offer; a written offer beside a live one goes back without blame."""
        held = self._contact(contact)
        leg = f"{contact}.l{held.legs + 1}"
        data = EntryData(contact=contact, agent=agent, offer=held.offer, leg=leg, actor=f"agent:{agent}")
        done = self._contacts.accept_offer(contact, agent, held.offer, held.rev, data)
        if done.beside and held.medium in LIVE:
            for other in self._offered_to(agent):
                if self.ledger.contacts[other].medium == "written":
                    self._revoke(other, "live_accepted")
        if len(self.ledger.agents[agent].work) > 1:
            self._settle()

    def decline(self, agent: str, contact: str, reason: str = "knowledge") -> None:
        """Say no; they are not asked about this contact again for a while."""
        held = self._contact(contact)
        until = self.now_ms + self.city.queue(held.queue).decline_cool_down_s * 1000
        data = EntryData(
            contact=contact, agent=agent, offer=held.offer, medium=held.medium, reason=reason, actor=f"agent:{agent}",
            cool_down=CoolDown(agent, until, contact=contact),
        )  # fmt: skip
        most = self.config.max_live_declines if held.medium in LIVE else 0
        self._contacts.decline_offer(contact, agent, held.offer, held.bucket, held.rev, data, max_declines=most)
        self._settle()

    def finish(self, agent: str, contact: str, resolution: str = "answered", topic: str = "") -> None:
        """End the work, with an outcome for its one matter."""
        held = self._contact(contact)
        outcome = Outcome(topic or held.topic, resolution)
        data = EntryData(contact=contact, agent=agent, leg=held.leg, actor=f"agent:{agent}", outcomes=(outcome,))
        self._contacts.finish_work(contact, agent, data)
        self._settle()

    def hold(self, agent: str, contact: str) -> None:
        """The resident waits on hold."""
        self._contacts.hold_leg(contact, agent, EntryData(contact=contact, agent=agent, actor=f"agent:{agent}"))

    def resume(self, agent: str, contact: str) -> None:
        """The conversation goes on."""
        self._contacts.resume_leg(contact, agent, EntryData(contact=contact, agent=agent, actor=f"agent:{agent}"))
        self._settle()

    # Time ----------------------------------------------------------------------------------------------------------

    def advance(self, to_ms: int) -> None:
        """Let time pass up to then, with everything that falls due."""
        while (at := self._next_at()) is not None and at <= to_ms:
            self.ledger.time_ms = max(at, self.now_ms)
            for name, _ in self.ledger.deadlines.due(self.now_ms, ROUND):
                kind, _, thing = name.partition(":")
                self._due[kind](thing) if kind in self._due else self.ledger.deadlines.drop(name)
            self._settle()
        self.ledger.time_ms = max(to_ms, self.now_ms)

    def _next_at(self) -> int | None:
        due, wake = self.ledger.deadlines.first_at, self.floor.next_wake
        return due if wake is None or (due is not None and due <= wake) else wake

    def _expire_offer(self, contact: str) -> None:
        held = self._contact(contact)
        if held.expires_at > self.now_ms:
            self._revoke(contact, "socket_lost")
            return
        until = self.now_ms + int(self.config.decline_cool_down_s * 1000)
        is_written = held.medium == "written"
        data = EntryData(
            contact=contact, agent=held.agent, offer=held.offer, medium=held.medium, actor="timer",
            reason="not_responding", cool_down=CoolDown(held.agent, until, medium="written") if is_written else None,
        )  # fmt: skip
        self._contacts.expire_offer(
            contact, held.agent, held.offer, held.bucket, data, medium=held.medium, cool_until=until
        )

    def _wait_on(self, contact: str) -> None:
        """Which rings are open follows from the waiting time; nothing moves here."""
        held = self._contact(contact)
        self.ledger.deadlines.set("contact:" + contact, self.now_ms + self.city.queue(held.queue).max_wait_s * 1000)

    def _end_wrap_up(self, contact: str) -> None:
        held = self._contact(contact)
        self._contacts.end_wrap_up(contact, held.agent, self._uncoded(held), is_forced=True)

    def _release_orphan(self, contact: str) -> None:
        held = self._contact(contact)
        if held.leg_state == "wrapping_up":
            self._contacts.end_wrap_up(contact, held.agent, self._uncoded(held), is_forced=False)
            return
        data = EntryData(contact=contact, agent=held.agent, reason="agent_lost", actor="timer")
        wait_until = self.now_ms + self.city.queue(held.queue).max_wait_s * 1000
        self._contacts.release_contact(contact, held.agent, held.bucket, wait_until, data)

    def _lose_session(self, agent: str) -> None:
        now, config = self.now_ms, self.config
        hours = self.city.queue_calendar(self.city.strategy.strategy.meta.default_queue)
        grace = Grace(
            chat_until=now + int(config.chat_grace_s * 1000),
            written_until=hours.add_open_ms(now, int(config.written_grace_s * 1000)),
            voice_until=now + int(config.voice_grace_s * 1000),
        )
        self._agents.lose_lease(agent, grace, "socket_lost")

    @staticmethod
    def _uncoded(held: Held) -> EntryData:
        outcome = Outcome(topic=held.topic, resolution="uncoded")
        return EntryData(contact=held.id, agent=held.agent, actor="timer", outcomes=(outcome,), medium=held.medium)

    # Matching ------------------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Interrupt and resume written work, then offer until nothing more can be offered now."""
        now, floor = self.now_ms, self.floor
        for chore in floor.chores():
            reason = "live_work_over" if chore.is_resume else "live_work"
            data = EntryData(
                contact=chore.contact, agent=chore.agent, actor="dispatch", reason=reason, medium="written"
            )
            move = self._contacts.resume_leg if chore.is_resume else self._contacts.interrupt_leg
            move(chore.contact, chore.agent, data)
        floor.wake(now)
        while floor.places and (heads := floor.heads(now, ROUND)):
            pairings = plan(floor, heads, now, has_losers=False)
            for pairing in pairings:
                self._issue(pairing, now)
            if len(pairings) >= ROUND:
                floor.touch_all()

    def _issue(self, pairing: Pairing, now: int) -> None:
        asks, held = pairing.asks, self.ledger.contacts[pairing.contact]
        data = EntryData(
            contact=pairing.contact, agent=pairing.agent, offer=f"{pairing.contact}.o{held.offers + 1}",
            actor="dispatch", medium=asks.medium, channel=asks.channel, queue=asks.queue,
            expires_at=now + self._to_answer(asks.queue, asks.medium), reason=pairing.chosen.reason,
        )  # fmt: skip
        self._contacts.issue_offer(
            pairing.contact,
            pairing.agent,
            pairing.bucket,
            held.rev,
            expires_at=data.expires_at,
            channel=asks.channel,
            medium=asks.medium,
            data=data,
        )

    def _to_answer(self, queue: str, medium: str) -> int:
        known = self._answer_ms.get((queue, medium))
        if known is None:
            own: dict[str, int] = {**OFFER_TIMEOUT_S, **self.city.queue(queue).offer_timeout_s}
            known = self._answer_ms[queue, medium] = own[medium] * 1000
        return known

    # What the parts share --------------------------------------------------------------------------------------------

    def _contact(self, contact: str) -> Held:
        held = self.ledger.contacts.get(contact)
        if held is None:
            raise NotFound(contact)
        return held

    def _offered_to(self, agent: str) -> list[str]:
        return [contact for contact, item in self.ledger.agent(agent).work.items() if item[2] == "offer"]

    def _revoke(self, contact: str, reason: str) -> None:
        held = self._contact(contact)
        if held.state != "offered":
            raise OfferGone(contact)
        data = EntryData(
            contact=contact, agent=held.agent, offer=held.offer, medium=held.medium, reason=reason, actor="timer"
        )
        self._contacts.revoke_offer(contact, held.agent, held.offer, held.bucket, data)
