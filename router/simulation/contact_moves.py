"""Commands on a contact of a plain day, as the store's Lua has them: received, offered, taken, given up, over."""

import msgspec

from router.errors import NoCapacity, NotYours, OfferGone, StaleRevision, TransitionRefused
from router.journal import EntryData
from router.matching import has_room
from router.simulation.ledger import AtDesk, Held, Ledger, Moves, step
from router.store.contact_commands import QueuePlace
from router.store.runner import Done

_replace = msgspec.structs.replace


class ContactMoves:
    """Everything that can happen to an open contact."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    # Received --------------------------------------------------------------------------------------------------------

    def take_in(self, held: Held, path: str, data: EntryData, place: QueuePlace | None, due_by: int) -> int:
        """Write a contact that is made already."""
        ledger, moves = self._ledger, Moves()
        if path == "observe":
            return ledger.append("receive_contact", moves, data)
        step(moves, "contact", held.id, 1, "", "receive")
        step(moves, "contact", held.id, 2, "received", "decide")
        held.state, held.rev = step(moves, "contact", held.id, 3, "decided", path), 3
        if path == "hand_over":
            held.handover_state = step(moves, "handover", held.id + ".h1", 1, "", "offer")
            held.case_state = step(moves, "case", held.id + ".k1", 1, "", "open")
            held.handover, held.case = held.id + ".h1", held.id + ".k1"
            held.handovers = held.handover_rev = held.case_rev = 1
            ledger.deadlines.set("handover:" + held.id, due_by)
        elif path == "answer":
            ledger.deadlines.set("contact:" + held.id, due_by)
        ledger.contacts[held.id] = held
        if place is None:
            return ledger.append("receive_contact", moves, data)
        ledger.queue_at(held, place)
        return ledger.append("receive_contact", moves, data, place.placed)

    # Offers ----------------------------------------------------------------------------------------------------------

    def issue_offer(
        self,
        contact: str,
        agent: str,
        bucket: str,
        expected: int,
        *,
        expires_at: int,
        channel: str,
        medium: str,
        data: EntryData,
    ) -> Done:
        """Offer a queued contact to an agent who may and can take it now."""
        ledger, moves = self._ledger, Moves()
        held = ledger.fence(contact, expected)
        ledger.in_bucket(held, bucket)
        who = ledger.agents.get(agent)
        if who is None or who.presence != "available" or who.lease != "alive" or not who.connected:
            raise NoCapacity("presence")
        if medium == "written" and who.cool_written > ledger.time_ms:
            raise NoCapacity("cooling_down")
        capacity, may_wait = who.kept.capacity.get(channel, 0), who.kept.can_interrupt
        if not has_room(who.form, capacity, channel, medium, who.work.values(), can_interrupt=may_wait):
            raise NoCapacity("capacity")
        made = held.offers + 1
        offer = f"{contact}.o{made}"
        after = step(moves, "contact", contact, held.rev + 1, held.state, "offer")
        step(moves, "offer", offer, 1, "", "issue")

        held.state, held.rev, held.offer, held.offers = after, held.rev + 1, offer, made
        held.agent, held.expires_at = agent, expires_at
        ledger.deadlines.drop("contact:" + contact)
        ledger.deadlines.set("offer:" + contact, expires_at)
        who.work[contact] = (channel, medium, "offer")
        n = ledger.append("issue_offer", moves, data if data.offer == offer else _replace(data, offer=offer))
        return Done(n, held.rev, made)

    def accept_offer(self, contact: str, agent: str, offer: str, expected: int, data: EntryData) -> Done:
        """The agent takes the offer."""
        ledger, moves = self._ledger, Moves()
        held, who = ledger.contacts.get(contact), ledger.agents.get(agent)
        beside = who is not None and any(
            other != contact and item[1] == "written" and item[2] == "offer" for other, item in who.work.items()
        )
        if held is None or held.offer != offer:
            raise OfferGone(offer)
        if held.leg_offer == offer and held.agent == agent and held.state == "with_agent":
            return Done(0, held.rev, held.legs, int(beside))
        if held.agent != agent:
            raise NotYours(offer)
        ledger.fence(contact, expected)
        if who is None or who.lease != "alive":
            raise OfferGone(offer)
        leg = f"{contact}.l{held.legs + 1}"
        step(moves, "offer", offer, 2, "issued", "accept")
        after = step(moves, "contact", contact, held.rev + 1, held.state, "accept")
        leg_state, leg_rev = step(moves, "leg", leg, 1, "", "connect"), 1
        leg_state, leg_rev = step(moves, "leg", leg, 2, leg_state, "connected"), 2

        held.state, held.rev, held.leg, held.legs = after, held.rev + 1, leg, held.legs + 1
        held.leg_state, held.leg_rev, held.leg_offer, held.leg_since = leg_state, leg_rev, offer, ledger.time_ms
        ledger.deadlines.drop("offer:" + contact)
        who.work[contact] = (held.channel, held.medium, "leg")
        who.declines = 0
        n = ledger.append("accept_offer", moves, data if data.leg == leg else _replace(data, leg=leg))
        return Done(n, held.rev, held.legs, int(beside))

    def decline_offer(
        self, contact: str, agent: str, offer: str, bucket: str, expected: int, data: EntryData, *, max_declines: int
    ) -> Done:
        """The agent says no; too many live declines in a row set the agent away."""
        ledger, moves = self._ledger, Moves()
        held = ledger.fence(contact)
        if held.offer != offer:
            raise OfferGone(offer)
        who = ledger.agent(ledger.owned(contact, agent, expected).agent)
        gone = self._withdraw(moves, held, who, "decline", offer, bucket)
        declines, away = who.declines + 1, ""
        if max_declines and declines >= max_declines and who.presence == "available":
            away = step(moves, "presence", agent, who.rev + 1, who.presence, "go_away")
        self._restore(held, who, gone)
        who.declines = 0 if away else declines
        ledger.show(who, away, "declined")
        return Done(ledger.append("decline_offer", moves, data, held.placement), held.rev)

    def expire_offer(
        self, contact: str, agent: str, offer: str, bucket: str, data: EntryData, *, medium: str, cool_until: int
    ) -> Done:
        """Nobody answered: a live offer sets the agent away, a written one cools that medium down for them."""
        ledger, moves = self._ledger, Moves()
        held = ledger.fence(contact)
        if held.agent != agent or held.expires_at > ledger.time_ms:
            raise OfferGone(offer)
        who = ledger.agent(agent)
        gone = self._withdraw(moves, held, who, "expire", offer, bucket)
        away = ""
        if medium != "written" and who.presence == "available":
            away = step(moves, "presence", agent, who.rev + 1, who.presence, "go_away")
        self._restore(held, who, gone)
        ledger.show(who, away, "not_responding")
        if not away and medium == "written":
            who.cool_written = cool_until
        return Done(ledger.append("expire_offer", moves, data, held.placement), held.rev)

    def revoke_offer(self, contact: str, agent: str, offer: str, bucket: str, data: EntryData) -> Done:
        """Take an offer back without blame."""
        ledger, moves = self._ledger, Moves()
        held = ledger.fence(contact)
        if held.agent != agent:
            raise OfferGone(offer)
        who = ledger.agent(agent)
        gone = self._withdraw(moves, held, who, "revoke", offer, bucket)
        self._restore(held, who, gone)
        return Done(ledger.append("revoke_offer", moves, data, held.placement), held.rev)

    def _withdraw(self, moves: Moves, held: Held, who: AtDesk, event: str, offer: str, bucket: str) -> str:
        if held.offer != offer or held.state != "offered":
            raise OfferGone(offer)
        self._ledger.in_bucket(held, bucket)
        step(moves, "offer", offer, 2, "issued", event)
        step(moves, "contact", held.id, held.rev + 1, held.state, "withdraw")
        return self._ledger.drained(who, held.id, moves)

    def _restore(self, held: Held, who: AtDesk, gone: str) -> None:
        held.state, held.rev, held.agent, held.offer = "queued", held.rev + 1, "", ""
        who.work.pop(held.id, None)
        self._ledger.deadlines.drop("offer:" + held.id)
        self._ledger.deadlines.set("contact:" + held.id, held.wait_until)
        self._ledger.show(who, gone)

    # Over ------------------------------------------------------------------------------------------------------------

    def end_contact(
        self, contact: str, agent: str, bucket: str, expected: int, data: EntryData, *, wrap_until: int
    ) -> Done:
        """The resident has gone: whoever waits is abandoned, a conversation goes into wrap-up."""
        ledger, moves = self._ledger, Moves()
        held = ledger.fence(contact, expected)
        if held.state not in {"queued", "offered", "with_agent"}:
            return Done(0, held.rev)
        if held.agent != agent:
            raise StaleRevision(str(held.rev))
        if held.state == "with_agent":
            return self._begin_wrap_up(moves, held, data, wrap_until)
        who = ledger.agents.get(agent)
        if held.state == "queued":
            ledger.in_bucket(held, bucket)
        else:
            step(moves, "offer", held.offer, 2, "issued", "revoke")
            data = _replace(data, offer=held.offer)
        after = step(moves, "contact", contact, held.rev + 1, held.state, "abandon")
        gone = ledger.drained(who, contact, moves)
        if who is not None:
            who.work.pop(contact, None)
        held.state, held.rev = after, held.rev + 1
        ledger.deadlines.drop("contact:" + contact, "offer:" + contact)
        ledger.show(who, gone)
        ledger.let_go(contact)
        return Done(ledger.append("end_contact", moves, data), held.rev)

    def _begin_wrap_up(self, moves: Moves, held: Held, data: EntryData, wrap_until: int) -> Done:
        if held.leg_state not in {"connected", "on_hold", "interrupted"}:
            return Done(0, held.rev)
        self.leg_step(moves, held, "wrap_up")
        held.leg_until = wrap_until
        self._ledger.agent(held.agent).work[held.id] = (held.channel, held.medium, "wrap")
        self._ledger.deadlines.set("leg:" + held.id, wrap_until)
        data = _replace(data, leg=held.leg, until=wrap_until)
        return Done(self._ledger.append("end_contact", moves, data), held.rev)

    @staticmethod
    def leg_step(moves: Moves, held: Held, event: str) -> None:
        """Move the owner's leg."""
        held.leg_state = step(moves, "leg", held.leg, held.leg_rev + 1, held.leg_state, event)
        held.leg_rev += 1

    def finish_work(self, contact: str, agent: str, data: EntryData, *, expected: int = -1) -> Done:
        """The agent ends the work with outcomes."""
        return self._close("finish_work", self._ledger.owned(contact, agent, expected), data)

    def end_wrap_up(self, contact: str, agent: str, data: EntryData, *, is_forced: bool) -> Done:
        """Wrap-up is over without outcomes."""
        held = self._ledger.owned(contact, agent)
        if held.leg_state != "wrapping_up" or (is_forced and held.leg_until > self._ledger.time_ms):
            raise TransitionRefused(f"leg {held.leg_state} end_wrap_up")
        return self._close("end_wrap_up", held, data)

    def _close(self, command: str, held: Held, data: EntryData) -> Done:
        ledger, moves, who = self._ledger, Moves(), self._ledger.agent(held.agent)
        leg_state = step(moves, "leg", held.leg, held.leg_rev + 1, held.leg_state, "end")
        after = step(moves, "contact", held.id, held.rev + 1, held.state, "close")
        gone = ledger.drained(who, held.id, moves)

        held.leg_state, held.leg_rev = leg_state, held.leg_rev + 1
        held.state, held.rev, held.closed_at = after, held.rev + 1, ledger.time_ms
        held.undo = f"{after} {ledger.time_ms} {held.agent}"
        who.work.pop(held.id, None)
        who.idle_since = ledger.time_ms
        ledger.deadlines.drop("leg:" + held.id, "orphan:" + held.id)
        ledger.show(who, gone)
        ledger.let_go(held.id)
        n = ledger.append(command, moves, data if data.leg == held.leg else _replace(data, leg=held.leg))
        return Done(n, held.rev)

    # The conversation --------------------------------------------------------------------------------------------

    def hold_leg(self, contact: str, agent: str, data: EntryData) -> Done:
        """The resident waits on hold."""
        return self._on_leg("hold_leg", contact, agent, data, "hold")

    def interrupt_leg(self, contact: str, agent: str, data: EntryData) -> Done:
        """Written work stands still for live work."""
        held = self._ledger.owned(contact, agent)
        if held.leg_state == "interrupted":
            return Done(0, held.rev)
        self._ledger.agent(agent).work[contact] = (held.channel, held.medium, "interrupted")
        return self._on_leg("interrupt_leg", contact, agent, data, "interrupt")

    def resume_leg(self, contact: str, agent: str, data: EntryData) -> Done:
        """The conversation goes on, after a hold or an interruption."""
        held = self._ledger.owned(contact, agent)
        if held.leg_state == "interrupted":
            self._ledger.agent(agent).work[contact] = (held.channel, held.medium, "leg")
        return self._on_leg("resume_leg", contact, agent, data, "resume")

    def extend_wrap_up(self, contact: str, agent: str, wrap_until: int, data: EntryData) -> Done:
        """More time for wrap-up."""
        done = self._on_leg("extend_wrap_up", contact, agent, _replace(data, until=wrap_until), "extend")
        self._ledger.contacts[contact].leg_until = wrap_until
        self._ledger.deadlines.set("leg:" + contact, wrap_until)
        return done

    def _on_leg(self, command: str, contact: str, agent: str, data: EntryData, event: str) -> Done:
        moves, held = Moves(), self._ledger.owned(contact, agent)
        self.leg_step(moves, held, event)
        return Done(self._ledger.append(command, moves, _replace(data, leg=held.leg)), held.rev)

    # Its place -------------------------------------------------------------------------------------------------------

    def release_contact(self, contact: str, agent: str, bucket: str, wait_until: int, data: EntryData) -> Done:
        """Return a contact to its place from an agent who can't go on."""
        ledger, moves = self._ledger, Moves()
        held, who = ledger.owned(contact, agent), ledger.agent(agent)
        ledger.in_bucket(held, bucket)
        leg_state = step(moves, "leg", held.leg, held.leg_rev + 1, held.leg_state, "end")
        after = step(moves, "contact", contact, held.rev + 1, held.state, "release")
        gone = ledger.drained(who, contact, moves)

        held.leg_state, held.leg_rev = leg_state, held.leg_rev + 1
        held.state, held.rev, held.agent, held.offer, held.wait_until = after, held.rev + 1, "", "", wait_until
        who.work.pop(contact, None)
        who.idle_since = ledger.time_ms
        ledger.deadlines.drop("leg:" + contact, "orphan:" + contact)
        ledger.deadlines.set("contact:" + contact, wait_until)
        ledger.show(who, gone)
        n = ledger.append("release_contact", moves, _replace(data, leg=held.leg), held.placement)
        return Done(n, held.rev)
