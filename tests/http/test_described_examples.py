"""Every example of the descriptions, sent to a real service: it is taken, in the order that a stranger would try."""

from typing import Any, cast

import pytest

from router.http import description_desktop as desktop_tables
from router.http import description_examples as examples
from tests.http.service_client import Json, ServiceClient

BATCH = {"Content-Type": "application/cloudevents-batch+json"}
OFFICE = "test-office"


async def test_every_event_example_is_taken(service: ServiceClient) -> None:
    """Structured, batch and binary, as written; sent again they name the same contacts."""
    first = [await service.post(encoded(each["value"])) for each in examples.EVENTS.values()]
    assert [answer.status for answer in first] == [202] * len(first)
    again = [await service.post(encoded(each["value"])) for each in examples.EVENTS.values()]
    assert [answer.body["ids"] for answer in again] == [answer.body["ids"] for answer in first]
    for each in examples.BATCH.values():
        assert (await service.post(encoded(each["value"]), BATCH)).body["accepted"] == 2
    for each in examples.BINARY.values():
        headers = {"Content-Type": "application/json"} | cast("dict[str, str]", each["x-headers"])
        assert (await service.post(encoded(each["value"]), headers)).status == 202


async def test_the_fault_of_the_examples_lives_its_whole_life(service: ServiceClient) -> None:
    """Handed over, returned with the described body; another one accepted and done with the described body."""
    for subject, steps in (("life-1", ("accept", "return")), ("life-2", ("accept", "done"))):
        contact = await service.receive(subject=subject, **examples.FAULT)
        handover = (await service.state(contact, "handed_over"))["handover_id"]
        for step in steps:
            body = {"return": examples.BODIES["ReturnBody"], "done": examples.BODIES["DoneBody"]}.get(step)
            answer = await service.call("POST", f"/v1/handovers/{handover}/{step}", role="supervisor", body=body)
            assert answer.status == 200


async def test_the_profile_of_the_examples_is_taken(service: ServiceClient) -> None:
    """`PUT /v1/agents/anna` with the described body."""
    body = examples.BODIES["AgentProfile"]
    assert (await service.call("PUT", "/v1/agents/anna", role="supervisor", body=body)).status == 200


@pytest.mark.parametrize("name", sorted(desktop_tables.COMMANDS))
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


def check_result(name: str, answer: Any) -> None:
    """The frame fits what is described for this very command."""
    from router.http.asyncapi import asyncapi
    from tests.http.service_client import validator

    messages = cast("Json", cast("Json", asyncapi()["components"])["messages"])
    validator(asyncapi, messages[f"res.{name}"]["payload"]).validate(answer)


def encoded(value: object) -> bytes:
    """As it goes over the wire."""
    import msgspec

    return msgspec.json.encode(value)
