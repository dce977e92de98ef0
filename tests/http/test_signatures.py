"""Standard Webhooks signatures and bearer keys: who may post, and how everybody else is told."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from standardwebhooks.webhooks import Webhook

from router.clock import SystemClock
from router.http.auth import ROLES, Caller, Role
from tests.http.service_client import STRUCTURED, Answer, ServiceClient

EVENT = {
    "specversion": "1.0", "id": "signed", "source": "/signed", "type": "se.servicecenter.contact.observed",
    "data": {"channel": "phone"},
}  # fmt: skip
BODY = msgspec.json.encode(EVENT)


def signed(service: ServiceClient, body: bytes = BODY, *, age_s: int = 0, secret: str = "") -> dict[str, str]:
    """Headers of a good signature by the integration `elks`."""
    at_s = SystemClock().now_ms() // 1000 - age_s
    key = secret or service.run.tokens.webhook_secret("elks")
    signature = Webhook(key).sign("msg_1", datetime.fromtimestamp(at_s, UTC), body.decode())
    return {
        "Content-Type": STRUCTURED, "servicecenter-integration": "elks", "webhook-id": "msg_1",
        "webhook-timestamp": str(at_s), "webhook-signature": signature,
    }  # fmt: skip


async def send(service: ServiceClient, headers: dict[str, str], body: bytes = BODY) -> Answer:
    """Post without a bearer key."""
    return await service.call("POST", "/v1/events", body=body, headers=headers)


async def test_a_good_signature_is_enough(service: ServiceClient) -> None:
    """The library's own signature over the very bytes is taken, also as one of several."""
    headers = signed(service)
    contact = (await send(service, headers)).contact
    headers["webhook-signature"] = "v1a,AAAA v1,AAAA " + headers["webhook-signature"]
    assert (await send(service, headers)).contact == contact


@pytest.mark.parametrize(
    ("header", "value", "field"),
    [
        ("webhook-signature", "", "webhook-signature"),
        ("webhook-signature", "v1", "webhook-signature"),
        ("webhook-signature", "v1,", "webhook-signature"),
        ("webhook-signature", "v1,not base64 \xe9", "webhook-signature"),
        ("webhook-signature", "v2,AAAA", "webhook-signature"),
        ("webhook-id", "msg_2", "webhook-signature"),
        ("webhook-timestamp", "", "webhook-timestamp"),
        ("webhook-timestamp", "now", "webhook-timestamp"),
        ("webhook-timestamp", "-1", "webhook-timestamp"),
        ("webhook-timestamp", "\u0663", "webhook-timestamp"),
        ("webhook-timestamp", "9" * 400, "webhook-timestamp"),
        ("servicecenter-integration", "", "servicecenter-integration"),
        ("servicecenter-integration", "other", "webhook-signature"),
        ("servicecenter-integration", "../elks", "servicecenter-integration"),
    ],
)
async def test_a_damaged_signature_is_401(service: ServiceClient, header: str, value: str, field: str) -> None:
    """Every damage is 401 with the header's name, never a 500."""
    answer = await send(service, signed(service) | {header: value})
    assert (answer.status, answer.slug, answer.body["field"]) == (401, "unauthenticated", field)


@pytest.mark.parametrize(
    "missing", ["webhook-id", "webhook-timestamp", "webhook-signature", "servicecenter-integration"]
)
async def test_a_missing_header_is_401(service: ServiceClient, missing: str) -> None:
    """All four are needed."""
    headers = signed(service)
    del headers[missing]
    assert (await send(service, headers)).status == 401


@pytest.mark.parametrize("age_s", [320, -320, 86_400])
async def test_a_stale_signature_is_401(service: ServiceClient, age_s: int) -> None:
    """More than five minutes away in either direction; twenty seconds more, for the two clocks and a slow machine."""
    answer = await send(service, signed(service, age_s=age_s))
    assert (answer.status, answer.body["field"]) == (401, "webhook-timestamp")


async def test_other_bytes_or_another_key_are_401(service: ServiceClient) -> None:
    """One more space in the body breaks the signature; so does a key of somebody else, and a body that is no text."""
    assert (await send(service, signed(service), BODY + b" ")).status == 401
    assert (await send(service, signed(service), b"\xff\xfe")).status == 401
    key = "whsec_" + base64.b64encode(b"x" * 32).decode()
    assert (await send(service, signed(service, secret=key))).status == 401


async def test_the_vector_of_the_standard_is_read_as_it_is(shared_data: Path) -> None:
    """The library in use signs the published vector as published."""
    vector = json.loads((shared_data / "protocols/standard_webhooks_vector.json").read_text(encoding="utf-8"))
    at = datetime.fromtimestamp(int(vector["webhook-timestamp"]), UTC)
    assert Webhook(vector["secret"]).sign(vector["webhook-id"], at, vector["payload"]) == vector["webhook-signature"]


@pytest.mark.parametrize("role", [role for role in ROLES if role != "integration"])
async def test_other_roles_may_not_post(service: ServiceClient, role: Role) -> None:
    """Only integrations post events."""
    answer = await service.post(BODY, role=role)
    assert (answer.status, answer.slug) == (403, "forbidden")


@pytest.mark.parametrize(
    "token", ["", "x", "a.b.c", "é", "Bearer", "eyJhbGciOiJub25lIn0.eyJyb2xlIjoiaW50ZWdyYXRpb24iLCJuYW1lIjoieCJ9."]
)
async def test_a_token_that_is_not_ours_is_401(service: ServiceClient, token: str) -> None:
    """Nothing, nonsense, and a token with algorithm none."""
    answer = await service.call("POST", "/v1/events", body=BODY, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status, answer.slug) == (401, "unauthenticated")


async def test_an_expired_token_is_401(service: ServiceClient) -> None:
    """A token has an end when it was made with one, also after it has been seen valid."""
    tokens = service.run.tokens
    past_s = SystemClock().now_ms() // 1000 - 60
    old = tokens.create(Caller("integration", "old", expires_s=past_s))
    assert (await service.post(BODY, role=None, token=old)).slug == "unauthenticated"
    fresh = tokens.create(Caller("integration", "old", expires_s=past_s + 120))
    assert (await service.post(BODY, role=None, token=fresh)).status == 202
