"""Who may post a form: keys, signatures, pages; traps and buckets; forged, replayed and damaged posts."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from channels.base import Connection, Outgoing
from channels.form_body import URLENCODED
from channels.posted.channel import PostedChannel
from channels.posted.settings import FormSettings, PostedSettings, Rule, check
from router.errors import ConfigurationError, StoreUnavailable
from tests.channels.recording_inbox import RecordingInbox
from tests.channels.served import JPEG, served

KEY, SECRET = "a-key-of-sixteen-letters", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PAGE = "https://www.example.se"
FROM_PAGE = {"Origin": PAGE, "Content-Type": URLENCODED}
WORDS = {"text": Rule(field="ord", required=True), "attachments": "bild", "person.email": "epost"}
SETTINGS = PostedSettings(
    forms={
        "signed": FormSettings(map={"text": "/data/words"}, secret=SECRET),
        "keyed": FormSettings(map=WORDS, key=KEY, rest="keep"),
        "strict": FormSettings(map=WORDS, key=KEY, rest="refuse"),
        "page": FormSettings(
            map=WORDS,
            origins=(PAGE,),
            honeypot="website",
            burst=3,
            thanks=f"{PAGE}/tack",
            sorry=f"{PAGE}/fel?lang=sv",
        ),
        "slow": FormSettings(map=WORDS, origins=(PAGE,), at_least_s=3, burst=50),
    },
    max_body_bytes=4096,
    proxies=1,
)


class Answer(NamedTuple):
    """An answer."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def told(self) -> tuple[int, str, str]:
        """Status, slug and field of a refusal."""
        problem = json.loads(self.body)
        return self.status, str(problem["type"]).rpartition(":")[2], problem.get("field", "")


class Sender:
    """Posts to the adapter."""

    def __init__(self, inbox: RecordingInbox, channel: PostedChannel, url: str, http: aiohttp.ClientSession) -> None:
        self.inbox = inbox
        self.channel = channel
        self.url = url
        self.http = http

    async def post(self, form: str, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """Post bytes."""
        return await self.call("POST", form, body, headers or {})

    async def call(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Any call."""
        url = f"{self.url}/v1/forms/{path}"
        async with self.http.request(method, url, data=body, headers=headers, allow_redirects=False) as got:
            return Answer(got.status, await got.read(), got.headers)

    def signed(self, body: bytes, *, name: str = "msg_1", age_s: int = 0, secret: str = SECRET) -> dict[str, str]:
        """Headers that the standard's own library makes."""
        at = datetime.fromtimestamp(self.inbox.time_ms // 1000 - age_s, UTC)
        return {
            "Content-Type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(secret).sign(name, at, body.decode()),
        }


@pytest.fixture
async def sender() -> AsyncIterator[Sender]:
    """The adapter with a form for each kind of door."""
    inbox = RecordingInbox()
    channel = PostedChannel(inbox, lambda: inbox.time_ms, SETTINGS)
    async with served(channel) as url, aiohttp.ClientSession() as http:
        yield Sender(inbox, channel, url, http)


BODY = b'{"data": {"words": "Hej"}}'
BEARER = {"Authorization": f"Bearer {KEY}", "Content-Type": URLENCODED}


async def test_a_good_signature_is_enough(sender: Sender) -> None:
    """The library's own signature over the very bytes is taken, also as one of several."""
    headers = sender.signed(BODY)
    headers["webhook-signature"] = "v1a,AAAA v1,AAAA " + headers["webhook-signature"]
    assert (await sender.post("signed", BODY, headers)).status == 202


async def test_a_replayed_webhook_changes_nothing(sender: Sender) -> None:
    """The same message again, also beside itself, is the same contact; an old recording is refused."""
    headers = sender.signed(BODY)
    answers = await asyncio.gather(*(sender.post("signed", BODY, headers) for _ in range(10)))
    assert {answer.body for answer in answers} == {b'{"id":"c01"}'}
    sender.inbox.time_ms += 301_000
    assert (await sender.post("signed", BODY, headers)).told == (401, "unauthenticated", "webhook-timestamp")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"webhook-signature": "v1"}, "webhook-signature"),
        ({"webhook-signature": "v1,"}, "webhook-signature"),
        ({"webhook-signature": "v1,%%%"}, "webhook-signature"),
        ({"webhook-signature": "v1," + "A" * 44}, "webhook-signature"),
        ({"webhook-signature": " ".join(["v1,AAAA"] * 500)}, "webhook-signature"),
        ({"webhook-id": "msg_2"}, "webhook-signature"),
        ({"webhook-id": "msg.2"}, "webhook-id"),
        ({"webhook-id": ""}, "webhook-id"),
        ({"webhook-timestamp": "now"}, "webhook-timestamp"),
        ({"webhook-timestamp": "9" * 300}, "webhook-timestamp"),
        ({"webhook-timestamp": "\u0663"}, "webhook-timestamp"),
    ],
)
async def test_a_forged_signature_is_401(sender: Sender, change: dict[str, str], field: str) -> None:
    """Every damage is told with the header's name, and nothing is kept."""
    answer = await sender.post("signed", BODY, sender.signed(BODY) | change)
    assert answer.told == (401, "unauthenticated", field)
    other = await sender.post("signed", BODY + b" ", sender.signed(BODY))
    assert other.told == (401, "unauthenticated", "webhook-signature")
    assert not sender.inbox.contacts


