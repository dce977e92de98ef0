"""A strategy comes into service and leaves it while routers live, die and lose their register: no contact is lost."""

import asyncio
import shutil
import sqlite3
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from redis import Redis

from router.clock import elapsed_s
from router.store.keys import Keys
from tests.faults.conftest import Launch
from tests.faults.crowd import Residents, at_load
from tests.faults.evidence import broken, journal, received
from tests.journeys.service_process import TENANT, ServiceProcess
from tests.journeys.small_strategy import ANY_STRATEGY, small_strategy
from tests.journeys.town import Answer, Json, Town
from tests.journeys.waiting import eventually
from tests.register.register_servers import start_valkey

Pair = tuple[ServiceProcess, ServiceProcess]
APPROVAL = {"forum": "Styrgrupp kanal", "reason": "Prov.", "date": "2026-01-15"}
REASON = {"reason": "Prov."}
AS_JSON = {"Content-Type": "application/json"}
SECOND_S = 1.0


@pytest.fixture
def service(launch: Launch) -> ServiceProcess:
    """One router with a store of its own, whose guards block nothing."""
    return launch(PUBLISHING__GUARDS=ANY_STRATEGY)


@pytest.fixture
def pair(tmp_path: Path, launch: Launch) -> Iterator[Pair]:
    """Two routers on a store that neither owns, and on one register."""
    (tmp_path / "store").mkdir()
    with start_valkey(tmp_path / "store") as url:
        shared = {"STORE__REDIS_URL": url, "REGISTER__URL": f"sqlite:///{tmp_path / 'register.db'}"}
        shared["PUBLISHING__GUARDS"] = ANY_STRATEGY
        yield launch("one", **shared), launch("two", **shared)


class Publisher:
    """Anna writes and Olle approves, on whichever router they are told to."""

    def __init__(self, town: Town) -> None:
        self.town = town

    async def active(self, url: str = "") -> Json:
        """What decides on a router."""
        return (await self.town.ask("GET", "/v1/strategies/active", "auditor", url=url)).body

    async def document(self) -> dict[str, object]:
        """The city folder's own strategy."""
        folder = (await self.active())["folder_hash"]
        async with self.town._http.get(
            f"{self.town.front.url}/v1/strategies/folder-{folder}/toml",
            headers={"Authorization": f"Bearer {self.town.front.token('auditor', 'tests')}"},
        ) as answer:
            return tomllib.loads(await answer.text())

    async def draft(self, version: str) -> Json:
        """A sound strategy of a few rules."""
        document = await self.document()
        meta = document["meta"]
        assert isinstance(meta, dict)
        text = small_strategy(cast("Json", meta) | {"version": version})
        body = {"toml": text}
        made = await self.town.ask("POST", "/v1/strategies", "strategy_owner", name="anna", body=body, headers=AS_JSON)
        assert made.status == 201, made
        return made.body

    async def step(self, before: Json, step: str, body: object = None, *, name: str = "anna", url: str = "") -> Json:
        """One step of a version."""
        path = f"/v1/strategies/{before['strategy_id']}/{step}"
        answer = await self.try_step(before, path, body, name=name, url=url)
        assert answer.status == 200, answer
        return answer.body

    async def try_step(self, before: Json, path: str, body: object, *, name: str, url: str) -> Answer:
        """One step as it is answered."""
        headers = {"If-Match": f'"{before["rev"]}"', "Content-Type": "application/json"}
        return await self.town.ask("POST", path, "strategy_owner", name=name, body=body, headers=headers, url=url)

    async def approved(self, version: str) -> Json:
        """A version that may come into service."""
        seen = await self.draft(version)
        for step in ("check", "simulate"):
            seen = await self.step(seen, step)
        return await self.step(seen, "approve", APPROVAL, name="olle")

    async def until_decides(self, wanted: object, url: str = "", timeout_s: float = 15.0) -> None:
        """Wait until this version decides for everybody on a router."""

        async def look() -> bool:
            return (await self.active(url))["hash"] == wanted

        await eventually(look, timeout_s)


async def hash_of(town: Town, contact: str) -> str:
    """Which version decided about a contact."""

    async def look() -> str:
        answer = await town.ask("GET", f"/v1/contacts/{contact}/decision")
        assert answer.status == 200
        first = cast("list[dict[str, Any]]", answer.body["decisions"])[0]
        return str(first["decision"]["decision"]["trace"]["strategy_hash"])

    return await eventually(look)


async def test_in_force_on_every_router_within_a_second(pair: Pair) -> None:
    """Activated on one router, a version decides on the other; rolled back on that one, it has gone from the first."""
    one, two = pair
    async with Town(one, "first") as here, Town(two, "second") as there:
        people = Publisher(here)
        folder = (await people.active())["folder_hash"]
        seen = await people.step(await people.approved("two-routers"), "activate", {})
        await people.until_decides(seen["hash"], two.url, SECOND_S)
        assert await hash_of(there, await there.call()) == seen["hash"]
        await people.step(seen, "rollback", REASON, url=two.url)
        await people.until_decides(folder, one.url, SECOND_S)
        assert await hash_of(here, await here.call()) == folder


