"""The store's commands once more, small and in Python: state tables, ownership and room. Nothing here knows Redis."""

from collections.abc import Callable
from dataclasses import dataclass, field

from router.eligibility import WorkItem, has_room
from router.errors import TransitionRefused
from router.lifecycle import advance
from tests.store.scene import CAPACITY, MEDIA, MINUTE_MS

MAX_DECLINES = 3
OFFER_MS = 20_000


@dataclass
class ModelContact:
    """What is expected of a contact."""

    channel: str
    received_at: int
    state: str = "queued"
    rev: int = 3
    agent: str = ""
    leg: str = ""
    handover: str = ""
    expires_at: int = 0
    leg_until: int = 0
    handover_due: int = 0
    callback: str = ""
    ready_at: int = 0
    legs: int = 0
    wraps: dict[int, str] = field(default_factory=dict[int, str])
    """Number of a leg that passed the contact on -> its agent, who wraps up."""
    undo: tuple[str, int, str, int] = ("", 0, "", 0)
    """State reached, when, by whom, with which leg."""

    def __post_init__(self) -> None:
        """Ready from the first."""
        self.ready_at = self.ready_at or self.received_at

    @property
    def kind(self) -> str:
        """Kind of work in its agent's hands."""
        if self.state != "with_agent":
            return {"offered": "offer", "parked": "parked"}[self.state]
        return {"wrapping_up": "wrap", "interrupted": "interrupted"}.get(self.leg, "leg")

    @property
    def medium(self) -> str:
        """The channel's medium."""
        return MEDIA[self.channel]


@dataclass
class ModelAgent:
    """What is expected of an agent."""

    presence: str = "available"
    bound_for: str = ""
    lease: str = "alive"
    is_connected: bool = True
    declines: int = 0
    cools_until: int = 0


