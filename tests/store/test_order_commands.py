import pytest

from router.orders import Order
from router.standing_orders import StandingOrders
from router.store.redis_store import Store
from tests.manual_clock import ManualClock
from tests.store.keyspace import dump
from tests.store.scene import Scene

EVA = "supervisor:eva"
HOUR_MS = 3_600_000


@pytest.fixture
def scene(store: Store, manual_clock: ManualClock) -> Scene:
    """A store on which nothing stands."""
    return Scene(store, manual_clock)


def closed(scene: Scene, queue: str = "gata", hours: int = 1) -> Order:
    """An order to close a queue for some hours."""
    return Order("queue_closed", queue, until=scene.now + hours * HOUR_MS, reason="brandlarm")


async def test_an_order_is_one_entry_and_is_kept(scene: Scene) -> None:
    """The entry carries the order whole and says who gave it; the store gives it back with its time."""
    order = closed(scene)
    n = await scene.store.orders.set_order(order, EVA)
    (entry,) = await scene.journal(0)
    (kept,) = await scene.store.orders.all()

    assert (entry.n, entry.command, entry.transitions) == (n, "set_order", ())
    assert (entry.data.actor, entry.data.queue, entry.data.reason) == (EVA, "gata", "brandlarm")
    assert (kept.kind, kept.until, kept.by, kept.at) == ("queue_closed", order.until, EVA, scene.now)


async def test_the_same_order_again_changes_nothing(scene: Scene) -> None:
    """What stands already needs no second entry, at whatever time it is given again."""
    order = closed(scene)
    await scene.store.orders.set_order(order, EVA)
    before = await dump(scene.store)
    scene.clock.advance_s(5)

    assert await scene.store.orders.set_order(order, EVA) == 0
    assert await dump(scene.store) == before


async def test_the_latest_order_about_a_thing_takes_its_place(scene: Scene) -> None:
    """Two supervisors act on one queue: both orders are in the journal, the later one stands."""
    await scene.store.orders.set_order(closed(scene), EVA)
    await scene.store.orders.set_order(Order("queue_open", "gata", reason="falskt larm"), "supervisor:olle")
    await scene.store.orders.set_order(closed(scene, "vatten"), EVA)

    assert [(order.kind, order.queue) for order in await scene.store.orders.all()] == [
        ("queue_open", "gata"),
        ("queue_closed", "vatten"),
    ]
    assert len(await scene.journal(0)) == 3


async def test_orders_long_over_are_forgotten(scene: Scene) -> None:
    """A day after its end an order leaves the store with the next one that is given."""
    await scene.store.orders.set_order(closed(scene), EVA)
    await scene.store.orders.set_order(closed(scene, "vatten", hours=72), EVA)
    scene.clock.advance_s(26 * 3600)
    await scene.store.orders.set_order(Order("crisis", until=scene.now + HOUR_MS, reason="storm"), EVA)

    assert [order.about for order in await scene.store.orders.all()] == ["queue:vatten", "crisis"]


async def test_every_router_follows_the_orders(scene: Scene) -> None:
    """Loaded once and told of each entry after, a router knows what the store knows; a repeated entry does no harm."""
    await scene.store.orders.set_order(closed(scene), EVA)
    follower = StandingOrders(scene.store)
    await follower.load()
    assert follower.orders.state("gata", scene.now) == "closed"

    position = await scene.store.position()
    await scene.store.orders.set_order(Order("queue_open", "gata", reason="klart"), EVA)
    await scene.store.orders.set_order(Order("crisis", until=scene.now + HOUR_MS, reason="storm"), EVA)
    await scene.store.agents.record_access(EVA, "c1", "history")
    for entry in [*await scene.journal(position), *await scene.journal(position)]:
        follower.follow(entry)

    assert follower.orders.state("gata", scene.now) == ""
    assert follower.orders.crisis(scene.now)
    assert follower.orders.standing(scene.now) == tuple(
        order for order in await scene.store.orders.all() if order.stands(scene.now)
    )
