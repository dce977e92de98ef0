"""Whatever is posted, the answer is a 2xx or a clear 4xx, as described; never a 5xx."""

import json
from typing import cast
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.http.description_examples import EVENTS
from tests.http.service_client import Json, ServiceClient

MEDIA = ["application/cloudevents+json", "application/cloudevents-batch+json", "application/json", "text/plain", ""]
"""What is no header name at all is refused by the web server before the service sees it."""
quick = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
scalars = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=30)
values = st.recursive(
    scalars, lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=9), part, max_size=3)
)
header_names = st.sampled_from(
    ["ce-id", "ce-source", "ce-type", "ce-specversion", "ce-subject", "ce-~", "ce-x", "Authorization"]
)
header_values = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_categories=["Cc"]), max_size=40)


@st.composite
def mutated(draw: st.DrawFn) -> Json:
    """An example event with some of its parts, at any depth, replaced, removed or added."""
    event: Json = json.loads(json.dumps(draw(st.sampled_from([each["value"] for each in EVENTS.values()]))))
    for _ in range(draw(st.integers(1, 4))):
        part = event
        while (inside := [cast("Json", value) for value in part.values() if isinstance(value, dict)]) and draw(
            st.booleans()
        ):
            part = draw(st.sampled_from(inside))
        key = draw(st.sampled_from([*part, "more"]))
        if draw(st.booleans()):
            part[key] = draw(values)
        else:
            part.pop(key, None)
    return event


@quick
@given(event=mutated(), times=st.integers(1, 3), media=st.sampled_from(MEDIA[:2]))
async def test_mutated_events(service: ServiceClient, event: Json, times: int, media: str) -> None:
    """A damaged event, alone or in a batch, is taken or refused with a described problem."""
    body = json.dumps([event] * times if "batch" in media else event).encode()
    assert (await service.post(body, {"Content-Type": media})).status < 500


@quick
@given(
    body=st.binary(max_size=400) | values.map(lambda value: json.dumps(value).encode()), media=st.sampled_from(MEDIA)
)
async def test_random_bytes(service: ServiceClient, body: bytes, media: str) -> None:
    """Bytes of any kind under any content type."""
    assert 400 <= (await service.post(body, {"Content-Type": media})).status < 500 or body.strip() == b"[]"


@quick
@given(headers=st.dictionaries(header_names, header_values, max_size=6))
async def test_random_headers(service: ServiceClient, headers: dict[str, str]) -> None:
    """Headers of any text, also where a token or an attribute belongs."""
    sent = {"Content-Type": "application/json", "ce-specversion": "1.0"} | headers
    assert (await service.post(b'{"channel": "web"}', sent, role=None)).status in {400, 401, 415, 422}


@quick
@given(
    path=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=4),
    method=st.sampled_from(["GET", "POST", "PUT"]),
)
async def test_random_addresses(service: ServiceClient, path: list[str], method: str) -> None:
    """Ids of any text in any address."""
    for prefix in ("contacts", "cases", "agents", "handovers"):
        address = f"/v1/{prefix}/" + "/".join(quote(part, safe="") for part in path)
        assert (await service.call(method, address, role="supervisor", body=b"{}")).status < 500
