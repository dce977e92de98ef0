"""`/v1/disturbances`: declared by a supervisor, read by every channel, answered with, ended."""

from tests.http.service_client import Json, ServiceClient

URL = "/v1/disturbances"
HERE = {"lat": 59.2969, "lon": 18.0012}


def leak(name: str, **more: object) -> Json:
    """A burst main on Storgatan."""
    area = {"lat": 59.2968, "lon": 18.0012, "radius_m": 600}
    said = {"topics": ["VAT.*"], "message_sv": "Vattnet är avstängt", "reason": "VA-jouren har ringt"}
    return {"id": name, "area": area, "until": "2036-11-23T18:00:00+01:00", **said, **more}


async def test_declared_read_answered_and_ended(service: ServiceClient, name: str) -> None:
    """An integration reads what stands; a report on the spot is answered with it; after its end nothing is left."""
    made = await service.call("POST", URL, role="supervisor", body=leak(f"w{name}".lower()[:30]))
    assert made.status == 201, made
    assert {"by", "reason"}.isdisjoint(made.body)
    (read,) = (await service.get(URL, role="integration")).body["items"]
    assert {**read, "since": ""} == {**made.body, "since": ""}
    assert str(read["until"]).endswith("Z")
    contact = await service.receive("web", topic="VAT.LÄC", severity="P3", text="Inget vatten", location=HERE)
    shown = (await service.get(f"/v1/contacts/{contact}", role="supervisor")).body
    assert shown["state"] == "answered"
    ended = await service.call("DELETE", f"{URL}/{read['id']}?reason=lagat", role="supervisor")
    assert (ended.status, ended.body["id"]) == (200, read["id"])
    assert (await service.get(URL, role="agent")).body["items"] == []
    again = await service.call("DELETE", f"{URL}/{read['id']}", role="supervisor")
    assert (again.status, again.slug) == (404, "not-found")


async def test_mistakes_name_the_field_of_the_body(service: ServiceClient) -> None:
    """As they stand in what was sent, and nothing is declared."""
    for change, field in (
        ({"topics": ["VATT.*"]}, "$.topics[0]"),
        ({"area": {"district": "nowhere"}}, "$.area.district"),
        ({"area": {"district": "centrum", "colour": "red"}}, "$.area"),
        ({"until": "2020-01-01T00:00:00Z"}, "$.until"),
        ({"id": "Å"}, "$.id"),
    ):
        refused = await service.call("POST", URL, role="supervisor", body=leak("wrong") | change)
        assert (refused.status, refused.slug, refused.body["field"]) == (422, "schema-mismatch", field), refused
    assert (await service.get(URL, role="supervisor")).body["items"] == []