async def test_publishing_in_the_middle_of_a_storm_loses_nobody(pair: Pair) -> None:
    """Versions come and go on two routers while residents get in touch: everybody who got a 202 is in the journal."""
    one, two = pair
    async with Town(one, "storm") as town:
        people = Publisher(town)
        ready = [await people.approved(f"storm-{number}") for number in range(3)]
        residents = Residents([one, two])
        async with at_load(residents, []):
            for seen in ready:
                told = len(residents.accepted)
                active = await people.step(seen, "activate", {}, url=one.url)
                await eventually(lambda told=told: residents.have_sent(told + 40))
                await people.step(active, "rollback", REASON, url=two.url)
        entries = await journal(one.store_url)
        assert set(residents.statuses) == {202}
        assert received(entries) == residents.accepted
        assert broken(entries) == []


async def test_a_kill_between_approval_and_activation_loses_nothing(service: ServiceProcess, town: Town) -> None:
    """What was approved is approved after the restart; what was in service decides from the first contact on."""
    people = Publisher(town)
    approved = await people.approved("killed")
    await asyncio.to_thread(service.kill)
    await asyncio.to_thread(service.start)
    active = await people.step(approved, "activate", {})
    await asyncio.to_thread(service.kill)
    await asyncio.to_thread(service.start)
    assert (await people.active())["hash"] == active["hash"]
    assert await hash_of(town, await town.call()) == active["hash"]
    await people.step(active, "rollback", REASON)
    await asyncio.to_thread(service.kill)
    await asyncio.to_thread(service.start)
    found = await people.active()
    assert found["hash"] == found["folder_hash"]


async def test_a_version_that_is_gone_keeps_nobody_out(service: ServiceProcess, town: Town) -> None:
    """Nobody has the text any more: the folder's strategy decides, the metric says so, contacts are taken in."""
    people = Publisher(town)
    active = await people.step(await people.approved("gone"), "activate", {})
    await people.until_decides(active["hash"])
    with Redis.from_url(service.store_url, socket_timeout=5) as client:  # pyright: ignore[reportUnknownMemberType] # untyped in redis-py
        client.delete(Keys(TENANT).strategy_texts)
    await asyncio.to_thread(service.stop)
    with sqlite3.connect(service.data_dir / "register.db") as register:
        register.execute("DELETE FROM strategies WHERE id = ?", (active["strategy_id"],))
    register.close()
    began = elapsed_s()
    await asyncio.to_thread(service.start)
    assert elapsed_s() - began < 20
    found = await people.active()
    assert (found["hash"], found["not_loaded"]) == (found["folder_hash"], [active["strategy_id"]])
    assert await hash_of(town, await town.call()) == found["folder_hash"]

    async def told() -> bool:
        return "servicecenter_strategies_not_loaded 1.0" in await town.text("/metrics")

    await eventually(told)


async def test_a_restart_without_the_register_keeps_the_version_in_force(service: ServiceProcess, town: Town) -> None:
    """The register does not open: what was in force decides at once, for its words are in the store."""
    people = Publisher(town)
    active = await people.step(await people.approved("away"), "activate", {})
    await people.until_decides(active["hash"])
    await asyncio.to_thread(service.stop)
    for path in service.data_dir.glob("register.db*"):
        path.rename(path.with_name(f"kept-{path.name}"))
    (service.data_dir / "register.db").mkdir()
    try:
        await asyncio.to_thread(service.start)
        found = await people.active()
        assert (found["hash"], found["not_loaded"]) == (active["hash"], [])
    finally:
        await asyncio.to_thread(service.stop)
        (service.data_dir / "register.db").rmdir()
        for path in service.data_dir.glob("kept-*"):
            path.rename(path.with_name(path.name.removeprefix("kept-")))
        await asyncio.to_thread(service.start)


async def test_a_lost_store_is_told_again_what_is_in_service(launch: Launch) -> None:
    """Everything in the store is gone: the register knows what was in force, and it decides again, loudly."""
    service = launch(PUBLISHING__GUARDS=ANY_STRATEGY)
    async with Town(service, "before") as town:
        people = Publisher(town)
        active = await people.step(await people.approved("lost"), "activate", {})

        async def is_projected() -> bool:
            path = f"/v1/strategies/{active['strategy_id']}/audit"
            answer = await town.ask("GET", path, "auditor")
            return "activate" in str(answer.body)

        await eventually(is_projected)
    await asyncio.to_thread(service.stop)
    shutil.rmtree(service.data_dir / "store")
    await asyncio.to_thread(service.start)
    async with Town(service, "after") as town:
        await Publisher(town).until_decides(active["hash"])
    assert "activations_restored" in service.said()
