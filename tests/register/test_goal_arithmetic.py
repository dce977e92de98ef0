"""The 80 % instrument's definitions, one by one, and its sums."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.measures.goal import Count, Goal, exclusion, goal, instant, is_resolved, is_resolved_strict
from tests.register.register_walks import RESOLUTIONS, TOPICS

DAY_MS = 86_400_000
MONDAY = [
    Count("contact", "phone", "", "closed", 8),
    Count("contact", "phone", "", "abandoned", 2),
    Count("contact", "email", "", "handed_over", 3),
    Count("contact", "email", "", "answered", 1),
    Count("contact", "web", "", "observed", 6),
    Count("matter", "phone", "BAR.FSK", "answered", 5),
    Count("matter", "phone", "KOM.SÖK", "answered", 1),
    Count("matter", "phone", "BAR.FSK", "uncoded", 2),
    Count("matter", "phone", "", "abandoned", 2),
    Count("matter", "email", "GAT.BEL", "registered_complete", 2),
    Count("matter", "email", "GAT.BEL", "handed_over", 1),
    Count("matter", "email", "BAR.FSK", "automatic", 1),
]
COUNTS = st.lists(
    st.one_of(
        st.builds(
            Count,
            st.just("matter"),
            st.sampled_from(("phone", "email")),
            st.sampled_from(TOPICS),
            st.sampled_from((*RESOLUTIONS, "registered_complete", "automatic", "transferred", "abandoned")),
            st.integers(1, 50),
        ),
        st.builds(
            Count,
            st.just("contact"),
            st.sampled_from(("phone", "email")),
            st.just(""),
            st.sampled_from(("queued", "with_agent", "handed_over", "answered", "closed", "abandoned", "observed")),
            st.integers(1, 50),
        ),
    )
)


@pytest.mark.parametrize(
    ("topic", "resolution", "strict", "resolved"),
    [
        ("BAR.FSK", "answered", True, True),
        ("BAR.FSK", "decided", True, True),
        ("BAR.FSK", "booked", True, True),
        ("BAR.FSK", "guided", True, True),
        ("BAR.FSK", "registered_complete", False, True),
        ("KOM.FEL", "referred_external", True, True),
        ("BAR.FSK", "referred_external", False, False),
        ("BAR.FSK", "handed_over", False, False),
        ("BAR.FSK", "transferred", False, False),
        ("BAR.FSK", "automatic", False, False),
        ("BAR.FSK", "follower", False, False),
        ("BAR.FSK", "uncoded", False, False),
        ("BAR.FSK", "self_service_hint", False, False),
        ("BAR.FSK", "message_taken", False, False),
        ("BAR.FSK", "asked_to_return", False, False),
        ("BAR.FSK", "unresolved", False, False),
    ],
)
def test_what_counts_as_resolved(topic: str, resolution: str, strict: bool, resolved: bool) -> None:
    """Only what left nothing to anybody is strict; a complete registration counts beside it."""
    assert (is_resolved_strict(topic, resolution), is_resolved(topic, resolution)) == (strict, resolved)
    assert exclusion(topic, resolution) == ""


@pytest.mark.parametrize(
    "resolution", ["named_person", "internal", "spam", "misdialled", "line_lost", "abandoned", "cancelled"]
)
def test_what_is_no_matter_for_a_servicecenter(resolution: str) -> None:
    """Left out of the denominator under its own name, whatever the topic."""
    assert exclusion("KOM.SÖK", resolution) == resolution


@pytest.mark.parametrize("topic", ["KOM.SÖK", "INT.SUP"])
def test_topics_that_are_left_out(topic: str) -> None:
    """The switchboard's and the own organisation's matters are counted apart, under the topic."""
    assert exclusion(topic, "answered") == topic


def test_a_monday_adds_up() -> None:
    """A small day, figure by figure."""
    found = msgspec.json.decode(msgspec.json.encode(goal(MONDAY, 0, DAY_MS)))
    assert (found["from"], found["to"], found["state"], found["measure"]) == (
        "1970-01-01T00:00:00Z",
        "1970-01-02T00:00:00Z",
        "provisional",
        "agent",
    )
    assert found["contacts"] == {
        "received": 14,
        "observed": 6,
        "open": 4,
        "closed": 8,
        "abandoned": 2,
        "cancelled": 0,
        "handed_over_open": 3,
        "answered_open": 1,
    }
    assert found["matters"] == {
        "total": 14,
        "eligible": 11,
        "resolved": 7,
        "resolved_strict": 5,
        "uncoded": 2,
        "excluded": {"KOM.SÖK": 1, "abandoned": 2},
        "by_resolution": {
            "abandoned": 2,
            "answered": 6,
            "automatic": 1,
            "handed_over": 1,
            "registered_complete": 2,
            "uncoded": 2,
        },
    }


def test_a_mondays_shares() -> None:
    """The ratios and the parts of the same day."""
    found = msgspec.json.decode(msgspec.json.encode(goal(MONDAY, 0, DAY_MS)))
    assert found["ratio"] == {"resolved": 7 / 11, "resolved_strict": 5 / 11}
    assert found["reach"] == {"observed": 6, "via_servicecenter": 14, "ratio": 0.7}
    assert [(part["channel"], part["contacts"], part["eligible"]) for part in found["by_channel"]] == [
        ("email", 4, 4),
        ("phone", 10, 7),
    ]
    assert [(part["topic"], part["total"]) for part in found["by_topic"]] == [
        ("BAR.FSK", 8),
        ("GAT.BEL", 3),
        ("", 2),
        ("KOM.SÖK", 1),
    ]


def test_nothing_gives_no_ratio() -> None:
    """A share of nothing is null, not 0 and not 100 %."""
    found = goal([], 0, 1)
    assert (found.ratio.resolved, found.ratio.resolved_strict, found.reach.ratio) == (None, None, None)


@given(COUNTS)
def test_parts_always_add_up_to_the_whole(counts: list[Count]) -> None:
    """Channels, topics, resolutions and exclusions each sum to the total; strict never exceeds resolved."""
    found = goal(counts, 0, 1)
    matters = found.matters
    assert matters.total == matters.eligible + sum(matters.excluded.values()) == sum(matters.by_resolution.values())
    assert matters.resolved_strict <= matters.resolved <= matters.eligible
    for parts in (found.by_channel, found.by_topic):
        for name in ("total", "eligible", "resolved", "resolved_strict", "uncoded"):
            assert sum(getattr(part, name) for part in parts) == getattr(matters, name)
    assert sum(part.contacts for part in found.by_channel) == found.contacts.received
    ended = found.contacts.closed + found.contacts.abandoned + found.contacts.cancelled
    assert found.contacts.received == found.contacts.open + ended


@given(COUNTS, st.integers(0, 2**40))
def test_the_document_reads_back(counts: list[Count], at_ms: int) -> None:
    """What `GET /v1/goal` gives can be read by the same struct."""
    found = goal(counts, at_ms, at_ms + 1)
    assert msgspec.json.decode(msgspec.json.encode(found), type=Goal) == found


def test_instants_show_milliseconds_only_when_there_are_any() -> None:
    """RFC 3339 in UTC."""
    assert (instant(1_767_600_000_000), instant(1_767_600_000_007)) == (
        "2026-01-05T08:00:00Z",
        "2026-01-05T08:00:00.007Z",
    )
