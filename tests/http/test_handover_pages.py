"""The units' side over REST: list, accept, return, done, and what others may not."""

import itertools

from tests.desktop_client import DesktopClient
from tests.http.service_client import Answer, Json, ServiceClient
from tests.journeys.waiting import eventually

FAULT: Json = {"topic": "GAT.HÅL", "text": "Hål i vägen", "location": {"lat": 59.3, "lon": 18.0}}

_PLACES = itertools.count()


async def handed_over(service: ServiceClient, subject: str = "") -> str:
    """A fault that goes to the street unit at once: the handover's id."""
    # Each a kilometre from the one before: a fault known nearby would make it a follower.
    place = {"lat": 59.3 + next(_PLACES) / 100, "lon": 18.0}
    contact = await service.receive("web", subject, **{**FAULT, "location": place})
    found = await service.state(contact, "handed_over")
    return str(found["handover_id"])


async def step(
    service: ServiceClient, handover: str, name: str, body: Json | None = None, unit: str = "gata"
) -> Answer:
    """What the unit does with it."""
    token = service.token("department", f"desk-{unit or 'all'}", unit=unit)
    return await service.call("POST", f"/v1/handovers/{handover}/{name}", token=token, body=body)


async def listed(service: ServiceClient, query: str, unit: str = "gata") -> Json:
    """The unit's list."""
    token = service.token("department", f"desk-{unit}", unit=unit)
    return (await service.call("GET", f"/v1/handovers{query}", token=token)).body


async def test_a_unit_lists_its_own(service: ServiceClient) -> None:
    """A department sees its unit whatever it asks for; a supervisor sees all, by unit and state."""
    handover = await handed_over(service)

    async def probe() -> bool:
        return handover in [row["id"] for row in (await listed(service, "?state=offered&limit=100"))["items"]]

    await eventually(probe)
    assert (await listed(service, "?unit=gata&state=offered", "park"))["items"] == []
    found = (await service.get("/v1/handovers?unit=gata&state=offered&limit=1&page=1")).body
    assert (len(found["items"]), found["limit"], found["page"]) == (1, 1, 1)
    assert found["total"] >= 1
    beyond = (await service.get("/v1/handovers?limit=1&page=999999")).body
    assert (beyond["items"], beyond["total"]) == ([], found["total"])


async def test_accepted_and_done(service: ServiceClient) -> None:
    """The case is begun and closed; the matter counts as registered complete when the agreement says so."""
    handover = await handed_over(service)
    contact = handover.split(".")[0]
    answer = await step(service, handover, "accept")
    assert answer.body == {
        "handover_id": handover, "contact_id": contact, "state": "accepted", "unit": "gata", "case_id": f"{contact}.k1",
    }  # fmt: skip
    assert (await step(service, handover, "accept")).body["state"] == "accepted"
    assert (await step(service, handover, "done", {"status": "repaired"})).body["state"] == "done"
    await service.state(contact, "closed")

    async def probe() -> bool:
        return (await service.get(f"/v1/cases/{contact}.k1")).body.get("state") == "closed"

    await eventually(probe)

    async def complete() -> bool:
        return await service.resolutions(contact) == ["registered_complete"]

    await eventually(complete)


async def test_done_needs_acceptance_but_no_body(service: ServiceClient) -> None:
    """Done before accept is refused; done without a body is enough afterwards."""
    handover = await handed_over(service)
    assert (await step(service, handover, "done")).slug == "transition-refused"
    await step(service, handover, "accept")
    assert (await step(service, handover, "done")).status == 200


async def test_returned_contacts_reach_an_agent(service: ServiceClient, name: str) -> None:
    """A return with a reason queues the contact again at its old time, and an agent is offered it."""
    handover = await handed_over(service, name)
    contact = handover.split(".")[0]
    before = (await service.get(f"/v1/contacts/{contact}")).body["received_at"]
    profile = {"name": "Gatu Exempel", "skills": {"gata": 5}}
    await service.call("PUT", f"/v1/agents/{name}", role="supervisor", body=profile)
    async with service.desktop(name) as desk:
        await desk.command("presence.set", {"state": "available"})
        await desk.command("presence.form", {"form": "written"})
        assert (await step(service, handover, "return", {"reason": "Vägen är Trafikverkets."})).body[
            "state"
        ] == "returned"
        await take_and_return(service, desk, contact, handover)
        assert (await service.get(f"/v1/contacts/{contact}")).body["received_at"] == before
    await service.go_home(name)


async def take_and_return(service: ServiceClient, desk: DesktopClient, contact: str, handover: str) -> None:
    """The agent takes what came back and hands it over anew: generation 2."""
    offer = await desk.wait_event("offer.issued", lambda data: data["contact_id"] == contact)
    assert (await step(service, handover, "accept")).status in {404, 409}
    await desk.command("offer.accept", {"offer_id": offer["offer_id"], "rev": offer["rev"]})
    answer = await desk.command("handover.create", {"contact_id": contact, "unit": "park"})
    assert answer["handover_id"] == f"{contact}.h2"
    assert (await step(service, str(answer["handover_id"]), "accept")).slug == "forbidden"
    assert (await step(service, str(answer["handover_id"]), "accept", unit="park")).status == 200


async def test_a_return_needs_a_reason(service: ServiceClient) -> None:
    """No body, no reason, an empty one, an unknown field, NUL."""
    handover = await handed_over(service)
    for body in ({}, {"reason": ""}, {"reason": 7}, {"reason": "x", "more": 1}, {"reason": "x" * 501}):
        assert (await step(service, handover, "return", body)).slug == "schema-mismatch"
    assert (await step(service, handover, "return", {"reason": "a\0b"})).slug == "malformed-body"
    assert (await step(service, handover, "return")).slug == "malformed-body"


async def test_another_units_handover(service: ServiceClient) -> None:
    """Another unit may not touch it; a token for all units may; what is not there is 404."""
    handover = await handed_over(service)
    for name in ("accept", "done"):
        assert (await step(service, handover, name, unit="park")).slug == "forbidden"
    assert (await step(service, handover, "return", {"reason": "x"}, unit="park")).slug == "forbidden"
    assert (await step(service, handover, "accept", unit="")).status == 200
    for wrong in ("c00000000000000000000.h1", handover.replace(".h1", ".h9"), "x"):
        assert (await step(service, wrong, "accept")).slug == "not-found"


async def test_lists_are_asked_for_in_their_own_words(service: ServiceClient) -> None:
    """State, limit and page outside their ranges are named."""
    for query, field in (("state=eaten", "?state"), ("limit=0", "?limit"), ("limit=101", "?limit"), ("page=0", "?page"),
                         ("page=x", "?page"), ("limit=1e3", "?limit"), ("page=9999999999", "?page")):  # fmt: skip
        answer = await service.get(f"/v1/handovers?{query}")
        assert (answer.slug, answer.body["field"]) == ("schema-mismatch", field)
