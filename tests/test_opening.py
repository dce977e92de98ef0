from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.errors import SchemaMismatch, ServicecenterError, UnknownQueue
from router.journal import Asks
from router.model import EMERGENCY, LIVE_CLASS
from router.opening import NEVER_MS, Opening, check_order, hours_end
from router.orders import Order, Orders
from rules.calendars import MINUTE_MS, local_ms
from rules.city import City, load_city
from rules.organisation import Closing
from tests.rules.spoiled_city import EXAMPLE

HOUR_MS = 60 * MINUTE_MS
CITY = load_city(EXAMPLE)
QUEUE = "naringsliv"
"""Lets nobody in during the last 5 minutes, and serves who waits for 15 after closing at 17:00."""
DAY = "2026-02-03"
ALWAYS_OPEN = msgspec.structs.replace(
    CITY, hours={**CITY.hours, QUEUE: CITY.calendars["always"], "generalist": CITY.calendars["always"]}
)


def at(clock: str, day: str = DAY) -> int:
    """A local time of an ordinary Tuesday."""
    return local_ms(f"{day} {clock}")


def opening(*orders: Order, city: City = CITY) -> Opening:
    """The example city under these orders."""
    return Opening(city, Orders(orders))


@pytest.mark.parametrize(
    ("clock", "medium", "admitted"),
    [
        ("07:59", "voice", False),
        ("08:00", "voice", True),
        ("16:54", "voice", True),
        ("16:55", "voice", False),
        ("16:55", "messaging", False),
        ("17:00", "in_person", False),
        ("23:00", "written", True),
    ],
)
def test_nobody_new_is_let_in_just_before_closing(clock: str, medium: str, admitted: bool) -> None:
    """Entry stops so long before closing as the queue says; letters come at any hour."""
    assert opening().admits(QUEUE, medium, at(clock)) is admitted


@pytest.mark.parametrize(
    ("clock", "order_class", "answers_late", "is_turned_away"),
    [
        ("16:54", LIVE_CLASS, False, False),
        ("16:55", LIVE_CLASS, False, True),
        ("16:55", LIVE_CLASS, True, False),
        ("23:00", LIVE_CLASS, False, True),
        ("23:00", EMERGENCY, False, False),
    ],
)
def test_who_comes_too_late_rings_nowhere_if_the_queue_says_so(
    clock: str, order_class: int, answers_late: bool, is_turned_away: bool
) -> None:
    """Also not where an agent is free; an emergency is let in at any hour, everybody where late is answered."""
    queue = CITY.queue(QUEUE)
    closing = msgspec.structs.replace(queue.closing, answers_late=answers_late)
    own = msgspec.structs.replace(queue, closing=closing)
    city = msgspec.structs.replace(CITY, queues={**CITY.queues, QUEUE: own})
    asks = Asks(queue=QUEUE, channel="phone", medium="voice", order_class=order_class)
    assert opening(city=city).turns_away(asks, at(clock), at(clock)) is is_turned_away


def test_who_waits_at_closing_is_served_and_then_leaves() -> None:
    """Until a quarter past closing time they are served; then they must be promised something else."""
    each, waiting = opening(), at("16:40")

    assert each.served_until(QUEUE, at("16:59")) == at("17:15")
    assert each.served_until(QUEUE, at("17:05")) == at("17:15")
    assert [each.must_leave(QUEUE, "voice", waiting, at(clock)) for clock in ("16:59", "17:00", "17:14", "17:15")] == [
        *(False, False, False, True)
    ]
    assert not each.must_leave(QUEUE, "written", waiting, at("17:15"))
    assert not each.must_leave(QUEUE, "voice", at("17:05"), at("17:20")), "who came after closing waits for morning"
    assert not each.must_leave(QUEUE, "voice", waiting, at("08:00", "2026-02-04"))