@pytest.mark.parametrize("bearer", ["", "Bearer", "Bearer no", "Basic YTpi", f"Bearer {KEY}x", "Bearer å"])
async def test_a_wrong_key_is_401(sender: Sender, bearer: str) -> None:
    """Nothing but the form's own key opens it."""
    answer = await sender.post("keyed", b"ord=Hej", BEARER | {"Authorization": bearer})
    assert answer.told == (401, "unauthenticated", "Authorization")


async def test_other_fields_are_kept_dropped_or_refused(sender: Sender) -> None:
    """As the form says: kept under their own names, left out, or told."""
    body = "ord=Hej&färg=röd&färg=blå&antal=3".encode()
    assert (await sender.post("keyed", body, BEARER)).status == 202
    assert sender.inbox.contacts["c01"].fields == {"färg": "röd, blå", "antal": "3"}
    assert (await sender.post("strict", body, BEARER)).told == (422, "schema-mismatch", "färg")
    assert (await sender.post("page", body, FROM_PAGE)).status == 202
    assert sender.inbox.contacts["c02"].fields == {}


async def test_the_same_post_soon_again_is_the_same(sender: Sender) -> None:
    """Without any id the same bytes within ten minutes are one contact; with a key of their own, they are that."""
    first = await sender.post("keyed", b"ord=Hej", BEARER)
    assert (await sender.post("keyed", b"ord=Hej", BEARER)).body == first.body
    named = [await sender.post("keyed", b"ord=Hej", BEARER | {"Idempotency-Key": key}) for key in ('"k1"', "k1", "k2")]
    assert named[0].body == named[1].body
    assert len({first.body, *(each.body for each in named)}) == 3
    sender.inbox.time_ms += 600_000
    assert (await sender.post("keyed", b"ord=Hej", BEARER)).body != first.body


async def test_files_come_along_where_the_map_says(sender: Sender) -> None:
    """A picture in its field is kept; in any other, or as no picture, it is refused by its field's name."""

    async def sent(field: str, body: bytes) -> Answer:
        form = aiohttp.FormData({"ord": "Hej"})
        form.add_field(field, body, filename="x.jpg", content_type="image/jpeg")
        headers = {"Authorization": f"Bearer {KEY}"}
        async with sender.http.post(f"{sender.url}/v1/forms/keyed", data=form, headers=headers) as got:
            return Answer(got.status, await got.read(), got.headers)

    assert (await sent("bild", JPEG)).status == 202
    (attachment,) = sender.inbox.contacts["c01"].attachments
    assert (attachment.name, sender.inbox.blobs[attachment.blob]) == ("file-1.jpg", JPEG)
    assert (await sent("fil", JPEG)).told == (422, "schema-mismatch", "fil")
    assert (await sent("bild", b"<svg/>")).told == (415, "unsupported-media-type", "bild")
    assert (await sent("bild", JPEG * 100)).told == (413, "too-large", "Content-Length")


