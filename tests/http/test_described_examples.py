"""Every example of the REST description, sent to a real service: it is taken."""

from typing import cast

import msgspec

from router.http import description_examples as examples
from tests.http.service_client import ServiceClient

BATCH = {"Content-Type": "application/cloudevents-batch+json"}


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
        where = {"location": {"lat": 59.2 if subject == "life-1" else 59.25, "lon": 18.0}}
        contact = (await service.event("contact.received", {**examples.FAULT, **where}, subject=subject)).contact
        handover = (await service.state(contact, "handed_over"))["handover_id"]
        for step in steps:
            body = {"return": examples.BODIES["ReturnBody"], "done": examples.BODIES["DoneBody"]}.get(step)
            answer = await service.call("POST", f"/v1/handovers/{handover}/{step}", role="supervisor", body=body)
            assert answer.status == 200


async def test_the_profile_of_the_examples_is_taken(service: ServiceClient) -> None:
    """`PUT /v1/agents/anna` with the described body."""
    body = examples.BODIES["AgentProfile"]
    assert (await service.call("PUT", "/v1/agents/anna", role="supervisor", body=body)).status == 200


def encoded(value: object) -> bytes:
    """As it goes over the wire."""
    return msgspec.json.encode(value)
