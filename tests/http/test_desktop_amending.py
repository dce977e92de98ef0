"""Outcomes amended over real sockets: the agent's list fills from the register, whoever is concerned is told."""

from typing import cast

from tests.desktop_client import DesktopClient
from tests.http.service_client import Json, ServiceClient
from tests.journeys.waiting import eventually


async def uncoded(desk: DesktopClient) -> list[Json]:
    """The agent's list."""
    return cast("list[Json]", (await desk.command("outcome.list", {}))["contacts"])


async def test_an_uncoded_contact_is_listed_until_a_supervisor_says_how_it_ended(
    service: ServiceClient, desk: DesktopClient, name: str
) -> None:
    """The list names it, the supervisor amends it with a reason, the agent hears of it, the list is empty again."""
    contact = await service.in_hand(desk, subject=name)
    await service.event("contact.ended", {"reason": "hung_up"}, subject=name)
    await desk.wait_event("leg.wrapping_up")
    await desk.command("wrap_up.end", {"contact_id": contact})
    listed = await eventually(lambda: uncoded(desk))
    assert [(row["contact_id"], row["amendments"]) for row in listed] == [(contact, 0)]
    outcomes = [{"topic": "KUF.BIB", "resolution": "guided"}]
    async with service.supervisor(f"{name}-chef") as chef:
        wanted: Json = {"contact_id": contact, "outcomes": outcomes, "amendments": 0}
        refused: Json = await chef.answer("outcome.amend", wanted)
        assert (refused["ok"], refused["problem"]["field"]) == (False, "$.data.reason")
        done = await chef.command("outcome.amend", {**wanted, "reason": "Anna har slutat för dagen."})
        assert (done["amendments"], done["freezes_at"]) == (1, listed[0]["freezes_at"])
        for each in (desk, chef):
            told: Json = await each.wait_event("outcome.amended")
            assert (told["contact_id"], told["by"]) == (contact, f"supervisor:{name}-chef")
            assert told["outcomes"][0]["resolution"] == "guided"
    assert await uncoded(desk) == []
