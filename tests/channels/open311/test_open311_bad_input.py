"""What clients get wrong, and what attackers try: a refusal in the protocol's shape, never a 500, nothing lost."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from typing import NamedTuple
from urllib.parse import urlencode

import aiohttp
import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.form_body import URLENCODED
from channels.open311.channel import Open311Channel
from channels.open311.documents import written
from channels.open311.services import services_of
from channels.open311.settings import Attribute, Open311Settings, ServiceSetting, Value
from channels.site import SiteTopic
from router.errors import ConfigurationError, StoreUnavailable
from tests.channels.recording_inbox import RecordingInbox
from tests.channels.served import TOPICS, served

KEY = "a-key-of-sixteen-letters"
GOOD = {"api_key": KEY, "service_code": "GAT.HAL", "lat": "59.2", "long": "15.2", "description": "Hål"}
ASKING = ServiceSetting(
    code="asking",
    topic="GAT.BEL",
    attributes=(
        Attribute(code="pole", description="Stolpe", required=True),
        Attribute(code="kind", description="Slag", datatype="singlevaluelist", values=(Value("a", "A"),)),
    ),
)
PLAIN = ServiceSetting(code="GAT.HAL", topic="GAT.HÅL")
REQUESTS = "/requests.json"


class Told(NamedTuple):
    """An answer."""

    status: int
    body: bytes

    @property
    def words(self) -> str:
        """The description of the only error, in either format."""
        if self.body.startswith(b"<"):
            root = fromstring(self.body.decode())
            assert [child.tag for child in root] == ["error"]
            assert root.findtext("error/code") == str(self.status)
            return root.findtext("error/description") or ""
        (error,) = json.loads(self.body)
        assert error["code"] == self.status
        return str(error["description"])


class Caller:
    """Calls the adapter as it likes."""

    def __init__(self, inbox: RecordingInbox, url: str, http: aiohttp.ClientSession) -> None:
        self.inbox = inbox
        self.url = url + "/open311/v2"
        self.http = http

    async def post(self, body: bytes | dict[str, str], path: str = REQUESTS, content_type: str = URLENCODED) -> Told:
        """Post bytes or fields."""
        data = urlencode(body).encode() if isinstance(body, dict) else body
        headers = {"Content-Type": content_type}
        async with self.http.post(self.url + path, data=data, headers=headers) as got:
            return Told(got.status, await got.read())

    async def get(self, path: str, **query: str) -> Told:
        """Ask."""
        async with self.http.get(self.url + path, params=query) as got:
            return Told(got.status, await got.read())


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    """The adapter with small bodies and two services."""
    inbox = RecordingInbox()
    wanted = Open311Settings(keys={"city-app": KEY}, services=(PLAIN, ASKING), max_body_bytes=8192)
    channel = Open311Channel(inbox, lambda: inbox.time_ms, TOPICS, wanted, "https://kontakt.example.se")
    async with served(channel) as url, aiohttp.ClientSession() as http:
        yield Caller(inbox, url, http)


@pytest.mark.parametrize(
    ("change", "status", "named"),
    [
        ({"api_key": ""}, 403, "api_key"),
        ({"api_key": "å" * 16}, 403, "api_key"),
        ({"service_code": ""}, 400, "service_code"),
        ({"service_code": "GAT.HÅL"}, 404, "service_code"),
        ({"lat": ""}, 400, "lat"),
        ({"lat": "", "long": ""}, 400, "lat"),
        ({"lat": "91"}, 400, "lat"),
        ({"long": "NaN"}, 400, "long"),
        ({"email": "kim@example.se\r\nBcc: alla@example.se"}, 400, "email"),
        ({"first_name": "x" * 600}, 400, "last_name"),
        ({"media_url": "file:///etc/passwd"}, 400, "media_url"),
        ({"media_url": "https://[::1"}, 400, "media_url"),
        ({"media_url": "data:image/png;base64,AAAA"}, 400, "media_url"),
        ({"service_code": "asking"}, 400, "attribute[pole]"),
        ({"service_code": "asking", "attribute[pole]": "7", "attribute[kind]": "b"}, 400, "attribute[kind]"),
        ({"attribute[more]": "x" * 3000}, 400, "attribute[more]"),
    ],
)
@pytest.mark.parametrize("path", ["/requests.xml", REQUESTS])
async def test_a_wrong_parameter_is_named(
    caller: Caller, path: str, change: dict[str, str], status: int, named: str
) -> None:
    """Code and description in the protocol's shape, the parameter's name first, and no contact."""
    told = await caller.post({**GOOD, **change}, path)
    assert (told.status, told.words.partition(":")[0]) == (status, named)
    assert not caller.inbox.contacts


async def test_words_for_a_place_are_enough(caller: Caller) -> None:
    """Without a point an address is kept as a field."""
    sent = {**GOOD, "lat": "", "long": "", "address_string": "Storgatan 1", "deviceid": "x", "whatever": "y"}
    assert (await caller.post(sent)).status == 200
    (contact,) = caller.inbox.contacts.values()
    assert (contact.location, contact.fields) == (None, {"address": "Storgatan 1"})


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "x">]><r>&a;</r>', "text/xml", 400),
        (b"{}", "application/json", 400),
        (b"api_key=%ff", URLENCODED, 400),
        (b"api_key=" + KEY.encode() + b"&description=" + b"x" * 9000, URLENCODED, 413),
        (b"&".join(b"f%d=1" % i for i in range(400)), URLENCODED, 413),
        (b"", "multipart/form-data; boundary=x", 400),
        (b"", URLENCODED, 403),
    ],
)
async def test_a_wrong_body_is_refused(caller: Caller, body: bytes, content_type: str, status: int) -> None:
    """XML is not taken, nor what is too large, too many or no form: answered in the address' format."""
    told = await caller.post(body, "/requests.xml", content_type)
    assert told.status == status
    assert told.words


