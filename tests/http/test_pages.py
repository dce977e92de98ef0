"""The reading pages: who may see what, and that every refusal is a problem."""

import pytest

from router.http.auth import ROLES
from router.http.description_routes import Route
from router.http.openapi import ROUTES
from tests.http.service_client import ALL_CHANNELS, ServiceClient

PROFILE = {"name": "Anna Exempel", "team": "servicecenter", "skills": {"bygg": 3}, "capacity": ALL_CHANNELS}


def filled(path: str, name: str) -> str:
    """The address with this name in every place."""
    return path.replace("{id}", name).replace("{blob}", name)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
async def test_roles_are_as_described(service: ServiceClient, route: Route) -> None:
    """Exactly the described roles get past the door; without a token nobody, where roles are asked for."""
    path = filled(route.path, "nothing")
    if not route.roles:
        assert (await service.call("GET", path)).status != 401
        return
    assert (await service.call(route.method.upper(), path)).slug == "unauthenticated"
    for role in ROLES:
        token = service.token(role, f"r-{role}", agent="r-agent" if role == "agent" else "")
        answer = await service.call(route.method.upper(), path, token=token)
        assert (answer.slug == "forbidden") == (role not in route.roles), (role, answer)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
async def test_other_methods_are_refused(service: ServiceClient, route: Route) -> None:
    """405 names what the address answers; a NUL in an address is refused before anything looks at it."""
    answer = await service.call("PATCH", filled(route.path, "x"))
    assert (answer.status, answer.slug) == (405, "method-not-allowed")
    assert route.method.upper() in answer.headers["Allow"]
    assert (await service.call("GET", filled(route.path, "x") + "%00")).status in {400, 404}


async def test_unknown_addresses(service: ServiceClient) -> None:
    """Nothing there, with or without a token, also beside real addresses."""
    for path in ("/", "/v1", "/v1/nothing", "/v1/contacts", "/v1/events/", "/V1/queues", "/v1/contacts/x/y"):
        assert (await service.get(path)).slug == "not-found"


async def test_an_agents_profile(service: ServiceClient, name: str) -> None:
    """Written whole, read back, listed; channels that are not named are not taken."""
    written = await service.call("PUT", f"/v1/agents/{name}", role="supervisor", body=PROFILE)
    assert written.body["capacity"] == {**dict.fromkeys(("app", "sms", "letter", "visit"), 0), **ALL_CHANNELS}
    assert (written.body["skills"], written.body["team"], written.body["presence"]) == (
        {"bygg": 3},
        "servicecenter",
        "offline",
    )
    assert (await service.get(f"/v1/agents/{name}")).body == written.body
    assert "can_interrupt" not in written.body
    changed = await service.call("PUT", f"/v1/agents/{name}", role="supervisor", body=PROFILE | {"can_interrupt": True})
    assert changed.body == written.body | {"can_interrupt": True}
    page = (await service.get("/v1/agents?limit=100")).body
    assert name in [row["agent_id"] for row in page["items"]]


@pytest.mark.parametrize(
    ("change", "slug", "field"),
    [
        ({"skills": {"magic": 1}}, "unknown-skill", "$.skills.magic"),
        ({"skills": {"bygg": 6}}, "schema-mismatch", "$.skills.bygg"),
        ({"capacity": {"fax": 1}}, "unknown-channel", "$.capacity.fax"),
        ({"capacity": {"chat": -1}}, "schema-mismatch", "$.capacity[...]"),
        ({"name": ""}, "schema-mismatch", "$.name"),
        ({"name": "a\0"}, "malformed-body", "$"),
        ({"colour": "red"}, "schema-mismatch", "$"),
    ],
)
async def test_a_profile_with_one_thing_wrong(
    service: ServiceClient, change: dict[str, object], slug: str, field: str
) -> None:
    """The problem names the field."""
    answer = await service.call("PUT", "/v1/agents/anna", role="supervisor", body=PROFILE | change)
    assert (answer.slug, answer.body["field"]) == (slug, field)


async def test_agents_ids_are_plain(service: ServiceClient) -> None:
    """An id with other characters is refused; nobody of that name is 404."""
    assert (await service.call("PUT", "/v1/agents/a%20b", role="supervisor", body=PROFILE)).status == 422
    assert (await service.get("/v1/agents/nobody")).slug == "not-found"


