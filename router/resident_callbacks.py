"""A resident in a conversation who would rather be called: the number is kept, then the call is promised.

Called by inboxes. Promises like everybody else does (`router.callbacks`); never calls anybody itself.
"""

import msgspec

from router.callbacks import Callbacks
from router.errors import NotFound, TransitionRefused
from router.journal import EntryData
from router.leg_care import LegCare
from router.model import OpenContact
from router.records import content_ref
from router.store.contact_commands import EventName
from router.store.fresh import on_fresh
from router.store.redis_store import Store

TALKING = frozenset({"queued", "offered", "with_agent"})
_encode = msgspec.json.Encoder().encode


class ResidentCallbacks:
    """From a conversation to a callback, at the resident's word."""

    def __init__(self, store: Store, callbacks: Callbacks, legs: LegCare) -> None:
        self._store = store
        self._callbacks = callbacks
        self._legs = legs

    async def ask(self, event: EventName, contact_id: str, to: str, words: str) -> None:
        """Call them at `to`; `words` is what they asked with, for whoever reads the conversation.

        Raises:
            NotFound: the contact is over.
            TransitionRefused: nobody waits or talks in it.
        """
        if (await self._contact(contact_id)).callback_state:
            return
        record = _encode({"message": {"text": words}, "person": {"phone": to}})
        await on_fresh(lambda: self._keep(event, contact_id, record))
        await on_fresh(lambda: self._promise(contact_id, f"integration:{event.integration}"))

    async def miss(self, contact: OpenContact) -> None:
        """They were called and did not answer: another attempt, or the end with a message owed."""
        await self._callbacks.miss(contact, contact.agent, "no_answer")

    async def _keep(self, event: EventName, contact_id: str, record: bytes) -> None:
        contact = await self._contact(contact_id)
        number = contact.contents + 1
        data = EntryData(
            contact=contact.id,
            agent=contact.agent,
            actor=f"integration:{event.integration}",
            content=(content_ref(number, record),),
        )
        await self._store.contacts.record_message(contact.id, event, number, record, data)

    async def _promise(self, contact_id: str, actor: str) -> None:
        contact = await self._contact(contact_id)
        await self._callbacks.promise_next(contact, why="resident", actor=actor)
        if contact.legs > 1:
            await self._legs.end_beside(contact.id, "contact_left")

    async def _contact(self, contact_id: str) -> OpenContact:
        contact = await self._store.contact(contact_id)
        if contact is None:
            raise NotFound("no open contact has this name", field="$.contact")
        if contact.state not in TALKING and not contact.callback_state:
            raise TransitionRefused(machine="contact", state=contact.state, event="call_back")
        return contact