async def test_a_packed_bomb_is_counted_unpacked(caller: Caller) -> None:
    """A body that unpacks to more than the cap is refused like any large one."""
    headers = {"Content-Type": URLENCODED, "Content-Encoding": "gzip"}
    bomb = gzip.compress(b"a=" + b"0" * 5_000_000)
    async with caller.http.post(caller.url + REQUESTS, data=bomb, headers=headers) as got:
        assert got.status == 413


async def test_what_is_not_packed_as_it_says_is_refused(caller: Caller) -> None:
    """A body that can't be unpacked is 400, and the next caller is answered."""
    headers = {"Content-Type": URLENCODED, "Content-Encoding": "gzip"}
    async with caller.http.post(caller.url + REQUESTS, data=b"not packed", headers=headers) as got:
        assert got.status == 400
    async with aiohttp.ClientSession() as other:
        assert (await Caller(caller.inbox, caller.url.removesuffix("/open311/v2"), other).post(GOOD)).status == 200


async def test_the_store_is_away(caller: Caller) -> None:
    """503 with Retry-After, and the same post again is taken when it is back."""
    caller.inbox.failure = StoreUnavailable()
    async with caller.http.post(caller.url + REQUESTS, data=GOOD) as got:
        assert (got.status, got.headers["Retry-After"]) == (503, "2")
        assert json.loads(await got.read())[0]["code"] == 503
    caller.inbox.failure = None
    assert (await caller.post(GOOD)).status == 200


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"start_date": "yesterday"}, "start_date"),
        ({"start_date": "2026-01-01T00:00:00"}, "start_date"),
        ({"start_date": "2025-01-01T00:00:00Z", "end_date": "2025-04-02T00:00:00Z"}, "end_date"),
        ({"end_date": "9999999-01-01"}, "end_date"),
        ({"status": "open,burning"}, "status"),
        ({"service_request_id": ",".join(map(str, range(501)))}, "service_request_id"),
    ],
)
async def test_a_wrong_question_is_named(caller: Caller, query: dict[str, str], named: str) -> None:
    """Dates without offset, periods over 90 days, unknown states, too many ids."""
    told = await caller.get(REQUESTS, api_key=KEY, **query)
    assert (told.status, told.words.partition(":")[0]) == (400, named)


async def test_a_list_is_filtered(caller: Caller) -> None:
    """By period, with any offset, by service and by status; a plus sign that nobody escaped is a plus."""
    await caller.post(GOOD)
    await caller.post({**GOOD, "service_code": "asking", "attribute[pole]": "7"})
    wide = {"start_date": "2025-10-13T07:59:00+02:00", "end_date": "2025-10-13T08:01:00 02:00"}

    async def found(**query: str) -> list[str]:
        told = await caller.get(REQUESTS, api_key=KEY, **query)
        return sorted(each["service_code"] for each in json.loads(told.body))

    assert await found() == ["GAT.HAL", "asking"]
    assert await found(**wide) == ["GAT.HAL", "asking"]
    assert await found(start_date="2025-10-13T06:01:00Z") == []
    assert await found(service_code="asking,nothing") == ["asking"]
    assert await found(service_code="nothing") == []
    assert await found(status="closed") == []
    assert await found(status="open,closed") == ["GAT.HAL", "asking"]


