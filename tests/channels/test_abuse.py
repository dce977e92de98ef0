"""Guards of open forms: how often from one address, and whether a form was ours and filled in by a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.abuse import Buckets, check_stamp, network_of, same, stamp
from tests.channels.recording_inbox import RecordingInbox

SIGN = RecordingInbox().sign


def verdict(given_: str, now_ms: int, form: str = "f") -> str:
    """What is said of a stamp, for forms that take 3 seconds to an hour."""
    return check_stamp(SIGN, form, given_, now_ms, at_least_s=3, at_most_s=3600)


def test_a_bucket_fills_again() -> None:
    """So many at once, then one for each interval; another address has its own."""
    buckets = Buckets(2, 10)
    assert [buckets.take("192.0.2.1", 0) for _ in range(3)] == [True, True, False]
    assert buckets.take("192.0.2.2", 0)
    assert not buckets.take("192.0.2.1", 9_999)
    assert buckets.take("192.0.2.1", 10_000)
    assert not buckets.take("192.0.2.1", 10_001)
    assert buckets.wait_s() == 10


@given(st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(["192.0.2.1", "2001:db8::1"])), max_size=60))
def test_no_order_lets_more_through(takes: list[tuple[int, str]]) -> None:
    """Over any time no address gets more than its bucket and its refill, even when time stands or runs back."""
    buckets = Buckets(3, 10)
    for address in ("192.0.2.1", "2001:db8::1"):
        assert (
            sum(buckets.take(who, at) for at, who in takes if who == address)
            <= 3 + max([at for at, who in takes if who == address], default=0) * len(takes) / 10_000 + 1
        )


def test_memory_has_an_end() -> None:
    """However many addresses come, only the last ones are remembered."""
    buckets = Buckets(1, 10, most=10)
    for i in range(100):
        buckets.take(f"192.0.2.{i}", 0)
    assert not buckets.take("192.0.2.99", 0)
    assert buckets.take("192.0.2.1", 0)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("nonsense", "", True),
    ],
)
def test_a_household_is_one_address(one: str, other: str, *, is_same: bool) -> None:
    """An IPv6 network counts as one, however many addresses it has."""
    assert (network_of(one) == network_of(other)) is is_same


def test_a_form_is_filled_in_at_a_persons_pace() -> None:
    """Too fast is a machine, too old a page from yesterday; what we did not make is forged."""
    made = stamp(SIGN, "f", 1_000_000, "abc")
    assert verdict(made, 1_002_999) == "too_fast"
    assert verdict(made, 1_003_000) == "fine"
    assert verdict(made, 4_600_001) == "too_old"
    assert verdict(made, 1_003_000, "another") == "forged"
    assert verdict(made.replace("1000000", "900000"), 1_003_000) == "forged"
    assert verdict(made.replace("abc", "abd"), 1_003_000) == "forged"


@given(st.text())
def test_nothing_but_ours_is_a_stamp(text: str) -> None:
    """Any text is forged, and nothing breaks."""
    assert verdict(text, 1_003_000) == "forged"
    assert not same(text, "a-secret-of-ours")
