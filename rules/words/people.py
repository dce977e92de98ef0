"""People in words: who was offered a contact, what they did, and why the others were not chosen.

Owns how an offer on record is said. Knows agents by their id alone.
"""

from collections.abc import Iterator, Sequence

from rules.decide import Decision
from rules.explain import OfferSeen
from rules.words import sentence
from rules.words.names import Names


class PeopleWords:
    """How offers are said in one language about one city."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._words = names.words

    def told(self, offers: Sequence[OfferSeen], decision: Decision) -> list[str]:
        """Every offer with its end and its losers, or that there was none."""
        if not offers:
            return [self._words.say("people-none" if decision.kind == "queue" else "people-not_needed")]
        return [said for offer in offers for said in self._offer(offer, decision)]

    def _offer(self, offer: OfferSeen, decision: Decision) -> Iterator[str]:
        say = self._words.say
        reason = self._words.word("chosen", offer.chosen_by) if offer.chosen_by else ""
        moment = self._names.moment(offer.issued_at)
        yield sentence(say("offered", moment=moment, agent=offer.agent, reason=reason))
        if offer.chosen_by:
            yield say("offered-waited", waited=self._names.about(offer.waited_ms))
        because = say("ended-reason", reason=self._words.word("reason", offer.reason)) if offer.reason else ""
        if self._words.has(f"ended-{offer.state}"):
            yield say(f"ended-{offer.state}", agent=offer.agent, reason=because)
        if offer.chosen_by:
            yield self._others(offer, decision)

    def _others(self, offer: OfferSeen, decision: Decision) -> str:
        losers = [self._loser(why, n, decision) for why, n in sorted(offer.losers.items(), key=_most_first) if n > 0]
        if not losers:
            return self._words.say("others-none")
        return self._words.say("others", losers=self._words.together(losers))

    def _loser(self, why: str, n: int, decision: Decision) -> str:
        if why == "skill":
            required = self._names.city.requirement(decision)
            if not required:
                return self._words.say("loser-skill-any", n=n)
            return self._words.say("loser-skill", n=n, skills=self._names.skills(required))
        if self._words.has(f"loser-{why}"):
            return self._words.say(f"loser-{why}", n=n)
        return self._words.say("loser-other", n=n, reason=self._words.quoted(why))


def _most_first(loser: tuple[str, int]) -> tuple[int, str]:
    return -loser[1], loser[0]
