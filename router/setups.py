"""What follows when phones are answered, are not, or are put down: told by channels, of any leg and of calls sent on.

A contact whose new owner can't be reached goes back to whoever passed it on, or to its place; who was to take part
beside takes no part; a resident who does not answer a call back is tried again. Never waits, never calls anybody.
"""

import contextlib

from router.errors import NotFound, StateError, TransitionRefused
from router.floor_care import AGENT_UNREACHABLE, FloorCare
from router.journal import EntryData
from router.leg_care import LegCare
from router.lifecycle import OVER
from router.model import OpenContact, SideLeg
from router.resident_callbacks import ResidentCallbacks
from router.store.fresh import on_fresh
from router.store.keys import contact_of
from router.store.redis_store import Store

RESIDENT_UNREACHABLE = "no_answer"
HUNG_UP = "hung_up"


class Setups:
    """One method for each thing that a channel may tell about a leg; what is so already changes nothing."""

    def __init__(self, store: Store, care: FloorCare, legs: LegCare, callbacks: ResidentCallbacks) -> None:
        self._store = store
        self._care = care
        self._legs = legs
        self._callbacks = callbacks

    async def connect(self, leg: str) -> None:
        """Resident and owner hear each other; of a callback its agent says so."""
        contact = await self._store.contact(contact_of(leg))
        if contact is not None and _is_setting_up(contact, leg):
            data = EntryData(contact=contact.id, agent=contact.agent, medium=contact.medium, channel=contact.channel)
            with contextlib.suppress(StateError):
                await self._store.contacts.connect_leg(contact.id, contact.agent, data)

    async def fail(self, leg: str, reason: str, actor: str) -> None:
        """Somebody was not reached."""
        contact = await self._store.contact(contact_of(leg))
        if contact is None:
            return
        if contact.leg != leg:
            await self._fail_beside(contact, leg, reason, actor)
        elif _is_setting_up(contact, leg) or _talks(contact):
            with contextlib.suppress(StateError):
                if contact.callback_state == "dialling" and reason == RESIDENT_UNREACHABLE:
                    await self._callbacks.miss(contact)
                else:
                    await self._care.fail_setup(contact, reason, actor)
                    if _talks(contact):
                        await self._legs.end_beside(contact.id, "contact_left")

    async def fail_transfer(self, contact_id: str, reason: str, actor: str) -> None:
        """Nobody answered outside; that it has come back already is no error.

        Raises:
            NotFound: the contact is over.
        """

        async def fail() -> None:
            contact = await self._store.contact(contact_id)
            if contact is None or contact.state in OVER:
                raise NotFound("the contact is over", field="$.contact")
            if contact.transferred_to:
                await self._care.fail_transfer(contact, reason, actor)

        try:
            await on_fresh(fail)
        except TransitionRefused as error:
            raise NotFound("the contact is over", field="$.contact") from error

    async def leave(self, leg: str, actor: str) -> None:
        """Whoever took part beside has hung up."""
        contact = await self._store.contact(contact_of(leg))
        side = await self._beside(contact, leg) if contact is not None else None
        if contact is not None and side is not None:
            await self._legs.end_side(contact, leg, side, HUNG_UP, actor=actor)

    async def _fail_beside(self, contact: OpenContact, leg: str, reason: str, actor: str) -> None:
        side = await self._beside(contact, leg)
        if side is None:
            return
        if reason == AGENT_UNREACHABLE:
            await self._care.set_away(side.agent, actor)
        await self._legs.end_side(contact, leg, side, reason, actor=actor)

    async def _beside(self, contact: OpenContact, leg: str) -> SideLeg | None:
        """A consult or a supervisor; a wrap-up needs no phone."""
        side = (await self._store.sides(contact.id)).get(leg)
        return side if side is not None and side.role != "wrap" else None


def _talks(contact: OpenContact) -> bool:
    """Resident and agent were together; a phone that fails then was put down on hold and not answered again."""
    return contact.state == "with_agent" and contact.leg_state in {"connected", "on_hold"}


def _is_setting_up(contact: OpenContact, leg: str) -> bool:
    return (contact.leg, contact.state, contact.leg_state) == (leg, "with_agent", "connecting")
