"""Callbacks, and contacts taken, attached, cancelled, once more and small; the rest of the floor is floor_model.py."""

from router.errors import TransitionRefused
from router.lifecycle import CALLBACK, advance
from tests.store.floor_model import FloorModel, ModelContact

NOTHING_TO_UNDO = ("", 0, "", 0)


class CallbackFloor(FloorModel):
    """The floor with those who are called back."""

    def promise_callback(self, contact: ModelContact, agent: str) -> bool:
        """By who has it, or while it waits; the contact waits for its time as a call."""
        if contact.agent != agent:
            return False
        self._take(contact, "call_back")
        self.keep_promise(contact)
        before = contact.callback if "promise" in CALLBACK[contact.callback] else ""
        contact.callback = advance("callback", before, "promise")
        contact.channel = "phone"
        return True

    def promise_in_turn(self, contact: ModelContact, agent: str) -> bool:
        """The same, and its turn comes at its kept place."""
        return self.promise_callback(contact, agent) and self.fall_due_callback(contact, agent)

    def fall_due_callback(self, contact: ModelContact, agent: str) -> bool:
        """From a promise, or after an attempt in vain."""
        del agent
        self._call(contact, "fall_due")
        self._move(contact, "fall_due")
        return True

    def connect_callback(self, contact: ModelContact, agent: str) -> bool:
        """The agent's call was answered."""
        if contact.agent != agent:
            return False
        self._call(contact, "connect")
        self._leg(contact, "connected")
        return True

    def miss_callback(self, contact: ModelContact, agent: str) -> bool:
        """It was not."""
        if contact.agent != agent:
            return False
        self._call(contact, "not_answered")
        self._leg(contact, "fail")
        self._move(contact, "call_back")
        contact.agent = ""
        self._left(agent)
        return True

    def miss_at_last(self, contact: ModelContact, agent: str) -> bool:
        """And nobody calls again."""
        if not self.miss_callback(contact, agent):
            return False
        self._call(contact, "give_up")
        self._move(contact, "give_up")
        return True

    def attach_contact(self, contact: ModelContact, agent: str) -> bool:
        """While it waits, is parked, or was answered."""
        if contact.agent != agent:
            return False
        self._move(contact, "supersede" if contact.state == "callback" else "attach")
        self.keep_promise(contact)
        if "supersede" in CALLBACK[contact.callback]:
            self._call(contact, "supersede")
        return True

    def cancel_contact(self, contact: ModelContact, agent: str) -> bool:
        """While it waits or is offered."""
        if contact.agent != agent:
            return False
        self._move(contact, "cancel")
        self.keep_promise(contact)
        if "give_up" in CALLBACK[contact.callback]:
            self._call(contact, "give_up")
        contact.agent = ""
        self._left(agent)
        return True

    def place_contact(self, contact: ModelContact, agent: str) -> bool:
        """From wherever it is, to another queue at its place in time."""
        events = {"queued": "requeue", "offered": "withdraw", "with_agent": "release", "parked": "release"}
        if contact.agent != agent or contact.state not in events:
            return False
        self._take(contact, events[contact.state])
        return True

    def _take(self, contact: ModelContact, event: str) -> None:
        """Out of the hands of whoever has it; who was only ringing a resident has not reached them."""
        was = contact.state
        advance("contact", was, event)
        if was == "with_agent":
            self.end_leg(contact, is_failing=event == "release")
        self._move(contact, event)
        agent, contact.agent, contact.undo = contact.agent, "", NOTHING_TO_UNDO
        self._left(agent)

    def _call(self, contact: ModelContact, event: str) -> None:
        if not contact.callback:
            raise TransitionRefused
        contact.callback = advance("callback", contact.callback, event)
