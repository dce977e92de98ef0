"""What a simulation must show before a strategy can be approved, with the limits that ship."""

import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import msgspec
import pytest
import pytest_asyncio

from router.app import running
from router.config import Config, StoreConfig
from router.demo.fast_city import emit
from tests.http.service_client import Answer, Json, ServiceClient
from tests.journeys.waiting import eventually

APPROVAL = {"forum": "Styrgrupp kanal", "reason": "Prov.", "date": "2026-01-15"}
HANDED_OVER: Json = {
    "id": "X-1",
    "tier": "E",
    "title": "Biblioteksfrågor lämnas över",
    "why": "Prov.",
    "when": [{"topic": "KUF.BIB"}],
    "then": {"hand_over": {"unit": "responsible"}},
}


@pytest_asyncio.fixture(loop_scope="module")
async def service(tmp_path: Path) -> AsyncIterator[ServiceClient]:
    """A new installation of the example city, with its own hours."""
    http = msgspec.structs.replace(Config().http, port=0)
    config = Config(http=http, store=StoreConfig(data_dir=str(tmp_path / "var")))
    async with running(config) as run, ServiceClient(run) as client:
        yield client


class Owner:
    """Anna takes the folder's strategy and changes it."""

    def __init__(self, service: ServiceClient) -> None:
        self.service = service
        self.anna = service.token("strategy_owner", "anna")

    async def draft(self, version: str, *more: Json, weak: str = "", unproven: str = "") -> Answer:
        """The folder's strategy under another name, with a rule more, or one that only limits notices any more.

        Its cases about that are left out.
        """
        folder = (await self.service.get("/v1/strategies/active")).body["folder_hash"]
        document = tomllib.loads((await self.service.get(f"/v1/strategies/folder-{folder}/toml")).body.decode())
        document["meta"]["version"] = version
        if unproven:
            document["case"] = [case for case in document["case"] if unproven not in str(case)]
        rules: list[Json] = document["rule"]
        for rule in rules:
            if rule["id"] == weak:
                rule["then"] = {"limit": cast("Json", rule["then"])["limit"]}
        document["rule"] = [*more, *rules]
        answer = await self.service.call("POST", "/v1/strategies", token=self.anna, body={"toml": emit(document)})
        assert answer.status == 201, answer.body
        return answer

    async def step(self, before: Answer, step: str, body: Json | None = None, *, token: str = "") -> Answer:
        """One step of a version."""
        seen = {"If-Match": before.headers["ETag"]}
        path = f"/v1/strategies/{before.body['strategy_id']}/{step}"
        return await self.service.call("POST", path, token=token or self.anna, body=body, headers=seen)

    async def simulated(self, draft: Answer) -> tuple[Answer, Json]:
        """The version after check and simulation, and what the simulation said."""
        checked = await self.step(draft, "check")
        assert checked.body["state"] == "checked", checked.body
        answer = await self.step(checked, "simulate")
        assert (answer.status, answer.body["state"]) == (200, "simulated"), answer.body
        found = await self.service.get(f"/v1/strategies/{answer.body['strategy_id']}")
        return answer, next(report for report in found.body["reports"] if report["kind"] == "simulation")

    async def approve(self, answer: Answer) -> Answer:
        """Somebody else's approval."""
        return await self.step(answer, "approve", APPROVAL, token=self.service.token("strategy_owner", "olle"))


@pytest.fixture
def owner(service: ServiceClient) -> Owner:
    """The author."""
    return Owner(service)


async def test_a_new_city_publishes_without_a_history(owner: Owner) -> None:
    """Nothing was played and the report says so; emergencies and protection were tried all the same; it is approved."""
    answer, report = await owner.simulated(await owner.draft("first"))
    covered = report["body"]["covered"]
    assert (report["is_ok"], covered["is_empty"], covered["contacts"]) == (True, True, 0)
    assert "Inget spelades upp" in covered["says"]["sv"]
    guards = {guard["code"]: guard["ok"] for guard in report["body"]["replay"]["guards"]}
    assert (guards["emergency_lost"], guards["protected_opened"], guards["strict_fall"]) == (True, True, None)
    assert "strict_fall" in report["body"]["unmeasured"]
    assert (await owner.approve(answer)).body["state"] == "approved"


async def test_without_a_history_protection_still_blocks(owner: Owner) -> None:
    """A draft that no longer hides protected persons is found out on contacts made up for it, in an empty register."""
    _, report = await owner.simulated(await owner.draft("open", weak="K09", unproven="protection"))
    assert not report["is_ok"]
    assert "protected_opened" in report["body"]["blocked_by"]


async def test_a_broken_guard_keeps_a_strategy_from_being_approved(owner: Owner) -> None:
    """Played on what has been: the report names guard, rule and contacts, and the refusal names the guard."""
    service = owner.service
    contacts = [await service.receive("phone", topic="KUF.BIB") for _ in range(6)]

    async def known() -> bool:
        found = [await service.get(f"/v1/contacts/{contact}/decision") for contact in contacts]
        return all(answer.status == 200 and answer.body["decisions"] for answer in found)

    await eventually(known)
    answer, report = await owner.simulated(await owner.draft("worse", HANDED_OVER, unproven="KUF.BIB"))
    body = cast("Json", report["body"])
    assert not report["is_ok"]
    assert "strict_fall" in body["blocked_by"]
    assert (body["covered"]["contacts"], body["covered"]["is_empty"]) == (6, False)
    replay = body["replay"]
    assert replay["can"]["strict"]["points"] == -100.0
    assert [(group["rule"], group["contacts"]) for group in replay["groups"]] == [("X-1", 6)]
    assert {each["id"] for each in replay["review"]} == set(contacts)
    refused = await owner.approve(answer)
    assert (refused.status, refused.slug) == (409, "unsound-strategy")
    assert "strict_fall" in refused.body["detail"]
