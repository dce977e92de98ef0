"""Service level and abandonment: what counts, when a day turns, and that both counts and shares are honest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.journal import EntryData, Side
from router.measures.service_level import RECENT_MS, SLOT_MS, ServiceCounts, ServiceMeter, sum_counts
from tests.register.register_journals import START_MS, Journal

GENERAL = ("general", "voice")
SHORT_MS, TARGET_MS = 5_000, 60_000
DAY_MS = 86_400_000


class Counted:
    """A journal whose every entry a meter follows."""

    def __init__(self) -> None:
        self.journal = Journal()
        self.meter = ServiceMeter(lambda at: at - at % DAY_MS + DAY_MS, SHORT_MS)
        self._read = 0

    def later(self, ms: int) -> "Counted":
        """Time goes by."""
        self.journal.at += ms
        return self

    def today(self) -> ServiceCounts:
        """The day's counts of the general queue."""
        for entry in self.journal.entries[self._read :]:
            self.meter.follow(entry)
        self._read = len(self.journal.entries)
        return self.meter.today(self.journal.at).get(GENERAL, ServiceCounts())

    def answer(self, contact: str, after_ms: int) -> None:
        """A contact that is answered after so long."""
        self.journal.receive(contact)
        self.later(after_ms).journal.offer(contact)
        self.journal.accept(contact)

    def abandon(self, contact: str, after_ms: int) -> None:
        """A contact whose resident leaves after so long."""
        self.journal.receive(contact)
        self.later(after_ms).journal.write("end_contact", [("contact", contact, "abandon")], EntryData(contact=contact))


@pytest.fixture
def counted() -> Counted:
    """An empty day."""
    return Counted()


def test_the_shares_are_those_of_the_definition(counted: Counted) -> None:
    """Two in time, one late, one left, one left at once: 2 / (3 + 2 - 1) in time, (2 - 1) / (3 + 2 - 1) abandoned."""
    for contact, after_ms in (("c1", 1_000), ("c2", TARGET_MS), ("c3", TARGET_MS + 1)):
        counted.answer(contact, after_ms)
    counted.abandon("c4", SHORT_MS)
    counted.abandon("c5", SHORT_MS - 1)

    today = counted.today()

    assert today == ServiceCounts(offered=5, answered=3, answered_within=2, abandoned=2, abandoned_short=1)
    assert (today.service_level, today.abandonment) == (2 / 4, 1 / 4)


def test_nothing_measured_is_unknown(counted: Counted) -> None:
    """Somebody waits and somebody hung up at once: no share at all, neither 0 nor 1."""
    counted.journal.receive("c1")
    counted.abandon("c2", 100)

    assert (counted.today().service_level, counted.today().abandonment) == (None, None)
    assert counted.today().offered == 2


def test_a_contact_counts_once(counted: Counted) -> None:
    """Answered and given back to the queue: leaving in the second wait is no abandonment."""
    counted.answer("c1", 1_000)
    moves = [("leg", counted.journal.latest("c1", "l"), "end"), ("contact", "c1", "release")]
    counted.journal.write("release_contact", moves, EntryData(contact="c1"), counted.journal.placed())
    counted.later(TARGET_MS).journal.write("end_contact", [("contact", "c1", "abandon")], EntryData(contact="c1"))

    assert counted.today() == ServiceCounts(offered=1, answered=1, answered_within=1)


def test_an_accepted_offer_is_no_answer_before_the_conversation(counted: Counted) -> None:
    """While the channel connects nobody has been answered; a supervisor's leg is no answer either."""
    counted.journal.receive("c1")
    counted.journal.offer("c1")
    moves = [("offer", "c1.o1", "accept"), ("contact", "c1", "accept"), ("leg", "c1.l1", "connect")]
    counted.journal.write("accept_offer", moves, EntryData(contact="c1"))
    side = Side("c1.l2", "boss", "supervisor")
    counted.journal.write(
        "begin_side_leg",
        [("leg", "c1.l2", "connect"), ("leg", "c1.l2", "connected")],
        EntryData(contact="c1", side=side),
    )
    assert counted.today().answered == 0

    counted.later(1_000).journal.write("connect_leg", [("leg", "c1.l1", "connected")], EntryData(contact="c1"))
    assert counted.today().answered == 1