async def test_a_page_of_ours_posts_for_its_visitors(sender: Sender) -> None:
    """A form without any script is sent on to the page that thanks, or to the one that says what is wrong."""
    browser = FROM_PAGE | {"Accept": "text/html,*/*"}
    answer = await sender.post("page", b"ord=Hej", browser)
    assert (answer.status, answer.headers["Location"]) == (303, f"{PAGE}/tack")
    answer = await sender.post("page", b"ord=", browser)
    assert (answer.status, answer.headers["Location"]) == (
        303, f"{PAGE}/fel?lang=sv&problem=schema-mismatch&field=ord",
    )  # fmt: skip
    assert len(sender.inbox.contacts) == 1


async def test_its_script_may_read_the_answer(sender: Sender) -> None:
    """Answers and refusals alike; a browser's question before it is answered for that page alone."""
    assert (await sender.post("page", b"ord=Hej", FROM_PAGE)).headers["Access-Control-Allow-Origin"] == PAGE
    refused = await sender.post("page", b"ord=", FROM_PAGE)
    assert (refused.told, refused.headers["Access-Control-Allow-Origin"]) == ((422, "schema-mismatch", "ord"), PAGE)
    assert (await sender.call("OPTIONS", "page", b"", {"Origin": PAGE})).status == 204
    assert (await sender.call("OPTIONS", "page", b"", {"Origin": "https://evil.example"})).status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://www.example.se.evil.example"},
        {"Origin": "http://www.example.se"},
        {"Referer": "https://evil.example/www.example.se"},
        {"Referer": "https://[::1"},
    ],
)
async def test_other_pages_may_not(sender: Sender, headers: dict[str, str]) -> None:
    """Any other origin, or none, is 403."""
    answer = await sender.post("page", b"ord=Hej", {"Content-Type": URLENCODED} | headers)
    assert answer.told == (403, "forbidden", "Origin")


async def test_a_browser_without_origin_is_known_by_its_page(sender: Sender) -> None:
    """The referring page stands in."""
    headers = {"Content-Type": URLENCODED, "Referer": f"{PAGE}/fel/anmal?x=1"}
    assert (await sender.post("page", b"ord=Hej", headers)).status == 202


async def test_a_trap_and_a_stamp_keep_machines_out(sender: Sender) -> None:
    """What fills in everything, or faster than a person, is told so; with a stamp of ours and patience it is taken."""
    assert (await sender.post("page", b"ord=Hej&website=x", FROM_PAGE)).told == (422, "schema-mismatch", "website")
    assert (await sender.post("slow", b"ord=Hej", FROM_PAGE)).told == (422, "schema-mismatch", "stamp")
    given_out = await sender.call("GET", "slow/stamp", b"", {"Origin": PAGE})
    assert given_out.headers["Access-Control-Allow-Origin"] == PAGE
    body = b"ord=Hej&stamp=" + json.loads(given_out.body)["stamp"].encode()
    assert (await sender.post("slow", body, FROM_PAGE)).told == (422, "schema-mismatch", "stamp")
    sender.inbox.time_ms += 3_000
    assert (await sender.post("slow", body, FROM_PAGE)).status == 202
    assert (await sender.call("GET", "page/stamp", b"", {})).told == (404, "not-found", "form")


async def test_a_flood_from_one_address_is_held_back(sender: Sender) -> None:
    """Three at once, then 429 with Retry-After; another household goes on; a caller's own word is not believed."""

    async def statuses(forwarded: str, times: int) -> list[int]:
        headers = FROM_PAGE | {"X-Forwarded-For": forwarded}
        answers = [await sender.post("page", f"ord=Hej {i}".encode(), headers) for i in range(times)]
        return [answer.status for answer in answers]

    assert await statuses("192.0.2.1", 4) == [202, 202, 202, 429]
    assert await statuses("198.51.100.7, 192.0.2.1", 1) == [429]
    assert await statuses("192.0.2.2", 1) == [202]
    sender.inbox.time_ms += 60_000
    assert await statuses("192.0.2.1", 2) == [202, 429]


