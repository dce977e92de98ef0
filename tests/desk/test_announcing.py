"""What floor rules have said and shown: to those who wait, on every desktop, and no longer than they hold."""

from typing import cast

from router.cards import Cards
from router.figures import FigureBoard
from router.floor_figures import QueueFigure
from router.floor_ruling import FloorRuling
from router.welcome import Welcome
from tests.laws.house import House


async def let_rules_look(house: House, waiting: int, wait_s: int) -> None:
    """The leader's look at a queue for streets with so many waiting."""
    row = QueueFigure("gata", "voice", waiting, oldest_at=house.clock.now_ms(), wait_estimate_s=wait_s, able=1)
    await FloorRuling(house.store, house.strategies, house.opening).look([row], house.clock.now_ms())
    await house.orders.load()


def said(house: House, queue: str) -> list[tuple[int, str, int]]:
    """What is announced in a queue."""
    return [(each.at_s, each.say, each.every_s) for each in house.opening.announcements(queue, house.clock.now_ms())]


async def test_a_floor_rule_has_the_wait_announced_at_once(house: House) -> None:
    """In every queue, as K42 holds for the city; the queue's own words stand; when the rule ends it is as before."""
    before = said(house, "generalist")
    assert before == [(0, "welcome", 0), (30, "wait_band", 90), (300, "callback_offer", 600)]
    assert said(house, "gata") == []
    await let_rules_look(house, 6, 900)
    assert said(house, "generalist") == [(0, "wait_band", 90), (0, "welcome", 0), (300, "callback_offer", 600)]
    assert said(house, "gata") == said(house, "vatten") == [(0, "wait_band", 120)]
    house.clock.advance_s(601)
    await let_rules_look(house, 0, 0)
    assert (said(house, "generalist"), said(house, "gata")) == (before, [])


async def test_the_banner_stands_on_every_desktop_while_the_rule_holds(house: House) -> None:
    """The order that every desktop is told names it, and a desktop that connects later begins with it."""
    await house.seat("anna")
    welcome = Welcome(house.store, Cards(house.store, house.blobs, house.city), FigureBoard(house.store, house.metrics))

    async def banners() -> object:
        return cast("dict[str, object]", await welcome.snapshot("anna"))["banners"]

    assert await banners() == []
    await let_rules_look(house, 6, 900)
    orders = [order for order in house.opening.orders.floor_rules(house.clock.now_ms()) if order.name == "K42"]
    assert [(order.banner, order.announce, order.is_citywide) for order in orders] == [
        ("long_waits", "wait_band", True)
    ]
    assert await banners() == list(house.opening.banners(house.clock.now_ms())) == ["long_waits"]
    house.clock.advance_s(601)
    await let_rules_look(house, 0, 0)
    assert (await banners(), house.opening.banners(house.clock.now_ms())) == ([], ())
