"""Law 7: unknown is not false. Self-service is only ever an offer; a human way exists in every decision."""

from hypothesis import given
from hypothesis import strategies as st

from router.config import example_city
from rules.city import load_city
from rules.decide import decide

CITY = load_city(example_city())
PEOPLE = {*CITY.queues, *CITY.units, "112"}
FACTS: dict[str, st.SearchStrategy[str | int | bool | None]] = {
    "point": st.sampled_from(["received", "topic_set", "fact_changed", "waited", "returned"]),
    "channel": st.sampled_from(["phone", "chat", "email", "web", "visit"]),
    "medium": st.sampled_from(["voice", "messaging", "written", "in_person"]),
    "topic": st.sampled_from([*CITY.topics.codes()]),
    "topic_confidence": st.integers(0, 100),
    "severity": st.sampled_from(["life", "P1", "P2", "P4"]),
    "identity": st.sampled_from(["none", "shared", "likely", "verified"]),
    "protection": st.sampled_from(["none", "marked", "protected_registration", "assumed_identity"]),
    "language": st.sampled_from(["sv", "fi", "so"]),
    "repeats_7d": st.integers(0, 5),
    "sensitive_detected": st.booleans(),
    "automatic": st.booleans(),
    "disturbance": st.booleans(),
    "anonymous": st.booleans(),
    "queue_wait_s": st.integers(0, 2_000),
    **{f"calendar.{name}": st.sampled_from(["open", "closed"]) for name in CITY.calendars},
}
SOME_FACTS = st.fixed_dictionaries({}, optional=FACTS)
Facts = dict[str, str | int | bool | None]


@given(SOME_FACTS)
def test_there_is_always_a_human_way(facts: Facts) -> None:
    """Whatever is known or unknown, the decision leads to people, or names the people behind an automatic answer."""
    decision = decide(CITY.strategy, facts)
    assert decision.kind in {"queue", "hand_over", "answer"}
    assert decision.fallback in PEOPLE or decision.fallback in {"tib", "sos_alarm"}
    if decision.kind == "queue":
        assert decision.queue in CITY.queues
    elif decision.kind == "hand_over":
        assert decision.unit in CITY.units


@given(SOME_FACTS, st.sampled_from(sorted(FACTS)))
def test_a_missing_fact_and_none_are_the_same(facts: Facts, fact: str) -> None:
    """A fact that nobody asked about is unknown, whether it is left out or empty."""
    without = {name: value for name, value in facts.items() if name != fact}
    assert decide(CITY.strategy, without) == decide(CITY.strategy, {**without, fact: None})


def test_unknown_protection_is_not_unprotected() -> None:
    """That nobody could look up the protection is written down, and a known person is asked; false would be silent."""
    base: Facts = {"point": "received", "channel": "phone", "medium": "voice", "topic": "BYG.LOV", "identity": "likely"}
    unknown, none = decide(CITY.strategy, base), decide(CITY.strategy, {**base, "protection": "none"})
    assert "protection" in unknown.trace.unknown
    assert "protection" not in none.trace.unknown


@given(SOME_FACTS)
def test_the_protected_are_never_sent_to_a_machine(facts: Facts) -> None:
    """A protected person is offered neither self-service nor a public callback, and is always masked and restricted."""
    decision = decide(CITY.strategy, {**facts, "protection": "marked"})
    assert decision.mask
    assert decision.restricted
    assert not {"self_service", "callback"} & set(decision.offers)