class FloorModel:
    """Each command is a method: True when it has an effect, None when there is nothing to do; False is a refusal."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self.contacts: dict[str, ModelContact] = {}
        self.agents: dict[str, ModelAgent] = {}

    def run(self, name: str, contact: ModelContact, agent: str) -> bool | None:
        """What a command on a contact should do."""
        try:
            return getattr(self, name)(contact, agent)
        except TransitionRefused:
            return False

    def would(self, name: str, contact: ModelContact, agent: str) -> bool:
        """Whether a command would have an effect; nothing is changed."""
        kept = [(thing, {**vars(thing)}) for thing in (contact, *self.agents.values())]
        contact.wraps = dict(contact.wraps)
        is_effective = self.run(name, contact, agent)
        for thing, fields in kept:
            vars(thing).update(fields)
        return is_effective is True

    def work(self, agent: str, besides: ModelContact | None = None) -> list[WorkItem]:
        """What an agent has in hand, besides one contact."""
        own = [
            (each.channel, each.medium, each.kind)
            for each in self.contacts.values()
            if each is not besides and each.agent == agent and each.state in {"offered", "with_agent", "parked"}
        ]
        beside = [
            (each.channel, each.medium, "wrap")
            for each in self.contacts.values()
            for held_by in each.wraps.values()
            if held_by == agent
        ]
        return own + beside

    def is_busy(self, agent: str) -> bool:
        """Whether the agent has anything in hand that is not parked."""
        return any(kind != "parked" for _, _, kind in self.work(agent))

    def _move(self, contact: ModelContact, event: str) -> None:
        contact.state = advance("contact", contact.state, event)
        contact.rev += 1

    def _leg(self, contact: ModelContact, event: str) -> None:
        contact.leg = advance("leg", contact.leg, event)

    def end_leg(self, contact: ModelContact, *, is_failing: bool = False) -> None:
        """The owner's leg is over; one that never began can only fail, and then the resident is still to be called."""
        if is_failing and contact.leg == "connecting":
            self._leg(contact, "fail")
            contact.callback = advance("callback", contact.callback, "put_back")
        else:
            self._leg(contact, "end")

    def keep_promise(self, contact: ModelContact) -> None:
        """Whoever was reached has been called back."""
        if contact.callback == "connected":
            contact.callback = advance("callback", "connected", "keep")

    def _left(self, agent: str) -> None:
        """Work has left an agent's hands: who drains and has none goes."""
        if not agent:
            return
        known = self.agents[agent]
        if known.presence == "draining" and not self.is_busy(agent):
            known.presence = advance(
                "presence", "draining", "go_offline" if known.bound_for == "offline" else "go_away"
            )

    # Offers ----------------------------------------------------------------------------------------------------

    def issue_offer(self, contact: ModelContact, agent: str) -> bool:
        """To who is here, has room and is not cooling down."""
        known = self.agents[agent]
        is_here = known.presence == "available" and known.lease == "alive" and known.is_connected
        is_cooling = contact.medium == "written" and known.cools_until > self._now_ms()
        room = has_room("both", CAPACITY[contact.channel], contact.channel, contact.medium, self.work(agent))
        if not is_here or is_cooling or not room:
            return False
        self._move(contact, "offer")
        contact.agent, contact.expires_at = agent, self._now_ms() + OFFER_MS
        return True

    def accept_offer(self, contact: ModelContact, agent: str) -> bool | None:
        """Once; again by the same agent is no news."""
        if contact.agent != agent:
            return False
        if contact.state == "with_agent":
            return None
        if self.agents[agent].lease != "alive":
            return False
        self._move(contact, "accept")
        self._begin_leg(contact)
        if contact.callback == "due":
            contact.leg, contact.callback = "connecting", advance("callback", "due", "dial")
        self.agents[agent].declines = 0
        return True

    def _begin_leg(self, contact: ModelContact) -> None:
        contact.leg = advance("leg", advance("leg", "", "connect"), "connected")
        contact.legs += 1

    def _withdraw(self, contact: ModelContact, agent: str) -> None:
        if contact.agent != agent:
            raise TransitionRefused
        self._move(contact, "withdraw")
        contact.agent = ""
        self._left(agent)

    def decline_offer(self, contact: ModelContact, agent: str) -> bool:
        """The third in a row sets the agent away."""
        self._withdraw(contact, agent)
        known = self.agents[agent]
        known.declines += 1
        if known.declines >= MAX_DECLINES and known.presence == "available":
            known.presence, known.declines = "away", 0
        return True

    def expire_offer(self, contact: ModelContact, agent: str) -> bool:
        """After its time; a live one sets the agent away, a written one cools."""
        if contact.expires_at > self._now_ms():
            return False
        self._withdraw(contact, agent)
        known = self.agents[agent]
        if contact.medium == "written":
            known.cools_until = self._now_ms() + MINUTE_MS
        elif known.presence == "available":
            known.presence = "away"
        return True

    def revoke_offer(self, contact: ModelContact, agent: str) -> bool:
        """Without blame."""
        self._withdraw(contact, agent)
        return True

    # Work ------------------------------------------------------------------------------------------------------

    def hold_leg(self, contact: ModelContact, agent: str) -> bool:
        """The owner's."""
        return self._step(contact, agent, "hold")

    def resume_leg(self, contact: ModelContact, agent: str) -> bool:
        """The owner's."""
        return self._step(contact, agent, "resume")

    def _step(self, contact: ModelContact, agent: str, event: str) -> bool:
        if contact.agent != agent:
            return False
        self._leg(contact, event)
        return True

    def extend_wrap_up(self, contact: ModelContact, agent: str) -> bool:
        """The limit moves."""
        is_done = self._step(contact, agent, "extend")
        contact.leg_until = self._now_ms() + 2 * MINUTE_MS
        return is_done

    def end_contact(self, contact: ModelContact, agent: str) -> bool | None:
        """Who waits is abandoned, a conversation goes into wrap-up."""
        if contact.state not in {"queued", "offered", "with_agent"}:
            return None
        if contact.callback in {"promised", "due", "dialling"}:
            return None
        if contact.agent != agent:
            return False
        if contact.state == "with_agent":
            if contact.leg == "wrapping_up":
                return None
            self._leg(contact, "wrap_up")
            contact.leg_until = self._now_ms() + MINUTE_MS
            return True
        self._move(contact, "abandon")
        self.keep_promise(contact)
        self._left(agent)
        return True

    def finish_work(self, contact: ModelContact, agent: str) -> bool:
        """The owner closes."""
        return self._leave(contact, agent, "close") and self._can_undo(contact, agent)

    def end_wrap_up(self, contact: ModelContact, agent: str) -> bool:
        """Only a wrap-up."""
        return contact.leg == "wrapping_up" and self.finish_work(contact, agent)

    def _can_undo(self, contact: ModelContact, agent: str) -> bool:
        contact.undo = (contact.state, self._now_ms(), agent, contact.legs)
        return True

    def force_wrap_up(self, contact: ModelContact, agent: str) -> bool:
        """Only after its limit."""
        return contact.leg_until <= self._now_ms() and self.end_wrap_up(contact, agent)

    def release_contact(self, contact: ModelContact, agent: str) -> bool:
        """Back to the queue."""
        is_done = self._leave(contact, agent, "release")
        contact.agent = "" if is_done else contact.agent
        return is_done

    def _leave(self, contact: ModelContact, agent: str, event: str) -> bool:
        if contact.agent != agent:
            return False
        advance("contact", contact.state, event)
        self.end_leg(contact, is_failing=event == "release")
        if event == "close":
            self.keep_promise(contact)
        self._move(contact, event)
        self._left(agent)
        return True

    # Standing still and changing hands -------------------------------------------------------------------------

    def interrupt_leg(self, contact: ModelContact, agent: str) -> bool | None:
        """Written work, once."""
        if contact.agent != agent or contact.medium != "written":
            return False
        return None if contact.leg == "interrupted" else self._step(contact, agent, "interrupt")

    def park_contact(self, contact: ModelContact, agent: str) -> bool:
        """The owner puts it aside."""
        return self._leave(contact, agent, "park") and self._can_undo(contact, agent)

    def resume_contact(self, contact: ModelContact, agent: str) -> bool:
        """The owner has room for it again."""
        if contact.agent != agent or not self._has_hands_free(contact, agent):
            return False
        self._move(contact, "resume")
        self._begin_leg(contact)
        return True

    def _has_hands_free(self, contact: ModelContact, agent: str) -> bool:
        known = self.agents[agent]
        room = has_room("both", CAPACITY[contact.channel], contact.channel, contact.medium, self.work(agent, contact))
        return known.lease == "alive" and known.is_connected and room

    def release_parked(self, contact: ModelContact, agent: str) -> bool:
        """Parked work waits again, ready from now on."""
        if contact.agent != agent or contact.state != "parked":
            return False
        self._move(contact, "release")
        contact.agent, contact.ready_at = "", self._now_ms()
        return True

    def transfer_contact(self, contact: ModelContact, agent: str) -> bool:
        """The owner passes it on and wraps up beside."""
        if contact.agent != agent or contact.state != "with_agent" or contact.leg == "connecting":
            return False
        self._leg(contact, "extend" if contact.leg == "wrapping_up" else "wrap_up")
        self._move(contact, "release")
        contact.agent, contact.leg, contact.wraps[contact.legs] = "", "", agent
        return self._can_undo(contact, agent)

    def end_wrap_beside(self, contact: ModelContact, agent: str) -> bool:
        """Whoever passed it on last is done with it."""
        if contact.wraps.get(contact.legs) != agent:
            return False
        del contact.wraps[contact.legs]
        self._left(agent)
        return True

    def pull_by_agent(self, contact: ModelContact, agent: str) -> bool:
        """Who is at work and has room takes it."""
        is_here = self.agents[agent].presence in {"available", "away"}
        if not is_here or contact.state != "queued" or contact.callback == "due":
            return False
        if not self._has_hands_free(contact, agent):
            return False
        self._move(contact, "pull")
        self._begin_leg(contact)
        contact.agent = agent
        return True

    def undo_work(self, contact: ModelContact, agent: str) -> bool:
        """Within 10 seconds, of what the agent did last."""
        state, at, by, leg = contact.undo
        is_late = at < self._now_ms() - 10_000
        if by != agent or state != contact.state or is_late:
            return False
        before = dict(contact.wraps)
        if state == "queued":
            contact.wraps.pop(leg, None)
        if not self._has_hands_free(contact, agent):
            contact.wraps = before
            return False
        if state == "handed_over":
            self._agree(contact, "withdraw")
        self._move(contact, {"parked": "resume", "queued": "pull"}.get(state, "undo"))
        self._begin_leg(contact)
        contact.agent, contact.undo = agent, ("", 0, "", 0)
        return True

    def requeue_contact(self, contact: ModelContact, agent: str) -> bool:
        """Only while queued."""
        del agent
        self._move(contact, "requeue")
        return True

    def add_note(self, contact: ModelContact, agent: str) -> bool:
        """By who has it or had it last."""
        return agent == contact.agent and contact.state != "offered"

    # Handovers -------------------------------------------------------------------------------------------------

    def hand_over_contact(self, contact: ModelContact, agent: str) -> bool:
        """The owner gives it to a unit, or nobody does while it waits; the unit's word takes the place of a call."""
        if contact.agent != agent:
            return False
        if contact.state == "with_agent":
            advance("contact", contact.state, "hand_over")
            self._leg(contact, "end")
        self._move(contact, "hand_over")
        self.keep_promise(contact)
        contact.callback = "superseded" if contact.callback == "due" else contact.callback
        self._left(agent)
        contact.agent, contact.handover = "", advance("handover", "", "offer")
        contact.handover_due = self._now_ms() + MINUTE_MS
        return self._can_undo(contact, agent)

    def accept_handover(self, contact: ModelContact, agent: str) -> bool | None:
        """Once."""
        del agent
        if contact.handover == "accepted":
            return None
        self._agree(contact, "accept")
        contact.handover_due = self._now_ms() + 5 * MINUTE_MS
        return True

    def mark_handover_overdue(self, contact: ModelContact, agent: str) -> bool:
        """Only when late."""
        del agent
        if contact.handover_due > self._now_ms():
            return False
        self._agree(contact, "mark_overdue")
        contact.handover_due = self._now_ms() + MINUTE_MS
        return True

    def ring_duty(self, contact: ModelContact, agent: str) -> bool:
        """Only when late, and only while nobody has taken it."""
        del agent
        if contact.handover_due > self._now_ms():
            return False
        self._agree(contact, "ring")
        contact.handover_due = self._now_ms() + MINUTE_MS
        return True

    def finish_handover(self, contact: ModelContact, agent: str) -> bool | None:
        """Once, after accepting."""
        del agent
        if contact.handover == "done":
            return None
        self._agree(contact, "finish")
        self._move(contact, "close")
        return True

    def return_handover(self, contact: ModelContact, agent: str) -> bool:
        """Back to the queue."""
        del agent
        self._agree(contact, "return")
        self._move(contact, "return")
        contact.ready_at = contact.received_at
        return True

    def _agree(self, contact: ModelContact, event: str) -> None:
        if not contact.handover:
            raise TransitionRefused
        contact.handover = advance("handover", contact.handover, event)

    # Agents ----------------------------------------------------------------------------------------------------

    def set_presence(self, agent: str, event: str, bound_for: str) -> bool:
        """Draining without work is leaving."""
        known = self.agents[agent]
        if event == "drain" and not self.is_busy(agent):
            event = "go_offline" if bound_for == "offline" else "go_away"
        try:
            after = advance("presence", known.presence, event)
        except TransitionRefused:
            return False
        if after == "available" != known.presence:
            known.declines = 0
        known.presence, known.bound_for = after, bound_for if after == "draining" else ""
        return True

    def lose_lease(self, agent: str) -> bool:
        """Only of who is not here."""
        known = self.agents[agent]
        if known.is_connected or known.lease != "alive":
            return False
        known.lease, known.presence = advance("lease", "alive", "lose"), "offline"
        return True
