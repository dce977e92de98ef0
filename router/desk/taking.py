"""Work that an agent takes without being offered it: pulled from a queue, or taken elsewhere and registered here."""

import hashlib
import secrets

import msgspec

from channels.inbound import InboundContact, InboundPerson
from router.cards import Card
from router.desk.commands import CreateWork, PullWork
from router.desk.ground import Changed, DeskGround, Handler, bound
from router.desk.presence import PresenceDesk
from router.eligibility import has_room, ring_of, rings_open
from router.errors import Forbidden, NoCapacity, NotFound, SchemaMismatch, StateError, TransitionRefused, UnknownQueue
from router.journal import LIVE, Asks, EntryData, Placement
from router.model import Agent, OpenContact
from router.store.contact_commands import EventName

HEADS = 5
"""Contacts of a bucket that are looked at for the first that may be taken."""
_placement = msgspec.json.Decoder(Placement)


class Taken(msgspec.Struct, frozen=True, omit_defaults=True):
    """Answer to a command by which the agent has a contact now."""

    contact_id: str
    rev: int
    leg_id: str
    contact: Card | None = None


class TakingDesk:
    """`work.pull` and `work.create`."""

    def __init__(self, ground: DeskGround, presence: PresenceDesk) -> None:
        self._ground = ground
        self._presence = presence

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {
            "work.pull": bound(PullWork, self.pull_work),
            "work.create": bound(CreateWork, self.create_work),
        }

    async def pull_work(self, agent: str, wanted: PullWork) -> Taken:
        """Take the contact, or the first of the queue that the agent may take.

        Raises:
            Forbidden: the queue's contacts of this medium are offered, not pulled; or the agent may not have this one.
            NotFound: nothing waits in the queue that the agent may take.
            NoCapacity: the agent is not available, or has no room.
        """
        if bool(wanted.contact_id) == bool(wanted.queue):
            raise SchemaMismatch("name a contact or a queue", field="$.data.contact_id")
        known = await self._known(agent)
        if wanted.queue:
            return await self._first(known, wanted.queue)
        contact = await self._ground.contact(wanted.contact_id)
        if contact.state != "queued":
            raise TransitionRefused("it does not wait", field="$.data.contact_id", state=contact.state)
        if not self._may_pull(_placement.decode(contact.placed).asks, agent):
            raise Forbidden("the queue's contacts are offered, not pulled", field="$.data.contact_id")
        if not self._may_have(contact, known):
            raise Forbidden("needs another skill or team", field="$.data.contact_id")
        return await self._pull(agent, contact)

    async def _first(self, known: Agent, queue: str) -> Taken:
        if queue not in self._ground.city.queues:
            raise UnknownQueue("not in the city's queues file", field="$.data.queue")
        profile, store = known.record(), self._ground.store
        waiting: list[tuple[int, int, str]] = []
        for bucket, asks in (await store.buckets_of(queue)).items():
            if self._may_pull(asks, known.id) and ring_of(asks, profile) is not None:
                waiting += [(asks.order_class, *head) for head in await store.heads(bucket, HEADS)]
        for _, _, contact_id in sorted(waiting):
            contact = await store.contact(contact_id)
            if contact is None or contact.state != "queued" or not self._may_have(contact, known):
                continue
            try:
                return await self._pull(known.id, contact)
            except NoCapacity:
                raise
            except StateError:
                continue
        raise NotFound("nothing waits there that you may take", field="$.data.queue")

    def _may_pull(self, asks: Asks, agent: str) -> bool:
        """Whether these contacts may be taken without an offer: the queue says so, or they wait for the agent alone."""
        if asks.agent:
            return asks.agent == agent
        return asks.is_pulled or self._ground.city.queue(asks.queue).flow_for(asks.medium) != "push"

    def _may_have(self, contact: OpenContact, known: Agent) -> bool:
        """Whether the agent meets a ring that is open by now."""
        placed = _placement.decode(contact.placed)
        ring = ring_of(placed.asks, known.record())
        waited = self._ground.now_ms - (placed.waits_from or placed.ready_at)
        return ring is not None and ring <= rings_open(placed.asks, waited)

    async def _pull(self, agent: str, contact: OpenContact) -> Taken:
        data = EntryData(
            contact=contact.id,
            agent=agent,
            actor=f"agent:{agent}",
            medium=contact.medium,
            channel=contact.channel,
            queue=contact.queue,
        )
        done = await self._ground.store.legs.pull_contact(
            contact.id,
            agent,
            contact.bucket,
            data,
            setup_until=self._ground.setup_of(contact),
            expected=contact.rev,
        )
        if contact.medium in LIVE:
            await self._presence.return_offers(agent, "live_accepted", only_medium="written")
        card = await self._ground.cards.card(contact.id)
        return Taken(contact.id, done.rev, f"{contact.id}.l{done.number}", card)

    # Taken elsewhere -------------------------------------------------------------------------------------------

    async def create_work(self, agent: str, wanted: CreateWork) -> Taken | Changed:
        """Register a contact that was taken elsewhere: decided and recorded like any other, and with the agent at once.

        With `direct: false` it is routed like any other.

        Raises:
            NoCapacity: the agent is not at work, takes nothing of the channel, or has no room; nothing is registered.
        """
        inbound = self._inbound(wanted)
        channel = self._ground.channel(wanted.channel)
        known = await self._known(agent)
        if wanted.direct:
            load = (await self._ground.store.work(agent)).values()
            capacity = known.record().capacity.get(channel.code, 0)
            if not has_room("both", capacity, channel.code, channel.medium, load):
                raise NoCapacity("capacity", field="$.data.channel")
        body_sha = hashlib.sha256(msgspec.json.encode(inbound)).hexdigest()
        event = EventName("desk", f"/desk/{agent}", secrets.token_hex(16), body_sha)
        contact_id = await self._ground.intake.receive_contact(
            event, inbound, may_backdate=False, taken_by=agent if wanted.direct else ""
        )
        contact = await self._ground.contact(contact_id)
        if not wanted.direct:
            return Changed(contact.id, contact.rev)
        return await self._pull(agent, contact)

    @staticmethod
    def _inbound(wanted: CreateWork) -> InboundContact:
        given = wanted.person
        person = InboundPerson(
            phone=given.phone,
            email=given.email,
            party_id=given.party_id,
            name=given.name,
            loa=given.loa,
            language=given.language,
            anonymous=given.anonymous,
        )
        return InboundContact(channel=wanted.channel, person=person, topic=wanted.topic, text=wanted.text)

    async def _known(self, agent: str) -> Agent:
        """The agent, who must be at work.

        Raises:
            NoCapacity: they are offline or about to leave.
        """
        known = await self._ground.store.agent(agent)
        if known is None or known.presence not in {"available", "away"} or known.lease != "alive":
            raise NoCapacity("presence")
        return known