@pytest.mark.parametrize(
    ("content_type", "body", "told"),
    [
        (
            "text/xml",
            b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
            (415, "unsupported-media-type"),
        ),
        ("application/json", b"[" * 4000, (400, "malformed-body")),
        ("application/json", b"[]", (422, "schema-mismatch")),
        ("application/json", b'{"ord": "\\ud800"}', (400, "malformed-body")),
        ("application/json", b'{"ord": "\\u0000"}', (422, "schema-mismatch")),
        ("application/json", b'{"ord": "x", "tal": 1e999}', (400, "malformed-body")),
        ("application/json", b'{"ord": "x", "tal": 99999999999999999999}', (422, "schema-mismatch")),
        ("application/json", b'{"ord": "x", "djup": {"a": 1}}', (422, "schema-mismatch")),
        ("application/json", b"\xff", (400, "malformed-body")),
        (URLENCODED + "; charset=utf-16", b"ord=Hej", (415, "unsupported-media-type")),
        (URLENCODED, b"ord=" + b"x" * 5000, (413, "too-large")),
        (URLENCODED, b"&".join(b"f%d=1" % i for i in range(400)), (413, "too-large")),
        (URLENCODED, b"ord=Hej&" + b"&".join(b"f%d=1" % i for i in range(41)), (422, "schema-mismatch")),
    ],
)
async def test_a_wrong_body_is_refused(sender: Sender, content_type: str, body: bytes, told: tuple[int, str]) -> None:
    """Each with its own slug, nothing kept."""
    answer = await sender.post("keyed", body, BEARER | {"Content-Type": content_type})
    assert answer.told[:2] == told
    assert not sender.inbox.contacts


async def test_the_store_is_away(sender: Sender) -> None:
    """503, and the same post again is taken when it is back."""
    sender.inbox.failure = StoreUnavailable()
    answer = await sender.post("keyed", b"ord=Hej", BEARER)
    assert (answer.told, answer.headers["Retry-After"]) == ((503, "store-unavailable", ""), "2")
    sender.inbox.failure = None
    assert (await sender.post("keyed", b"ord=Hej", BEARER)).status == 202


async def test_nobody_hears_what_has_no_way_back(sender: Sender) -> None:
    """A reply to a form that tells nothing fails at once, so that whoever wrote it is told; taken work is connected."""
    sent = await sender.channel.send(Outgoing("c01", 2, "Hej", source="/forms/keyed"))
    assert (sent.outcome, sent.reason) == ("failed", "no-way-back")
    await sender.channel.connect(Connection("c01", "c01.l1", "kim", "/forms/keyed", "x"))
    assert sender.inbox.setups == [("c01.l1", "connected")]
    assert (await sender.post("nothing", b"ord=Hej", BEARER)).told == (404, "not-found", "form")


@pytest.mark.parametrize(
    ("form", "key"),
    [
        (FormSettings(map={"text": "x"}), "forms.f"),
        (FormSettings(map={"text": "x"}, key=KEY, channel="fax"), "forms.f.channel"),
        (FormSettings(map={"words": "x"}, key=KEY), "forms.f.map.words"),
        (FormSettings(map={"fields.a b": "x"}, key=KEY), "forms.f.map.fields.a b"),
        (FormSettings(map={"text": Rule()}, key=KEY), "forms.f.map.text"),
        (FormSettings(map={"text": "x"}, says="message", key=KEY), "forms.f.map.contact"),
        (FormSettings(map={"contact": "x"}, says="message", origins=(PAGE,)), "forms.f.origins"),
        (FormSettings(map={"text": "x"}, origins=(PAGE + "/",)), "forms.f.origins[0]"),
        (FormSettings(map={"text": "x"}, secret="whsec_A"), "forms.f.secret"),
    ],
)
def test_a_form_that_cannot_work_stops_the_start(form: FormSettings, key: str) -> None:
    """Without a door, of an unknown channel, with a map into nowhere: the key is named."""
    with pytest.raises(ConfigurationError) as told:
        check(PostedSettings(forms={"f": form}))
    assert told.value.field == f"$.channels.posted.{key}"


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    content_type=st.sampled_from(["application/json", URLENCODED, "multipart/form-data; boundary=x", "text/plain"]),
    body=st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=20),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["ord", "epost", "a"]), inner),
            max_leaves=8,
        ).map(lambda tree: json.dumps(tree).encode()),
    ),
)
async def test_nothing_becomes_a_500(sender: Sender, content_type: str, body: bytes) -> None:
    """Whatever is posted with a good key is taken or refused with a slug."""
    answer = await sender.post("keyed", body, BEARER | {"Content-Type": content_type})
    assert answer.status in {202, 400, 413, 415, 422}