async def test_a_ticket_needs_an_agent(service: ServiceClient) -> None:
    """An agent's token that names no agent is refused; a body is, too."""
    assert (await service.call("POST", "/v1/ws-tickets", role="agent")).slug == "forbidden"
    token = service.token("agent", "anna", agent="anna")
    assert (await service.call("POST", "/v1/ws-tickets", token=token, body={"a": 1})).slug == "schema-mismatch"
    answer = await service.call("POST", "/v1/ws-tickets", token=token, body={})
    assert (answer.status, answer.body["expires_in_s"]) == (201, 30)


async def test_what_integrations_and_departments_see(service: ServiceClient) -> None:
    """Others' contacts, decisions and cases are not there for them."""
    contact = await service.receive("web", topic="GAT.HÅL", location={"lat": 59.3, "lon": 18.0})
    await service.state(contact, "handed_over")
    pages = [f"/v1/contacts/{contact}", f"/v1/contacts/{contact}/decision"]
    other = service.token("integration", "somebody-else")
    for path in pages:
        assert (await service.get(path, "integration")).status == 200
        assert (await service.call("GET", path, token=other)).slug == "not-found"
    await service.resolutions(contact)
    for path in (pages[0], f"/v1/cases/{contact}.k1"):
        for unit, status in (("gata", 200), ("park", 404), ("", 200)):
            token = service.token("department", f"d-{unit or 'all'}", unit=unit)
            assert (await service.call("GET", path, token=token)).status == status


async def test_why_a_contact_went_there(service: ServiceClient) -> None:
    """The decision names strategy, rules and facts, at once and later from the register."""
    contact = await service.receive("phone", topic="BYG.LOV")
    at_once = (await service.get(f"/v1/contacts/{contact}/decision")).body
    await service.state(contact, "queued")
    record = at_once["decisions"][0]["decision"]
    assert record["decision"]["queue"] == "bygg"
    assert record["decision"]["trace"]["hits"]
    assert record["facts"]["topic"] == "BYG.LOV"


async def test_what_is_not_there(service: ServiceClient) -> None:
    """Contacts, decisions and cases that nobody knows."""
    for path in ("contacts/x", "contacts/x/decision", "cases/x", "contacts/c00000000000000000000"):
        assert (await service.get(f"/v1/{path}")).slug == "not-found"


async def test_the_goal_and_its_periods(service: ServiceClient) -> None:
    """Dates and instants, a date as end includes its day; nonsense is named."""
    found = (await service.get("/v1/goal?from=2026-10-01&to=2026-10-31")).body
    assert (found["from"], found["to"]) == ("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z")
    assert found["ratio"] == {"resolved": None, "resolved_strict": None}
    shifted = (await service.get("/v1/goal?from=2026-10-01T02:00:00%2B02:00&to=2026-10-02")).body
    assert shifted["from"] == "2026-10-01T00:00:00Z"
    assert (await service.get("/v1/goal")).status == 200
    wrong = {
        "from=x": "?from",
        "to=2026-13-01": "?to",
        "from=2026-10-02&to=2026-10-01": "?to",
        "from=0001-01-01": "?from",
        "to=9999-12-31": "?to",
    }
    for query, field in wrong.items():
        answer = await service.get(f"/v1/goal?{query}")
        assert (answer.slug, answer.body["field"]) == ("schema-mismatch", field)


async def test_topics_and_queues(service: ServiceClient) -> None:
    """Everything the city has, with Swedish and English names; the queues are open and count who waits."""
    topics = (await service.get("/v1/topics", "integration")).body["topics"]
    assert {"code": "BYG.LOV", "unit": "bygglov"}.items() <= next(t for t in topics if t["code"] == "BYG.LOV").items()
    queues = (await service.get("/v1/queues", "agent")).body["queues"]
    assert {"generalist", "bygg"} <= {queue["queue"] for queue in queues if queue["is_open"]}


async def test_the_service_about_itself(service: ServiceClient) -> None:
    """Health, readiness, version, metrics, both descriptions."""
    assert (await service.call("GET", "/healthz")).body == {"status": "ok"}
    assert (await service.call("GET", "/readyz")).body["parts"]["store"] == "ok"
    info = (await service.call("GET", "/api-info")).body
    assert info["apiVersion"] == (await service.call("GET", info["apiDocumentation"])).body["info"]["version"]
    assert (await service.call("GET", "/v1/asyncapi.json")).body["asyncapi"] == "3.0.0"
    assert b"servicecenter_" in (await service.call("GET", "/metrics")).body