def test_another_promise_is_neither_answer_nor_abandonment(counted: Counted) -> None:
    """Who is to be called back has left the wait; the call, kept later, is no second one."""
    counted.journal.receive("c1")
    moves = [("contact", "c1", "call_back"), ("callback", "c1.b1", "promise")]
    counted.journal.write("promise_callback", moves, EntryData(contact="c1"))
    moves = [("contact", "c1", "fall_due"), ("callback", "c1.b1", "fall_due")]
    counted.journal.write("fall_due_callback", moves, EntryData(contact="c1"), counted.journal.placed())
    counted.journal.offer("c1")
    counted.journal.accept("c1")

    assert counted.today() == ServiceCounts(offered=1, left=1)


def test_a_contact_that_is_moved_is_the_new_queues(counted: Counted) -> None:
    """Moved while it waits: it left the one queue and came to the other, where its answer counts."""
    counted.journal.receive("c1")
    place = counted.journal.placed()
    other = type(place)("b2", type(place.asks)("other", "phone", "voice", 1), place.score, place.ready_at, place.due_at)
    counted.journal.write("place_contact", [("contact", "c1", "requeue")], EntryData(contact="c1"), other)
    counted.journal.offer("c1")
    counted.journal.accept("c1")

    assert counted.today() == ServiceCounts(offered=1, left=1)
    found = counted.meter.today(counted.journal.at)[("other", "voice")]
    assert found == ServiceCounts(offered=1, answered=1, answered_within=1)


def test_the_last_quarter_of_an_hour_slides(counted: Counted) -> None:
    """What happened more than fifteen minutes ago is forgotten there, and stands in the day."""
    counted.answer("c1", 1_000)
    counted.today()
    at = counted.journal.at
    assert counted.meter.recent(at + RECENT_MS)[GENERAL].answered == 1
    assert counted.meter.recent(at + RECENT_MS + 2 * SLOT_MS) == {}
    assert counted.meter.today(at + RECENT_MS + 2 * SLOT_MS)[GENERAL].answered == 1


def test_the_day_turns_at_midnight(counted: Counted) -> None:
    """At midnight the day's counts begin anew; a contact that waits over midnight is answered on the new day."""
    counted.journal.at = START_MS - START_MS % DAY_MS + DAY_MS - 1_000
    counted.journal.receive("c1")
    assert counted.today().offered == 1

    counted.later(2_000).journal.offer("c1")
    counted.journal.accept("c1")
    assert counted.today() == ServiceCounts(answered=1, answered_within=1)


@given(st.lists(st.tuples(st.sampled_from(["answer", "abandon", "wait"]), st.integers(0, 2 * TARGET_MS)), max_size=30))
def test_the_counts_add_up(lives: list[tuple[str, int]]) -> None:
    """Offered = answered + abandoned + left + who waits still, and shares lie between 0 and 1."""
    counted = Counted()
    for number, (how, after_ms) in enumerate(lives):
        if how == "wait":
            counted.journal.receive(f"c{number}")
        else:
            getattr(counted, how)(f"c{number}", after_ms)

    today = counted.today()

    waiting = sum(how == "wait" for how, _ in lives)
    assert today.offered == today.answered + today.abandoned + today.left + waiting
    assert today.answered_within <= today.answered
    assert today.abandoned_short <= today.abandoned
    assert all(0 <= value <= 1 for value in (today.service_level, today.abandonment) if value is not None)
    assert sum_counts([today, ServiceCounts()]) == today