def test_a_closed_queue_serves_who_waits_as_at_closing_time() -> None:
    """An order to close is a closing time of its own, and the evening that follows doesn't make it a later one."""
    each = opening(Order("queue_closed", QUEUE, at=at("10:00"), until=at("12:00", "2026-02-04")))

    assert not each.admits(QUEUE, "voice", at("10:00"))
    assert each.served_until(QUEUE, at("10:01")) == at("10:15")
    assert each.served_until(QUEUE, at("18:00")) == at("10:15")
    assert not each.must_leave(QUEUE, "voice", at("09:50"), at("10:14"))
    assert each.must_leave(QUEUE, "voice", at("09:50"), at("10:15"))
    assert each.opens_at(QUEUE, at("10:01")) == at("12:00", "2026-02-04")
    assert each.is_open(QUEUE, at("12:00", "2026-02-04"))


def test_a_queue_closed_without_an_end_opens_with_the_next_day_at_best() -> None:
    """What is promised then can be kept only if somebody opens the queue again; today is not promised."""
    assert opening(Order("queue_closed", QUEUE, at=at("10:00"))).opens_at(QUEUE, at("10:01")) == at(
        "08:00", "2026-02-04"
    )


def test_a_queue_is_held_open_beyond_its_hours() -> None:
    """An order to open moves closing time, entry stop and serving; afterwards its end counts as the closing."""
    each = opening(Order("queue_open", QUEUE, at=at("16:00"), until=at("19:00")))

    assert each.admits(QUEUE, "voice", at("18:54"))
    assert not each.admits(QUEUE, "voice", at("18:55"))
    assert each.served_until(QUEUE, at("18:00")) == at("19:15")
    assert each.served_until(QUEUE, at("19:05")) == at("19:15")
    assert not each.must_leave(QUEUE, "voice", at("18:50"), at("19:14"))
    assert each.must_leave(QUEUE, "voice", at("18:50"), at("19:15"))
    assert each.opens_at(QUEUE, at("18:00")) == at("18:00")


def test_hours_of_one_day_may_be_ordered() -> None:
    """An exception lies over the queue's calendar while it stands, for one queue or for all."""
    flood = Order("hours", QUEUE, date=DAY, open=("08:00-12:00",), until=hours_end(CITY, DAY))
    each = opening(flood)

    assert each.is_open(QUEUE, at("11:59"))
    assert not each.is_open(QUEUE, at("12:00"))
    assert each.is_open("generalist", at("12:00"))
    assert each.opens_at(QUEUE, at("13:00")) == at("08:00", "2026-02-04")
    assert each.calendar(QUEUE, at("09:00")) is each.calendar(QUEUE, at("10:00"))

    each.orders.apply(Order("hours", date=DAY, until=hours_end(CITY, DAY)))
    assert not each.is_open("generalist", at("12:00"))
    assert each.is_open(QUEUE, at("11:59"))
    assert each.calendar(QUEUE, hours_end(CITY, DAY)) is CITY.queue_calendar(QUEUE)


@pytest.mark.parametrize(("day", "closes"), [("2026-03-29", "03:30"), ("2026-10-25", "03:30")])
def test_daylight_saving_at_closing_time_neither_adds_nor_takes_an_hour(day: str, closes: str) -> None:
    """In the nights of the switches a queue closes by the wall clock, and serves so long after as on any other."""
    each = opening(Order("hours", QUEUE, date=day, open=("00:00-03:30",), until=hours_end(CITY, day)))
    ends = at(closes, day)

    assert each.admits(QUEUE, "voice", ends - 5 * MINUTE_MS - 1)
    assert not each.admits(QUEUE, "voice", ends - 5 * MINUTE_MS)
    assert each.served_until(QUEUE, at("00:30", day)) == ends + 15 * MINUTE_MS
    assert each.must_leave(QUEUE, "voice", at("01:30", day), ends + 15 * MINUTE_MS)
    assert not each.must_leave(QUEUE, "voice", at("01:30", day), ends + 15 * MINUTE_MS - 1)
    assert ends - at("00:00", day) == (2.5 if "03-29" in day else 4.5) * HOUR_MS


