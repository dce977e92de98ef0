import msgspec
from hypothesis import given
from hypothesis import strategies as st

from router.orders import Order, Orders, read_order

NOW = 1_770_000_000_000
HOUR_MS = 3_600_000


def closed(queue: str = "gata", until: int = 0, at: int = NOW) -> Order:
    """An order that closes a queue."""
    return Order("queue_closed", queue, until=until, at=at, reason="brandlarm")


def diverted(queue: str, to: str, until: int = 0) -> Order:
    """An order that sends a queue's new contacts elsewhere."""
    return Order("queue_diverted", queue, to, until=until, at=NOW)


def test_nobody_has_ordered_anything() -> None:
    """Without orders queues follow their hours and keep their contacts."""
    orders = Orders()

    assert orders.state("gata", NOW) == ""
    assert orders.divert("gata", NOW) == "gata"
    assert orders.hours("gata", NOW) == ()
    assert not orders.crisis(NOW)
    assert orders.standing(NOW) == ()


def test_an_order_ends_by_itself() -> None:
    """At `until` the order no longer stands; without one it stands until another comes."""
    orders = Orders([closed(until=NOW + HOUR_MS), Order("crisis", until=NOW + HOUR_MS), closed("vatten")])

    assert orders.state("gata", NOW) == "closed"
    assert orders.crisis(NOW)
    assert orders.state("gata", NOW + HOUR_MS) == ""
    assert not orders.crisis(NOW + HOUR_MS)
    assert orders.state("vatten", NOW + 10_000 * HOUR_MS) == "closed"


def test_the_latest_order_about_a_queue_stands() -> None:
    """Opening without an end only ends what stood; with one the queue is held open."""
    orders = Orders([closed()])
    orders.apply(Order("queue_open", "gata"))
    assert orders.state("gata", NOW) == ""

    orders.apply(Order("queue_open", "gata", until=NOW + HOUR_MS))
    assert orders.state("gata", NOW) == "open"
    orders.apply(diverted("gata", "generalist"))
    assert orders.state("gata", NOW) == "diverted"
    assert orders.standing(NOW) == (diverted("gata", "generalist"),)


def test_crisis_without_an_end_is_no_crisis() -> None:
    """A crisis mode that nobody would end never begins; one that ends now is over."""
    assert not Orders([Order("crisis")]).crisis(NOW)
    assert not Orders([Order("crisis", until=NOW)]).crisis(NOW)


def test_a_diversion_goes_one_hop_and_never_in_a_circle() -> None:
    """The first target is where contacts go; two queues that point at each other keep their own."""
    orders = Orders([diverted("gata", "vatten"), diverted("vatten", "generalist")])
    assert (orders.divert("gata", NOW), orders.divert("vatten", NOW)) == ("vatten", "generalist")

    orders.apply(diverted("vatten", "gata", until=NOW + HOUR_MS))
    assert (orders.divert("gata", NOW), orders.divert("vatten", NOW)) == ("gata", "vatten")
    assert orders.divert("gata", NOW + HOUR_MS) == "vatten"


queues = st.sampled_from(["a", "b", "c"])


@given(st.lists(st.builds(diverted, queues, queues), max_size=8), queues)
def test_whatever_is_diverted_where_a_contact_arrives_somewhere(orders: list[Order], queue: str) -> None:
    """Following the answer once is the end of it: nobody is sent back to where they came from."""
    known = Orders(orders)
    to = known.divert(queue, NOW)

    assert to == queue or known.divert(to, NOW) != queue


def test_hours_of_every_queue_come_before_a_queues_own() -> None:
    """The exception of one queue wins over the one of all when both are laid over its calendar in this order."""
    everywhere = Order("hours", date="2026-02-03", until=NOW + HOUR_MS)
    own = Order("hours", "gata", date="2026-02-03", open=("08:00-12:00",), until=NOW + HOUR_MS)
    orders = Orders([own, everywhere])

    assert orders.hours("gata", NOW) == (everywhere, own)
    assert orders.hours("vatten", NOW) == (everywhere,)
    assert orders.hours("gata", NOW + HOUR_MS) == ()


def test_an_order_is_read_as_it_was_written() -> None:
    """What the journal carries is the order, and the entry's time is when it was given."""
    order = Order(
        "hours", "gata", date="2026-02-03", open=("08:00-12:00",), name="Flytt", until=NOW, by="supervisor:eva"
    )

    assert read_order(msgspec.json.encode(order), NOW) == msgspec.structs.replace(order, at=NOW)


def test_loading_begins_anew() -> None:
    """Orders that the store no longer has are forgotten."""
    orders = Orders([closed()])
    orders.load([closed("vatten")])

    assert (orders.state("gata", NOW), orders.state("vatten", NOW)) == ("", "closed")