async def test_one_request_and_its_token(caller: Caller) -> None:
    """One is a list of one; a token is its id; what is not there is 404; other endings do not exist."""
    (made,) = json.loads((await caller.post(GOOD)).body)
    request = made["service_request_id"]
    assert set(made) == {"service_request_id", "service_notice", "account_id"}
    (one,) = json.loads((await caller.get(f"/requests/{request}.json", api_key=KEY)).body)
    assert (one["service_request_id"], one["status"]) == (request, "open")
    (token,) = json.loads((await caller.get(f"/tokens/{request}.json", api_key=KEY)).body)
    assert token == {"service_request_id": request, "token": request}
    for path in ("/requests/c99.xml", "/tokens/c99.json", "/services/nothing.xml"):
        assert (told := await caller.get(path, api_key=KEY)).status == 404
        assert told.words
    assert (await caller.get("/requests.csv")).status == 404


async def test_what_is_known_is_told_at_once(caller: Caller) -> None:
    """A disturbance's message comes as the service notice."""
    caller.inbox.answer = "Vattnet är avstängt till kl. 15."
    (made,) = json.loads((await caller.post(GOOD)).body)
    assert made["service_notice"] == "Vattnet är avstängt till kl. 15."


async def test_many_at_once_of_the_same_are_one(caller: Caller) -> None:
    """Twenty copies beside each other make one contact."""
    answers = await asyncio.gather(*(caller.post(GOOD) for _ in range(20)))
    assert {each.status for each in answers} == {200}
    assert len(caller.inbox.contacts) == 1


def test_a_city_without_settings_offers_its_faults() -> None:
    """Every fault topic is a service under its code in plain letters, which any client can write."""
    found = services_of((), TOPICS, "en")
    assert [(each.code, each.topic, each.name) for each in found.values()] == [
        ("GAT.HAL", "GAT.HÅL", "Pothole, damaged road"),
        ("GAT.BEL", "GAT.BEL", "Street lighting"),
    ]


@pytest.mark.parametrize(
    ("wanted", "topics"),
    [
        ((ServiceSetting(code="a", topic="NO.SUCH"),), TOPICS),
        ((PLAIN, PLAIN), TOPICS),
        ((), {"A.Å": SiteTopic("x", "x", is_fault=True), "A.Ä": SiteTopic("y", "y", is_fault=True)}),
    ],
)
def test_wrong_services_stop_the_start(wanted: tuple[ServiceSetting, ...], topics: dict[str, SiteTopic]) -> None:
    """An unknown topic, or two services of one code."""
    with pytest.raises(ConfigurationError, match="services"):
        services_of(wanted, topics, "sv")


@given(st.text())
def test_any_text_is_written_as_xml(text: str) -> None:
    """Control characters and half surrogates never make a document that nobody can read."""
    root = fromstring(written("errors", [{"code": 400, "description": text}], "xml").decode())
    assert root.findtext("error/code") == "400"


FIELDS = st.sampled_from(["lat", "long", "description", "service_code", "attribute[x]", "media_url", "email", "phone"])


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(fields=st.lists(st.tuples(FIELDS, st.text(max_size=40)), max_size=8), raw=st.binary(max_size=60))
async def test_nothing_becomes_a_500(caller: Caller, fields: list[tuple[str, str]], raw: bytes) -> None:
    """Whatever is posted is taken or refused in the protocol's shape."""
    said = urlencode([("api_key", KEY), *fields], errors="replace").encode()
    told = await caller.post(said + b"&" + raw, "/requests.xml")
    assert told.status in {200, 400, 403, 404}
    fromstring(told.body.decode())


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    query=st.dictionaries(st.sampled_from(["start_date", "end_date", "status", "service_code"]), st.text(max_size=30))
)
async def test_no_question_becomes_a_500(caller: Caller, query: dict[str, str]) -> None:
    """Whatever is asked is answered or refused in the protocol's shape."""
    plain = {name: value.encode(errors="replace").decode() for name, value in query.items()}
    for path in ("/requests.xml", "/servicerequestupdates.xml"):
        told = await caller.get(path, api_key=KEY, **plain)
        assert told.status in {200, 400}
        fromstring(told.body.decode())