def test_what_never_closes_lets_in_and_sends_nobody_away() -> None:
    """Round the clock there is no entry stop; closed by order it opens a day later at the earliest."""
    each = opening(city=ALWAYS_OPEN)
    assert each.admits(QUEUE, "voice", at("23:59"))
    assert each.closes_at(QUEUE, at("12:00")) == NEVER_MS
    assert not each.must_leave(QUEUE, "voice", at("01:00"), at("23:00"))

    each.orders.apply(Order("queue_closed", QUEUE, at=at("12:00")))
    assert each.opens_at(QUEUE, at("12:00")) == at("12:00") + 24 * HOUR_MS


def test_a_diversion_follows_only_where_the_medium_is_taken() -> None:
    """Letters stay where the other queue takes none."""
    each = opening(Order("queue_diverted", "generalist", "samverkan"))

    assert each.diverted("generalist", "voice", at("12:00")) == "samverkan"
    assert each.diverted("generalist", "written", at("12:00")) == "generalist"
    assert each.is_open("generalist", at("12:00"))


@settings(max_examples=200, deadline=None)
@given(
    st.integers(at("00:00"), at("00:00", "2026-02-09")),
    st.integers(0, 3_600),
    st.integers(0, 7_200),
    st.sampled_from(["", "queue_open", "queue_closed"]),
)
def test_who_is_let_in_is_never_sent_away_at_once(now: int, stops_s: int, serve_s: int, order: str) -> None:
    """Whoever is admitted waits for at least the entry stop and the serving time before they must leave."""
    queue = msgspec.structs.replace(CITY.queue(QUEUE), closing=Closing(stops_s, serve_s))
    city = msgspec.structs.replace(CITY, queues={**CITY.queues, QUEUE: queue})
    orders = [Order(order, QUEUE, at=at("09:00"), until=at("19:00"))] if order else []  # pyright: ignore[reportArgumentType] (drawn from the kinds)
    each = opening(*orders, city=city)

    if each.admits(QUEUE, "voice", now):
        for later in (now, now + stops_s * 1000, each.served_until(QUEUE, now) - 1):
            assert not each.must_leave(QUEUE, "voice", now, later)


NOW = at("12:00")
REASON: dict[str, Any] = {"reason": "brandlarm"}
WRONG: list[tuple[Order, str]] = [
    (Order("queue_closed", "gatan", **REASON), "queue"),
    (Order("queue_closed", **REASON), "queue"),
    (Order("queue_closed", "gata"), "reason"),
    (Order("queue_closed", "gata", reason="x" * 501), "reason"),
    (Order("queue_closed", "gata", until=NOW - 1, **REASON), "until"),
    (Order("queue_diverted", "gata", "gata", **REASON), "to"),
    (Order("queue_diverted", "gata", **REASON), "to"),
    (Order("queue_diverted", "gata", "gatan", **REASON), "to"),
    (Order("queue_diverted", "skyddad", "gata", **REASON), "to"),
    (Order("crisis", **REASON), "until"),
    (Order("hours", "gata", date="3/2", until=NOW, **REASON), "date"),
    (Order("hours", "gata", date=DAY, open=("8-9",), until=NOW, **REASON), "open"),
    (Order("hours", "gata", date=DAY, **REASON), "until"),
    (Order("hours", "gata", date=DAY, until=NOW + 72 * HOUR_MS, **REASON), "until"),
]


@pytest.mark.parametrize(("order", "field"), WRONG)
def test_an_order_that_nobody_could_follow_is_refused(order: Order, field: str) -> None:
    """The mistake names the cell of the command."""
    with pytest.raises(ServicecenterError) as error:
        check_order(CITY, order, NOW)

    assert error.value.field == f"$.data.{field}"
    assert isinstance(error.value, SchemaMismatch | UnknownQueue)


@pytest.mark.parametrize(
    "order",
    [
        Order("queue_open", "gata", **REASON),
        Order("queue_closed", "gata", until=NOW, **REASON),
        Order("queue_diverted", "gata", "generalist", **REASON),
        Order("crisis", until=NOW, **REASON),
        Order("hours", date=DAY, until=hours_end(CITY, DAY), **REASON),
    ],
)
def test_an_order_that_can_be_followed_is_let_through(order: Order) -> None:
    """An end that is now lifts what stands; hours without a queue are those of all."""
    check_order(CITY, order, NOW)
