"""Several contacts of one matter: the one in hand is answered, the others go with it."""

from router.desk.commands import AttachContact
from router.desk.ground import Changed, DeskGround, Handler, bound
from router.errors import Forbidden, TransitionRefused
from router.journal import EntryData, Outcome
from router.model import OpenContact
from router.returning import KNOWN

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
            Forbidden: it is another person's, parked with another agent, or not for everybody's eyes.
            TransitionRefused: the one is not in the agent's hands, or the other does not wait.
        """
        main = await self._ground.own(agent, wanted.to)
        if main.state != "with_agent":
            raise TransitionRefused(machine="contact", state=main.state, event="attach")
        other = await self._ground.contact(wanted.contact_id)
        _check_person(main, other)
        if other.id == main.id or other.state not in ATTACHABLE:
            raise TransitionRefused(machine="contact", state=other.state, event="attach")
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
            other.id,
            other.agent if other.state == "parked" else "",
            other.bucket,
            other.rev,
            main.id,
            data,
            shows_words=True,
        )
        return Changed(other.id, done.rev)


def _check_person(main: OpenContact, other: OpenContact) -> None:
    """A number that many use is nobody's, and what only some may read is attached by them alone."""
    are_known = main.identity in KNOWN and other.identity in KNOWN
    if not are_known or not main.person or other.person != main.person:
        raise Forbidden("the contacts are not the same person's", field="$.data.contact_id")
    if (other.restricted or other.protection != "none") and not main.restricted:
        raise Forbidden("it is restricted, and the one in hand is not", field="$.data.contact_id")
