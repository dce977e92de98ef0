"""Outcomes in words: what a rule said and what became of it, and what another decision would have been.

Owns how each part of an outcome is said. A part that has no words is a mistake that the tests of the catalogue find.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import cast

from rules.contributions import WAYS, Said
from rules.decide import Decision, HandOver, RouteStep
from rules.outcome import HEAD_START_S
from rules.strategy import Limit, WarmTransfer
from rules.supposing import WEIGHTY, Alternative
from rules.words import Words, sentence
from rules.words.facts import FactWords
from rules.words.names import Names

MOST_CHANGES = 3
BESIDE_A_MOVE = frozenset({"emergency", "restricted", "mask"})
"""What is told besides that the contact had gone elsewhere."""
ASK, CALL_AGAIN, CHECKLIST = "ask", "call_again", "checklist"
LISTED = frozenset({"offers", "notices", "suggestions", "checklist", "refer", "require_fields", "forbid_fields"})
"""Parts of which it is told what comes and what goes."""


class OutcomeWords:
    """How outcomes are said in one language about one city."""

    def __init__(self, names: Names, facts: FactWords) -> None:
        self._names = names
        self._facts = facts
        self._words: Words = names.words
        self._values: Mapping[str, Callable[[object], str]] = {
            "require": lambda value: names.skills(cast("dict[str, int]", value)),
            "keep": lambda value: self._listed(value, names.skill),
            "offers": lambda value: self._listed(value, self._offer),
            "suppress": lambda value: self._listed(value, self._offer, "or"),
            "notices": lambda value: self._words.together(self._notices(cast("Sequence[str]", value))),
            "suggestions": self._advice,
            "warm_transfer": lambda value: names.unit(str(getattr(value, "to", value))),
            "fallback": lambda value: names.place(str(value)),
            "head_start_s": lambda value: names.duration(cast("int", value)),
            "target_s": lambda value: names.duration(cast("int", value)),
            "prefer_last_s": lambda value: names.duration(cast("int", value)),
            "team": lambda value: names.team(str(value)),
            "checklist": lambda value: self._listed(value, lambda code: self._words.word("checklist", code)),
            "refer": lambda value: self._listed(value, names.referral),
            "require_fields": lambda value: self._listed(value, self._field),
            "forbid_fields": lambda value: self._listed(value, self._field),
            "duty": lambda value: self._words.quoted(str(value)),
            "priority": lambda value: self._words.word("value-severity", str(value)),
        }

    def place(self, decision: Decision) -> str:
        """Where a decision leads, without saying what happens there."""
        match decision.kind:
            case "queue":
                return self._names.queue(decision.queue)
            case "hand_over":
                return self._names.unit(decision.unit)
            case "answer":
                return self._words.word("answer", decision.reason)

    def way(self, decision: Decision) -> str:
        """Where a decision leads, as a way among others: `the queue ...`."""
        kind = {"queue": "queue", "hand_over": "unit", "answer": "answer"}[decision.kind]
        return self._words.say(f"way-{kind}", name=self.place(decision))

    def fields(self, fields: Sequence[str]) -> str:
        """Fields that a handover carries, by name."""
        return self._listed(fields, self._field)

    # What a rule said --------------------------------------------------------------------------------------------

    def said(self, said: Said, decision: Decision, *, is_written: bool) -> Iterator[str]:
        """One thing a rule said, as sentences."""
        field, value, say = said.field, said.value, self._words.say
        if field == "suggestions":
            yield from self._advise(cast("tuple[str, ...]", value), decision)
        elif field in WAYS:
            yield self._where(said, decision)
        elif field == "capture":
            yield from self._captures(said)
        elif said.fate == "covered":
            yield say("says-covered", what=say(f"what-{field}"))
        elif isinstance(value, WarmTransfer):
            yield from self._warm(value, decision, is_written=is_written)
        elif field == "route":
            yield from self._route(cast("tuple[RouteStep, ...]", value), decision)
        elif field == "limit":
            yield from self._limits(cast("Limit", value))
        elif said.fate in {"taken_away", "moved"}:
            by = self._words.together(said.by)
            yield say(f"says-{field}-{said.fate}", value=self._value(field, value), by=by)
        else:
            yield self._as_it_is(field, value, decision, is_written=is_written)

    def _as_it_is(self, field: str, value: object, decision: Decision, *, is_written: bool) -> str:
        """Something that stands as the rule said it."""
        key = f"says-{field}"
        waits = decision.kind == "queue" and not decision.emergency
        if field == "priority" and waits and str(value) in HEAD_START_S:
            ahead = self._names.duration(HEAD_START_S[str(value)])
            return self._words.say("says-priority-ahead", value=self._value(field, value), ahead=ahead)
        if field == "demand":
            return self._words.say(key, state=str(value))
        if isinstance(value, bool):
            return self._words.say(key)
        if field in {"warm_transfer", "fallback"}:
            value = getattr(decision, field) or value
            key += "-written" if field == "warm_transfer" and is_written else ""
        elif field == "require":
            key += "" if decision.kind == "queue" else "-returned"
        return sentence(self._words.say(key, value=self._value(field, value)))

    def _advise(self, codes: Sequence[str], decision: Decision) -> Iterator[str]:
        """Advice; a checklist that the decision names is told as one, not twice."""
        named = {f"{CHECKLIST}:{code}" for code in decision.checklist}
        told = [code for code in codes if code not in named]
        if told:
            yield self._words.say("says-suggestions", value=self._advice(told))

    def _warm(self, warm: WarmTransfer, decision: Decision, *, is_written: bool) -> Iterator[str]:
        """Who is called, for how long it is tried, and who is next."""
        if warm.within_s and not is_written:
            named = self._names.unit(decision.warm_transfer or warm.to)
            yield sentence(
                self._words.say("says-warm_transfer-within", value=named, within=self._names.duration(warm.within_s))
            )
        else:
            yield self._as_it_is("warm_transfer", warm, decision, is_written=is_written)
        if warm.fallback:
            yield sentence(self._words.say("says-fallback", value=self._names.place(warm.fallback)))

    def _where(self, said: Said, decision: Decision) -> str:
        if said.fate == "too_late":
            way = self._proposed(said)
            by = self._words.together(said.by)
            if not by:
                return self._words.say("says-too_late-alone", value=way)
            if way == self.way(decision):
                return self._words.say("says-too_late-same", by=by)
            return self._words.say("says-too_late", value=way, by=by)
        return self._words.say(f"says-{said.field}", value=self.place(decision))

    def _proposed(self, said: Said) -> str:
        value = said.value
        if isinstance(value, HandOver):
            return self._words.say("way-unit", name=self._names.unit(value.unit or value.duty))
        if said.field == "answer":
            return self._words.say("way-answer", name=self._words.word("answer", str(value)))
        return self._words.say("way-queue", name=self._names.queue(str(value)))

    def _route(self, steps: Sequence[RouteStep], decision: Decision) -> Iterator[str]:
        """How the circle is widened; what is not waiting in a queue has that before it only if it comes back."""
        if decision.kind != "queue":
            yield self._words.say("says-route-returned")
            return
        for step in steps:
            yield from self._step(step, decision)

    def _step(self, step: RouteStep, decision: Decision) -> Iterator[str]:
        """Each way in which a step lets more people take it, or how it leaves the queue."""
        say, after = self._words.say, self._names.duration(step.at_s)
        if step.exit:
            unit = {"unit": self._names.unit(step.unit)} if step.exit == "unit" else {}
            yield say(f"step-exit-{step.exit}", after=after, **unit)
        if step.teams:
            teams = self._words.together([self._names.team(team) for team in step.teams])
            yield say("step-teams", after=after, teams=teams)
        kept = self._words.together([self._names.skill(each) for each in decision.keep]) if decision.keep else ""
        if step.drop:
            yield say("step-drop-kept", after=after, kept=kept) if kept else say("step-drop", after=after)
        elif step.level:
            key = "step-level-kept" if kept else "step-level"
            yield say(key, after=after, n=-step.level, kept=kept)

    def _limits(self, limit: Limit) -> Iterator[str]:
        ways: tuple[tuple[str, Callable[[str], str], str], ...] = (
            ("notices", lambda by: self._words.word("by", by), "or"),
            ("fields", lambda part: self._words.word("part", part), "and"),
            ("teams", self._names.team, "or"),
        )
        for part, named, joint in ways:
            found: object = getattr(limit, part, ())
            if found:
                yield self._words.say(f"says-limit-{part}", value=self._listed(found, named, joint))
        if getattr(limit, "push", ""):
            yield self._words.say("says-limit-push")

    def _captures(self, said: Said) -> Iterator[str]:
        parts = {"covered": said.value} if said.fate == "covered" else {}
        for part in ("forbid", "allow"):
            parts |= {part: getattr(said.value, part, ())}
        for part, found in parts.items():
            if found:
                listed = self._listed(found, lambda field: self._words.word("part", field))
                yield self._words.say(f"says-capture-{part}", value=listed)

    # What another decision would have been -----------------------------------------------------------------------

    def had(self, other: Alternative, before: Decision) -> str:
        """The weightiest changes of another decision, as parts of one sentence."""
        parts = [self._had_place(other.decision)] if other.moves else []
        told = [part for part in other.changes if part in (BESIDE_A_MOVE if other.moves else WEIGHTY)]
        for part in told or ([] if other.moves else other.changes):
            parts += self._had(part, getattr(before, part), getattr(other.decision, part))
        return self._words.together(parts[:MOST_CHANGES])

    def _had_place(self, decision: Decision) -> str:
        return self._words.say(f"had-{decision.kind}", value=self.place(decision))

    def _had(self, part: str, before: object, after: object) -> Iterator[str]:
        key = f"had-{part}"
        if not self._words.has(key):
            yield self._words.say("had-other")
        elif part == "require":
            yield self._had_skills(cast("dict[str, int]", before), cast("dict[str, int]", after))
        elif part == "demand":
            yield self._words.say(key, state=str(after) or "unknown")
        elif part in LISTED:
            yield from self._had_listed(part, cast("tuple[str, ...]", before), cast("tuple[str, ...]", after))
        else:
            value = self._value(part, after) if after else ""
            yield self._words.say(key, state="yes" if after else "no", value=value)

    def _had_listed(self, part: str, before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
        more, less = [word for word in after if word not in before], [word for word in before if word not in after]
        for state, words in (("yes", more), ("no", less)):
            if words:
                yield self._words.say(f"had-{part}", state=state, value=self._value(part, words))

    def _had_skills(self, before: dict[str, int], after: dict[str, int]) -> str:
        more = {skill: level for skill, level in after.items() if level > before.get(skill, 0)}
        state = "yes" if more else "less" if after else "no"
        return self._words.say("had-require", state=state, value=self._names.skills(more))

    # Values ------------------------------------------------------------------------------------------------------

    def _value(self, field: str, value: object) -> str:
        named = self._values.get(field)
        return named(value) if named else str(value)

    def _listed(self, value: object, named: Callable[[str], str], joint: str = "and") -> str:
        parts = [named(part) for part in cast("Sequence[str]", value)]
        return self._words.together(parts, "or" if joint == "or" else "and")

    def _field(self, field: str) -> str:
        return self._words.word("field", field)

    def _offer(self, offer: str) -> str:
        return self._words.word("offer", offer)

    def _notices(self, notices: Sequence[str]) -> list[str]:
        """Notices and the ways they go; those that go the same way are told together."""
        ways: dict[str, list[str]] = {}
        for notice in notices:
            moment, _, by = notice.partition(":")
            ways.setdefault(by, []).append(self._words.word("moment", moment))
        said = [(self._words.together(moments), self._words.word("by", by)) for by, moments in ways.items()]
        return [self._words.say("notice", moment=moments, by=by) for moments, by in said]

    def _advice(self, value: object) -> str:
        return "; ".join(self.advised(code) for code in cast("Sequence[str]", value))

    def advised(self, code: str) -> str:
        """One piece of advice: the city's own codes, some with something named after the colon."""
        verb, _, what = code.partition(":")
        if self._words.has(f"suggest-{code.replace(':', '-')}") or not self._words.has(f"suggest-{verb}") or not what:
            return self._words.word("suggest", code)
        if verb == ASK:
            return self._words.say("suggest-ask", what=self._facts.name(what))
        if verb == CALL_AGAIN and what.isdecimal():
            return self._words.say("suggest-call_again", what=self._names.duration(int(what)))
        return self._words.say(f"suggest-{verb}", what=self._words.quoted(what))
