"""A duty chain outlives whoever was to ring: the next link is rung once, and at its time."""

import asyncio
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from router.demo.fast_city import emit
from router.journal import Entry
from rules.calendars import DAYS
from tests.faults.conftest import QUICK, Pair
from tests.faults.evidence import broken, journal, standing
from tests.journeys.ekeby import write_city
from tests.journeys.service_process import ServiceProcess
from tests.journeys.town import Town
from tests.journeys.waiting import eventually, pause
from tests.register.register_servers import start_valkey

CHAINS, CALENDARS = "duty_chains.toml", "calendars.toml"
RING_S = 3
"""How long each link of the test's chains is rung."""
LATE_MS = 10_000
"""A new leader, or a restarted router, has rung by then."""


def write_city_at_night(target: Path) -> Path:
    """The example city when the daytime operation is closed, with chains of a test's patience."""
    city = write_city(target)
    chains, calendars = (tomllib.loads((city / name).read_text(encoding="utf-8")) for name in (CHAINS, CALENDARS))
    for chain in chains["chain"]:
        for link in chain["link"]:
            link["accept_within_s"] = RING_S
    for calendar in calendars["calendar"]:
        if calendar["id"] == "infrastruktur":
            calendar["weekly"] = {DAYS[-1]: ["03:00-03:01"]}  # some hour must be open
    (city / CHAINS).write_text(emit(chains), encoding="utf-8")
    (city / CALENDARS).write_text(emit(calendars), encoding="utf-8")
    return city


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Pair]:
    """Two routers of a city at night on one store."""
    (tmp_path / "store").mkdir()
    city = write_city_at_night(tmp_path / "night")
    with start_valkey(tmp_path / "store") as url:
        shared = {"STORE__REDIS_URL": url, "REGISTER__URL": f"sqlite:///{tmp_path / 'register.db'}"}
        one, two = (ServiceProcess(tmp_path / name, city, QUICK | shared) for name in ("one", "two"))
        try:
            one.start()
            two.start()
            yield one, two
        finally:
            two.stop()
            one.stop()


async def leak(town: Town) -> str:
    """A burst main that nobody is at work for."""
    contact = await town.get_in_touch("web", topic="VAT.LÄC", severity="P1", text="Det forsar", person={})
    seen = await town.contact(contact)
    assert (seen["state"], seen["unit"]) == ("handed_over", "va_jour")
    return contact


def rung(entries: list[Entry], contact: str) -> list[Entry]:
    """Every ring of the contact's chain, the first among them."""
    about = [entry for entry in entries if entry.data.contact == contact]
    return [entry for entry in about if entry.command in {"receive_contact", "ring_duty"}]


def check_rings(rings: list[Entry]) -> None:
    """The duty twice, then the official in charge; each when the ring before was over, and soon after."""
    assert [ring.data.terms.unit for ring in rings if ring.data.terms][:3] == ["va_jour", "va_jour", "tib"]
    for before, ring in pairwise(rings):
        assert before.data.terms is not None
        assert 0 <= ring.at - before.data.terms.accept_by <= LATE_MS


async def until_rung(store_url: str, contact: str, times: int) -> list[Entry]:
    """The chain has rung so often."""

    async def look() -> list[Entry]:
        rings = rung(await journal(store_url), contact)
        return rings if len(rings) >= times else []

    return await eventually(look, timeout_s=30.0)


async def taken_over(town: Town, store_url: str, contact: str) -> None:
    """The one who is asked takes it, and nobody is rung any more."""
    seen = await town.contact(contact)
    await town.unit("accept", str(seen["handover_id"]), "tib")
    before = len(rung(await journal(store_url), contact))
    await pause(RING_S + 1)
    entries = await journal(store_url)
    assert len(rung(entries, contact)) == before
    assert broken(entries) == []
    assert await standing(store_url) == []


async def test_the_leader_is_killed_while_a_chain_rings(night: Pair) -> None:
    """The other router rings the next link once, when the ring that stood is over, and goes on to the last."""
    one, two = night
    async with Town(two, "leader-killed") as town:

        async def leads() -> bool:
            return (await town.ask("GET", "/readyz", url=one.url)).body["leader"] is True

        await eventually(leads)
        contact = await leak(town)
        await asyncio.to_thread(one.kill)
        check_rings(await until_rung(two.store_url, contact, 3))
        await taken_over(town, two.store_url, contact)


async def test_every_router_is_killed_while_a_chain_rings(night: Pair) -> None:
    """Whoever starts again rings what has become due meanwhile, once, and counts the next ring from then."""
    one, two = night
    async with Town(one, "all-killed") as town:
        contact = await leak(town)
        await asyncio.to_thread(one.kill)
        await asyncio.to_thread(two.kill)
        await pause(RING_S)
        await asyncio.to_thread(one.start)
        check_rings(await until_rung(one.store_url, contact, 3))
        await taken_over(town, one.store_url, contact)
