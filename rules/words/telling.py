"""Telling: an explanation as sections of sentences in one language.

Owns the order in which things are told and how much of it. Says nothing that the explanation does not hold.
"""

from collections.abc import Iterator, Sequence

import msgspec

from rules.city import City
from rules.columns import TOPIC
from rules.explain import Explanation, RuleTold
from rules.supposing import WEIGHTY, Alternative
from rules.words import Lang, sentence, words_of
from rules.words.facts import FactWords
from rules.words.names import Names
from rules.words.outcomes import OutcomeWords
from rules.words.people import PeopleWords

MOST_UNKNOWN, MOST_CHANGED, MOST_TOPICS, MOST_PLACES, MOST_RULES = 6, 8, 3, 4, 2
BY_PEOPLE = ("returned", "reopened", "taken_elsewhere", "decision_failed", "fields_missing")
"""Reasons of decisions in which somebody stood above the rules."""


class Section(msgspec.Struct, frozen=True):
    """A heading with its sentences; the section of the rules has one part a rule."""

    id: str
    title: str
    sentences: tuple[str, ...]
    parts: tuple["Section", ...] = ()


class Told(msgspec.Struct, frozen=True):
    """An explanation as people read it."""

    lang: str
    title: str
    sections: tuple[Section, ...]


def tell(explanation: Explanation, city: City, lang: Lang) -> Told:
    """The explanation in a language."""
    return _Telling(explanation, city, lang).told()


def as_text(told: Told) -> str:
    """The explanation for a terminal or a mail."""
    lines = [told.title]
    for section in told.sections:
        lines += ["", section.title, *(f"  {each}" for each in section.sentences)]
        for part in section.parts:
            lines += [f"  {part.title}", *(f"    {each}" for each in part.sentences)]
    return "\n".join(lines) + "\n"


