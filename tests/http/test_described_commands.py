"""Every command example of the socket's description, given to a real service: it is done."""

from typing import cast

import pytest

from router.http import description_desktop as desktop_tables
from router.http.asyncapi import asyncapi
from tests.http.service_client import Json, ServiceClient, hold_against

STAGED = {
    *("callback.schedule", "callback.result", "consult.answer", "consult.decline", "consult.end", "consult.start"),
    *("contact.attach", "suggestion.answer", "typing", "work.create", "work.park", "work.pull", "work.undo"),
}
"""Commands that need more than one agent, contact or step; tests/desk and test_desktop_legs send them."""


@pytest.mark.parametrize("name", sorted(set(desktop_tables.COMMANDS) - STAGED))
async def test_every_command_example_is_done(service: ServiceClient, name: str) -> None:
    """The described data with the ids of a real contact; the answer has the described shape."""
    agent = name.replace(".", "-").replace("_", "-")
    async with service.desktop(agent) as desk:
        if not name.startswith("presence"):
            await desk.command("presence.set", {"state": "available"})
            offer = await service.offered(desk, subject=f"ex-{agent}")
            data = filled(desktop_tables.COMMANDS[name].example, offer)
            if not name.startswith("offer."):
                await desk.command("offer.accept", {"offer_id": offer["offer_id"], "rev": offer["rev"]})
            if name == "work.resume":
                await desk.command("work.hold", {"contact_id": offer["contact_id"]})
            if name == "outcome.amend":
                outcomes = [{"resolution": "answered"}]
                await desk.command("work.finish", {"contact_id": offer["contact_id"], "outcomes": outcomes})
            if name.startswith("wrap_up"):
                await service.event("contact.ended", {}, subject=f"ex-{agent}")
        else:
            data = desktop_tables.COMMANDS[name].example
        answer = await desk.answer(name, data)
        assert answer["ok"], answer
        check_result(name, answer)
        await service.event("contact.ended", {}, subject=f"ex-{agent}")
    await service.go_home(agent)


def filled(example: Json, offer: Json) -> Json:
    """The example with the real contact's names."""
    return example | {key: offer[key] for key in ("contact_id", "offer_id", "rev") if key in example}


def check_result(name: str, answer: Json) -> None:
    """The frame fits what is described for this very command."""
    messages = cast("Json", cast("Json", asyncapi()["components"])["messages"])
    hold_against(asyncapi, messages[f"res.{name}"]["payload"], answer)
