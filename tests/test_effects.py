"""What a decision made again may do, as properties: law wins, nothing without consent, no news changes nothing."""

from typing import Literal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from router.effects import Change, advised, effect_of, for_here
from router.exits import changes_place, destination
from router.model import OpenContact
from rules.outcome import Decision, Trace

KINDS: list[Literal["queue", "hand_over", "answer"]] = ["queue", "queue", "hand_over", "answer"]
WORDS = st.sampled_from(["a", "b", "c"])


@st.composite
def decisions(draw: st.DrawFn) -> Decision:
    """A decision of few words, so that two are often alike in parts."""
    kind: Literal["queue", "hand_over", "answer"] = draw(st.sampled_from(KINDS))
    return Decision(
        kind=kind,
        queue=draw(WORDS) if kind == "queue" else "",
        unit=draw(WORDS) if kind == "hand_over" else "",
        require=draw(st.dictionaries(WORDS, st.integers(1, 2), max_size=1)),
        keep=(),
        route=(),
        emergency=draw(st.booleans()),
        head_start_s=0,
        reason="",
        restricted=draw(st.booleans()),
        mask=draw(st.booleans()),
        offers=draw(st.sampled_from([(), ("callback",)])),
        notices=(),
        suggestions=draw(st.sampled_from([(), ("ask:severity",)])),
        warm_transfer="",
        fallback="a",
        trace=Trace("1", "x", draw(st.sampled_from([("E1",), ("E2",)]))),
    )


changes = st.builds(
    Change, decisions(), decisions(), decisions(), st.frozensets(st.sampled_from(["A1", "B1"]), max_size=1)
)


@given(decisions(), decisions(), st.booleans())
def test_without_news_nothing_changes(stands: Decision, said: Decision, has_agent: bool) -> None:
    """The same word of the strategy does nothing, whatever people have done since, unless it hides more than stands."""
    change = Change(stands, said, said, frozenset())
    expected = "law" if change.is_stricter else "same"
    assert effect_of(change, has_agent=has_agent, has_news=False) == expected


@given(changes, st.booleans(), st.booleans())
def test_what_must_be_hidden_is_hidden_whoever_has_it(change: Change, has_agent: bool, has_news: bool) -> None:
    """A new mask or restriction is law; so is a law's rule that places it elsewhere."""
    effect = effect_of(change, has_agent=has_agent, has_news=has_news)
    is_law = change.is_stricter or bool(change.law and changes_place(change.before, change.new))
    assert (effect == "law") == is_law


@given(changes, st.booleans())
def test_no_other_change_takes_a_contact_from_an_agent(change: Change, has_news: bool) -> None:
    """At most it is suggested, and only another place than where it is."""
    effect = effect_of(change, has_agent=True, has_news=has_news)
    assert effect != "placed"
    if effect == "suggested":
        assert destination(change.new) not in {destination(change.before), destination(change.standing)}
        assert change.new.kind != "answer"


@given(changes, st.booleans())
def test_who_waits_is_never_asked(change: Change, has_news: bool) -> None:
    """There is nobody who could consent: it is placed, or kept in mind."""
    assert effect_of(change, has_agent=False, has_news=has_news) != "suggested"


@given(decisions(), decisions(), decisions(), st.booleans())
def test_what_people_have_moved_stays_while_the_strategy_means_the_same_place(
    stands: Decision, before: Decision, new: Decision, has_news: bool
) -> None:
    """A transfer or a supervisor's move is not undone by a wait that only widens the pool."""
    new = msgspec.structs.replace(
        new, kind=before.kind, queue=before.queue, unit=before.unit, mask=stands.mask, restricted=stands.restricted
    )
    change = Change(stands, before, new, frozenset())
    if destination(stands) != destination(before):
        assert effect_of(change, has_agent=False, has_news=has_news) in {"same", "noted"}


@given(decisions(), decisions())
def test_advice_moves_nothing(stands: Decision, new: Decision) -> None:
    """What stands goes on standing where and as hidden as it is; only what to say and to look for is new."""
    said = advised(stands, new)
    assert not changes_place(stands, said)
    assert (said.mask, said.offers, said.suggestions) == (stands.mask, new.offers, new.suggestions)


@given(decisions(), decisions(), WORDS, st.integers(0, 2))
def test_an_open_contact_is_never_answered_by_itself(new: Decision, stands: Decision, unit: str, n: int) -> None:
    """Nor sent again to the unit that has sent it back: a person in its queue has it."""
    contact = OpenContact(queue="b", unit=unit, handovers=n)
    here = for_here(new, contact, stands)
    assert here.kind != "answer"
    if here.kind == "hand_over":
        assert not (n and here.unit == unit)
    if here is not new:
        assert destination(here) == ("queue", "b")