class _Telling:
    def __init__(self, explanation: Explanation, city: City, lang: Lang) -> None:
        self._of = explanation
        self._words = words_of(lang)
        self._names = Names(city, self._words)
        self._facts = FactWords(self._names)
        self._outcomes = OutcomeWords(self._names, self._facts)

    def told(self) -> Told:
        parts = {
            "decision": (tuple(self._decision()), ()),
            "known": (tuple(self._known()), ()),
            "rules": ((), tuple(self._rule(rule) for rule in self._of.rules)),
            "unknown": (tuple(self._unknown()), ()),
            "changes": (tuple(self._changes()), ()),
            "people": (tuple(PeopleWords(self._names).told(self._of.offers or (), self._of.decision)), ()),
        }
        unread = set[str]() if self._of.is_version_known else {"rules", "unknown", "changes"}
        unread |= {"people"} if self._of.offers is None else set()
        return Told(
            lang=self._words.lang,
            title=self._words.say("title"),
            sections=tuple(
                Section(name, self._words.say(f"section-{name}"), sentences, inner)
                for name, (sentences, inner) in parts.items()
                if name not in unread
            ),
        )

    # The decision ------------------------------------------------------------------------------------------------

    def _decision(self) -> Iterator[str]:
        of, say = self._of, self._words.say
        decision = of.decision
        if of.at_ms is not None:
            yield say("title-when", moment=self._names.moment(of.at_ms))
        yield say(f"decided-{decision.kind}", place=self._outcomes.place(decision))
        yield from self._who_decided()
        if decision.fallback and decision.fallback not in {decision.unit, *self._names.city.queues}:
            yield say("decided-fallback", place=self._names.place(decision.fallback))
        version, digest = of.strategy_version, of.strategy_hash
        if of.is_version_known:
            yield say("decided-version", version=version, hash=digest)
            return
        yield say("version-gone", version=version, hash=digest)
        if decision.trace.hits:
            yield say("version-gone-hits", rules=self._words.together(decision.trace.hits))

    def _who_decided(self) -> Iterator[str]:
        of, say = self._of, self._words.say
        if not of.is_as_ruled and (stood := self._stood_above()):
            yield from stood
            return
        rule = next((rule for rule in of.rules if rule.id == of.decided_by), None)
        if rule is None:
            if of.is_version_known:
                yield say("decided-by-nobody")
        elif title := self._title(rule):
            yield say("decided-by", title=self._words.say("quoted", text=title), id=rule.id)
        else:
            yield say("decided-by-id", id=rule.id)
        if rule and (why := self._why(rule)):
            yield say("why", why=why)

    def _stood_above(self) -> list[str]:
        """What stood above the rules, when the record is not what they say."""
        of, say = self._of, self._words.say
        ruled, decision = of.by_rules, of.decision
        said: list[str] = []
        if decision.reason in BY_PEOPLE:
            said.append(say(f"people-{decision.reason}", missing=self._outcomes.fields(decision.missing_fields)))
        elif ruled and self._outcomes.way(ruled) != self._outcomes.way(decision):
            said.append(say("people-stood"))
        if said and ruled:
            said.append(say("rules-said", place=self._outcomes.way(ruled)))
        if ruled and ((decision.mask and not ruled.mask) or (decision.restricted and not ruled.restricted)):
            said.append(say("protection-kept"))
        return said

    def _known(self) -> list[str]:
        return self._facts.known(self._of.facts, self._of.asked)

    # The rules ---------------------------------------------------------------------------------------------------

    def _rule(self, rule: RuleTold) -> Section:
        say = self._words.say
        is_written = self._of.facts.get("medium") == "written"
        decision = self._of.by_rules or self._of.decision
        said = [each for part in rule.said for each in self._outcomes.said(part, decision, is_written=is_written)]
        if rule.because_unknown:
            names = [self._facts.name(fact) for fact in rule.because_unknown]
            said.insert(0, say("says-because_unknown", n=len(names), facts=self._words.together(names)))
        said = [sentence(each) for each in said] or [say("says-nothing")]
        reason, named = self._why(rule), self._title(rule)
        why = [say("why", why=reason)] if reason and rule.id != self._of.decided_by else []
        title = say("rule-title", title=named, id=rule.id) if named else rule.id
        return Section(rule.id, title, (*said, *why))

    def _title(self, rule: RuleTold) -> str:
        return (self._words.lang == "en" and rule.title_en) or rule.title

    def _why(self, rule: RuleTold) -> str:
        return (self._words.lang == "en" and rule.why_en) or rule.why

    # What would have changed it ----------------------------------------------------------------------------------

    def _unknown(self) -> list[str]:
        others = [other for other in self._of.alternatives if other.was_unknown]
        if not others:
            return [self._words.say("unknown-none")]
        topics = [other for other in others if other.fact == TOPIC and other.moves]
        said = [self._with_a_topic(topics)] if topics else []
        rest = [other for other in others if other.fact != TOPIC]
        large, smaller = self._told(rest, MOST_UNKNOWN - len(said))
        return [self._words.say("unknown-intro"), *said, *large, *smaller]

    def _with_a_topic(self, topics: Sequence[Alternative]) -> str:
        ways: dict[str, int] = {}
        for other in topics:
            way = self._outcomes.way(other.decision)
            ways[way] = ways.get(way, 0) + len(other.values)
        ranked = sorted(ways, key=lambda way: -ways[way])
        return self._words.say("alternative-topics", places=self._names.few(ranked, MOST_PLACES))

    def _changes(self) -> list[str]:
        others = [other for other in self._of.alternatives if not other.was_unknown]
        topics = [other for other in others if other.fact == TOPIC]
        told = sorted(filter(self._is_protected, topics), key=self._rank)[:MOST_TOPICS]
        said, smaller = self._told([other for other in others if other.fact != TOPIC], MOST_CHANGED)
        said += [self._alternative(other) for other in told]
        left = sum(len(other.values) for other in topics if other not in told and other.moves)
        if left:
            said.append(self._words.say("more-topics", n=left))
        said += smaller
        return said or [self._words.say("changes-none")]

    def _is_protected(self, other: Alternative) -> bool:
        """Whether a rule of safety or law would have decided."""
        return other.moves and other.decided_by in self._of.protected

    def _rank(self, other: Alternative) -> int:
        return self._of.protected.index(other.decided_by)

    def _told(self, others: Sequence[Alternative], most: int) -> tuple[list[str], list[str]]:
        """The large changes, each told, and how many smaller ones there are."""
        large = self._read_alike([other for other in others if other.moves or WEIGHTY & set(other.changes)])[:most]
        left = len({other.fact for other in others} - {other.fact for other in large})
        counted = [self._words.say("more-changes", n=left)] if left else []
        return [self._alternative(other) for other in large], counted

    def _read_alike(self, others: Sequence[Alternative]) -> list[Alternative]:
        """Alternatives of one fact that differ only in what is not told become one."""
        alike: dict[tuple[str, str, tuple[str, ...]], Alternative] = {}
        for other in others:
            key = (other.fact, self._changes_of(other), other.by)
            before = alike.get(key)
            if before is None:
                alike[key] = other
            else:
                values, spans = (*before.values, *other.values), (*before.spans, *other.spans)
                alike[key] = msgspec.structs.replace(before, values=values, spans=spans)
        return list(alike.values())

    def _changes_of(self, other: Alternative) -> str:
        return self._outcomes.had(other, self._of.by_rules or self._of.decision)

    def _alternative(self, other: Alternative) -> str:
        named = ", ".join(other.by[:MOST_RULES])
        rules = self._words.say("alternative-rules", rules=named) if named else ""
        changes = self._changes_of(other)
        supposing = sentence(self._facts.supposing(other))
        return self._words.say("alternative", supposing=supposing, changes=changes, rules=rules)
