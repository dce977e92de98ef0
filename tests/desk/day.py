"""What the tests of the desk say again and again: somebody has a contact, and what the journal told of it."""

from collections.abc import Mapping

from router.desk.ground import Changed
from router.errors import ServicecenterError
from router.journal import Entry
from router.model import OpenContact, SideLeg
from tests.laws.house import House


async def taken(
    house: House, agent: str = "anna", channel: str = "phone", person: Mapping[str, object] | None = None
) -> str:
    """A contact that is with the agent, who was the only one available."""
    contact = await house.receive(channel, person=person or {})
    await house.dispatch()
    seen = await house.accept(contact)
    assert seen.agent == agent
    return contact


async def done(house: House, agent: str, name: str, **data: object) -> Changed:
    """A command that changes a contact; what it answers."""
    answer = await house.command(agent, name, **data)
    assert isinstance(answer, Changed)
    return answer


async def refused(house: House, agent: str, name: str, role: str = "agent", **data: object) -> tuple[str, str]:
    """Slug and field of the problem that a command ends in."""
    try:
        await house.desk.command(agent, name, data, role=role)
    except ServicecenterError as error:
        return error.slug, error.field
    return "", ""


async def side(house: House, leg: str) -> SideLeg | None:
    """A leg beside the owner's, while it lasts."""
    return (await house.store.sides(leg.partition(".")[0])).get(leg)


async def kinds(house: House, agent: str) -> dict[str, str]:
    """What an agent has in hand: contact or leg -> kind."""
    return {item: kind for item, (_, _, kind) in (await house.store.work(agent)).items()}


async def last(house: House) -> Entry:
    """The newest entry of the journal."""
    return (await house.journal())[-1]


def where(contact: OpenContact) -> tuple[str, str]:
    """State and agent."""
    return contact.state, contact.agent


def moves(entry: Entry) -> Mapping[str, str]:
    """Each thing that the entry moved, and where to."""
    return {move.id: move.after for move in entry.transitions}
