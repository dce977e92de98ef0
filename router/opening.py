"""Opening: a queue's hours, its closing rule and the supervisors' orders, put together. Pure.

Answers who is let in, until when those who wait are served and who must leave. Moves nobody.
"""

from datetime import date, timedelta
from typing import get_args

from router.errors import SchemaMismatch, StrategyError, UnknownQueue
from router.journal import LIVE, Asks
from router.model import EMERGENCY
from router.orders import Order, Orders
from rules.calendars import DAY_MS, Calendar, Minutes, local_ms, parse_date, parse_spans
from rules.cells import nearest
from rules.city import City
from rules.organisation import Announcement, Saying

NEVER_MS = 253_402_300_799_000
"""The last second of the year 9999: for what never closes."""
LONGEST_TEXT = 500
SAID_AGAIN_S = 120
"""How often a floor rule's word is said where the queue's own announcements do not say."""
SAYINGS = get_args(Saying)
CORNERS = 3
LONGEST_CRISIS_MS = 31 * 86_400_000
"""A crisis ends by itself; a slip of the pen must not hold written work for years."""


class Opening:
    """Which queues are open; questions take the moment (epoch ms). Written contacts are bound to no hours."""

    def __init__(self, city: City, orders: Orders) -> None:
        self.orders = orders
        self._city = city
        self._calendars: dict[str, tuple[tuple[Order, ...], Calendar]] = {}

    def calendar(self, queue: str, now_ms: int) -> Calendar:
        """The queue's hours with the exceptions that supervisors have ordered."""
        own = self._city.queue_calendar(queue)
        hours = self.orders.hours(queue, now_ms)
        if not hours:
            return own
        kept = self._calendars.get(queue)
        if kept is None or kept[0] != hours:
            days: dict[date, Minutes] = {parse_date(order.date): parse_spans(order.open) for order in hours}
            kept = self._calendars[queue] = hours, own.with_exceptions(days)
        return kept[1]

    def is_open(self, queue: str, now_ms: int) -> bool:
        """Whether the queue is open, by order or by its hours."""
        match self.orders.state(queue, now_ms):
            case "open":
                return True
            case "closed":
                return False
            case _:
                return self.calendar(queue, now_ms).is_open(now_ms)

    def announcements(self, queue: str, now_ms: int) -> tuple[Announcement, ...]:
        """What somebody who waits in the queue is told, in order of time, whatever the channel that can say it.

        What a floor rule has said while it holds is said at once, and again as often as the queue would say it.
        """
        own = self._city.queue(queue).announcements
        told = dict.fromkeys(
            order.announce
            for order in self.orders.floor_rules(now_ms)
            if order.announce and (order.is_citywide or order.queue == queue)
        )
        again = {each.say: each.every_s for each in own}
        ruled = [Announcement(0, say, again.get(say) or SAID_AGAIN_S) for say in SAYINGS if say in told]
        return tuple(sorted((*ruled, *(each for each in own if each.say not in told)), key=lambda each: each.at_s))

    def banners(self, now_ms: int) -> tuple[str, ...]:
        """What desktops and the city's web show while floor rules hold: codes, each once, the longest first."""
        orders = sorted(self.orders.floor_rules(now_ms), key=lambda order: order.at)
        return tuple(dict.fromkeys(order.banner for order in orders if order.banner))

    def admits(self, queue: str, medium: str, now_ms: int) -> bool:
        """Whether somebody new is let in: while it is open, but for the last minutes where the queue says so."""
        if medium not in LIVE:
            return True
        if not self.is_open(queue, now_ms):
            return False
        stops_ms = self._city.queue(queue).closing.entry_stops_s * 1000
        return now_ms < self.closes_at(queue, now_ms) - stops_ms

    def diverted(self, queue: str, medium: str, now_ms: int) -> str:
        """Where a new contact of this queue goes: the queue that it is diverted to, if that one takes the medium."""
        to = self.orders.divert(queue, now_ms)
        return to if to in self._city.queues and medium in self._city.queues[to].media else queue

    def closes_at(self, queue: str, now_ms: int) -> int:
        """When an open queue closes next, `NEVER_MS` when no end is in sight; when it did, for a closed one."""
        order = self.orders.about_queue(queue, now_ms)
        by_hours = self._closing(queue, now_ms)
        if order is not None and order.kind == "queue_open":
            return max(order.until, by_hours)
        if order is not None and order.kind == "queue_closed":
            return min(order.at, by_hours)
        return by_hours

    def _closing(self, queue: str, now_ms: int) -> int:
        calendar = self.calendar(queue, now_ms)
        if calendar.is_open(now_ms):
            ends = calendar.closes_at(now_ms)
            return NEVER_MS if ends is None else ends
        ended = calendar.last_closed(now_ms)
        return 0 if ended is None else max(ended, self._held_open_until(queue, now_ms))

    def _held_open_until(self, queue: str, now_ms: int) -> int:
        """When a supervisor's opening, which is over, ended; 0 when there was none."""
        order = self.orders.latest(queue)
        return order.until if order is not None and order.kind == "queue_open" and order.until <= now_ms else 0

    def served_until(self, queue: str, now_ms: int) -> int:
        """Until when those who wait at the closing of now, or of last time, are served."""
        return self.closes_at(queue, now_ms) + self._city.queue(queue).closing.serve_until_s * 1000

    def is_over(self, queue: str, medium: str, ready_at: int, now_ms: int) -> bool:
        """Whether the time of somebody who waits is over: they came too late, or were served as long as promised."""
        return self.came_late(queue, medium, ready_at, now_ms) or self.must_leave(queue, medium, ready_at, now_ms)

    def came_late(self, queue: str, medium: str, ready_at: int, now_ms: int) -> bool:
        """Whether somebody who waits came when nobody new was let in any more."""
        if self.admits(queue, medium, now_ms):
            return False
        is_ordered = self.orders.state(queue, now_ms) == "closed"
        stops_ms = 0 if is_ordered else self._city.queue(queue).closing.entry_stops_s * 1000
        return ready_at >= self.closes_at(queue, now_ms) - stops_ms

    def turns_away(self, asks: Asks, ready_at: int, now_ms: int) -> bool:
        """Whether somebody who comes now is offered to nobody, also not to who is free: the queue's closing rule."""
        if asks.order_class == EMERGENCY or self._city.queue(asks.queue).closing.answers_late:
            return False
        return self.came_late(asks.queue, asks.medium, ready_at, now_ms)

    def must_leave(self, queue: str, medium: str, ready_at: int, now_ms: int) -> bool:
        """Whether somebody who has waited since before closing must be given another promise now."""
        if medium not in LIVE or self.is_open(queue, now_ms):
            return False
        return ready_at < self.closes_at(queue, now_ms) and now_ms >= self.served_until(queue, now_ms)

    def opens_at(self, queue: str, now_ms: int) -> int:
        """The first moment from now on when the queue is open; one closed without an end opens next time at best."""
        order = self.orders.about_queue(queue, now_ms)
        calendar = self.calendar(queue, now_ms)
        if order is None or order.kind == "queue_diverted":
            return calendar.next_open(now_ms)
        if order.kind == "queue_open":
            return now_ms
        ends = calendar.closes_at(now_ms)
        return calendar.next_open(order.until or (now_ms + DAY_MS if ends is None else ends))


