"""What an agent finds out in a conversation, as facts that the strategy knows. Decides nothing itself."""

from router.desk.commands import SetFact
from router.desk.ground import Changed, DeskGround, Handler, bound
from router.errors import UnknownFact
from rules.cells import nearest
from rules.facts import FACT_BOOK, SAID_BY_OTHERS, closed_words, fits


class FactDesk:
    """Facts that agents supply."""

    def __init__(self, ground: DeskGround) -> None:
        self._ground = ground

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {"fact.set": bound(SetFact, self.set_fact)}

    async def set_fact(self, agent: str, wanted: SetFact) -> Changed:
        """Keep the fact with the contact's decision and ask the strategy again; a safety or law rule acts at once.

        Raises:
            UnknownFact: agents don't supply it, or the value does not fit it.
        """
        contact = await self._ground.own(agent, wanted.contact_id)
        check_fact(wanted.fact, wanted.value)
        rev = await self._ground.decide_again("fact_changed", contact.id, {wanted.fact: wanted.value})
        return Changed(contact.id, rev or contact.rev)


def check_fact(fact: str, value: object) -> None:
    """Refuse what no agent may say, or what does not fit.

    Raises:
        UnknownFact: the field says whether it is the name or the value.
    """
    if fact not in SAID_BY_OTHERS:
        hint = nearest(fact, SAID_BY_OTHERS)
        raise UnknownFact(f"known: {', '.join(sorted(SAID_BY_OTHERS))}{hint}", field="$.data.fact")
    if not fits(fact, value):
        words = ", ".join(sorted(closed_words(fact)))
        kinds = {"number": "a whole number", "switch": "true or false"}
        expected = f"one of {words}" if words else kinds.get(FACT_BOOK[fact].kind, "a word")
        raise UnknownFact(f"expected {expected}", field="$.data.value")
