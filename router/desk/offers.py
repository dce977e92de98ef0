"""Offers: taken or declined."""

from router.desk.commands import AcceptOffer, DeclineOffer
from router.desk.ground import Changed, DeskGround, Handler, bound
from router.desk.presence import PresenceDesk
from router.errors import NotFound, OfferGone
from router.journal import CoolDown, EntryData
from router.store.keys import contact_of

EXCLUSIVE = frozenset({"voice", "in_person", "messaging"})


class OfferDesk:
    """Accept and decline."""

    def __init__(self, ground: DeskGround, presence: PresenceDesk) -> None:
        self._ground = ground
        self._presence = presence

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {
            "offer.accept": bound(AcceptOffer, self.accept_offer),
            "offer.decline": bound(DeclineOffer, self.decline_offer),
        }

    async def accept_offer(self, agent: str, wanted: AcceptOffer) -> Changed:
        """Take the contact; a written offer beside a live one goes back without blame."""
        contact_id = contact_of(wanted.offer_id)
        data = EntryData(contact=contact_id, agent=agent, offer=wanted.offer_id, actor=f"agent:{agent}")
        try:
            done = await self._ground.store.contacts.accept_offer(
                contact_id,
                agent,
                wanted.offer_id,
                wanted.rev,
                data,
                setup_until=await self._ground.setup_until(contact_id),
            )
        except NotFound as error:
            raise OfferGone(wanted.offer_id, field="$.data.offer_id") from error
        if done.beside:
            contact = await self._ground.store.contact(contact_id)
            if contact is not None and contact.medium in EXCLUSIVE:
                await self._presence.return_offers(agent, "live_accepted", only_medium="written")
        return Changed(contact_id, done.rev, leg_id=f"{contact_id}.l{done.number}")

    async def decline_offer(self, agent: str, wanted: DeclineOffer) -> Changed:
        """Say no; the agent is not asked about this contact again for a while."""
        contact = await self._ground.contact(contact_of(wanted.offer_id))
        queue = self._ground.city.queue(contact.queue)
        until = self._ground.now_ms + queue.decline_cool_down_s * 1000
        data = EntryData(
            contact=contact.id,
            agent=agent,
            offer=wanted.offer_id,
            medium=contact.medium,
            reason=wanted.reason,
            actor=f"agent:{agent}",
            cool_down=CoolDown(agent, until, contact=contact.id),
        )
        done = await self._ground.store.contacts.decline_offer(
            contact.id,
            agent,
            wanted.offer_id,
            contact.bucket,
            wanted.rev,
            data,
            max_declines=self._ground.config.max_live_declines if contact.medium in EXCLUSIVE else 0,
        )
        return Changed(contact.id, done.rev)
