"""Several contacts of one matter: the one in hand is answered, the others go with it."""

from router.desk.commands import AttachContact
from router.desk.ground import Changed, DeskGround, Handler, bound
from router.errors import Forbidden, TransitionRefused
from router.journal import EntryData, Outcome

ATTACHABLE = frozenset({"queued", "parked", "answered", "callback"})


class AttachingDesk:
    """Attach."""

    def __init__(self, ground: DeskGround) -> None:
        self._ground = ground

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {"contact.attach": bound(AttachContact, self.attach_contact)}

    async def attach_contact(self, agent: str, wanted: AttachContact) -> Changed:
        """Answer `contact_id` as one with `to`, which the agent has; it counts as its follower.

        Raises:
            Forbidden: it is another person's, or parked with another agent.
        """
        main = await self._ground.own(agent, wanted.to)
        other = await self._ground.contact(wanted.contact_id)
        if other.id == main.id or other.state not in ATTACHABLE:
            raise TransitionRefused(machine="contact", state=other.state, event="attach")
        if not main.person or other.person != main.person:
            raise Forbidden("the contacts are not the same person's", field="$.data.contact_id")
        if other.state == "parked" and other.agent != agent:
            raise Forbidden("another agent has it parked", field="$.data.contact_id")
        data = EntryData(
            contact=other.id,
            agent=agent,
            actor=f"agent:{agent}",
            to_contact=main.id,
            reason="attached",
            outcomes=(Outcome(other.topic, "follower"),),
            medium=other.medium,
            channel=other.channel,
        )
        done = await self._ground.store.callbacks.attach_contact(
            other.id, other.agent if other.state == "parked" else "", other.bucket, other.rev, main.id, data
        )
        return Changed(other.id, done.rev)