def check_order(city: City, order: Order, now_ms: int) -> None:
    """Refuse an order that names what is not there, or that nobody could follow.

    Raises:
        UnknownQueue: it names no queue of the city.
        SchemaMismatch: another cell is wrong; the field says which.
    """
    for field, queue in (("queue", order.queue), ("to", order.to)):
        if queue and queue not in city.queues:
            raise UnknownQueue(f"known: {', '.join(sorted(city.queues))}", field=f"$.data.{field}")
    if not order.reason or max(len(order.reason), len(order.name)) > LONGEST_TEXT:
        raise SchemaMismatch(f"expected a reason of 1 to {LONGEST_TEXT} characters", field="$.data.reason")
    if order.until and order.until < now_ms:
        field = "date" if order.kind == "hours" else "until"
        raise SchemaMismatch("expected a time to come", field=f"$.data.{field}")
    match order.kind:
        case "hours":
            _check_hours(city, order)
        case "crisis":
            _expect(order.until > 0, "until", "expected when the crisis mode ends by itself")
            is_near = order.until <= now_ms + LONGEST_CRISIS_MS
            _expect(is_near, "until", "expected a time within 31 days; give it again for longer")
        case "disturbance":
            _check_disturbance(city, order)
        case _:
            _expect(order.queue != "", "queue", "expected the queue that the order is about")
            _check_diversion(city, order)


def hours_end(city: City, day: str) -> int:
    """When an exception of that local day's hours may be forgotten: at noon of the day after.

    Raises:
        SchemaMismatch: the day is no date.
    """
    try:
        return local_ms(f"{parse_date(day) + timedelta(days=1)} 12:00", city.info.tz)
    except StrategyError as error:
        raise SchemaMismatch(error.detail, field="$.data.date") from None


def _check_hours(city: City, order: Order) -> None:
    ends = hours_end(city, order.date)
    try:
        _ = parse_spans(order.open)
    except StrategyError as error:
        raise SchemaMismatch(error.detail, field="$.data.open") from None
    _expect(0 < order.until <= ends, "until", "expected a time up to noon of the day after")


def _check_disturbance(city: City, order: Order) -> None:
    _expect(order.until > 0, "until", "expected when the disturbance ends by itself")
    disturbance = order.disturbance
    if disturbance is None:
        raise SchemaMismatch("expected what is out of order", field="$.data.topics")
    codes = city.topics.codes()
    groups = {code.partition(".")[0] + ".*" for code in codes}
    known = {*codes, *groups}
    for number, topic in enumerate(disturbance.topics):
        _expect(topic in known, f"topics[{number}]", f"expected a topic or a group of topics{nearest(topic, known)}")
    area = disturbance.area
    _expect(area.ways == 1, "area", "expected a district, a circle (lat, lon, radius_m) or a polygon, one of them")
    if area.district:
        districts = city.places.ids("district")
        _expect(area.district in districts, "area.district", f"expected a district{nearest(area.district, districts)}")
    elif area.polygon:
        _expect(len(set(area.polygon)) >= CORNERS, "area.polygon", "expected three corners [lon, lat] or more")
    else:
        is_whole = area.lat is not None and area.lon is not None and area.radius_m > 0
        _expect(is_whole, "area.radius_m", "expected lat, lon and a radius of 1 m or more")


def _check_diversion(city: City, order: Order) -> None:
    if order.kind != "queue_diverted":
        return
    _expect(order.to not in {"", order.queue}, "to", "expected another queue")
    to, queue = city.queue(order.to), city.queue(order.queue)
    _expect(to.restricted or not queue.restricted, "to", "expected a restricted queue, as this one is")
    _expect(bool(set(to.media) & set(queue.media)), "to", "expected a queue with a medium of this one")


def _expect(is_so: bool, field: str, problem: str) -> None:
    if not is_so:
        raise SchemaMismatch(problem, field=f"$.data.{field}")
