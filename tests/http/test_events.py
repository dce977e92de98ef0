"""`POST /v1/events`: what is taken, what is refused and how, what happens once."""

import asyncio
import base64

import msgspec
import pytest

from router.config import Config, HttpConfig
from tests.http.service_client import Answer, Json, ServiceClient

CONFIG = Config(http=HttpConfig(max_body_bytes=200_000))
RECEIVED = "se.servicecenter.contact.received"
BATCH = {"Content-Type": "application/cloudevents-batch+json"}

WRONG: list[tuple[Json, str, str]] = [
    ({"specversion": "0.3"}, "schema-mismatch", "$.specversion"),
    ({"specversion": None}, "schema-mismatch", "$"),
    ({"id": ""}, "schema-mismatch", "$.id"),
    ({"id": 7}, "schema-mismatch", "$.id"),
    ({"id": "x" * 201}, "schema-mismatch", "$.id"),
    ({"source": None}, "schema-mismatch", "$"),
    ({"subject": ["x"]}, "schema-mismatch", "$.subject"),
    ({"type": "se.servicecenter.contact.eaten"}, "unknown-event-type", "$.type"),
    ({"type": "com.example.contact.received"}, "unknown-event-type", "$.type"),
    ({"data": None}, "schema-mismatch", "$.data"),
    ({"data": []}, "schema-mismatch", "$.data"),
    ({"data": {}}, "schema-mismatch", "$.data"),
    ({"data": {"channel": "fax"}}, "unknown-channel", "$.data.channel"),
    ({"data": {"channel": "phone", "topic": "NO.SUCH"}}, "unknown-topic", "$.data.topic"),
    ({"data": {"channel": "phone", "colour": "red"}}, "schema-mismatch", "$.data"),
    ({"data": {"channel": "phone", "person": {"loa": 9}}}, "schema-mismatch", "$.data.person.loa"),
    ({"data": {"channel": "web", "location": {"lat": 91, "lon": 0}}}, "schema-mismatch", "$.data.location.lat"),
    ({"data": {"channel": "web", "received_at": "2026-01-01T00:00:00"}}, "schema-mismatch", "$.data.received_at"),
    ({"data": {"channel": "web", "attachments": [{}] * 21}}, "schema-mismatch", "$.data.attachments"),
    ({"data": None, "data_base64": "*"}, "malformed-body", "$.data_base64"),
    ({"data_base64": "e30="}, "schema-mismatch", "$.data_base64"),
    ({"type": "se.servicecenter.contact.message", "data": {"text": "?"}}, "schema-mismatch", "$.data.contact"),
]


def envelope(event_id: str, **more: object) -> Json:
    """An ordinary call, with attributes changed; None leaves one out."""
    whole: Json = {"specversion": "1.0", "id": event_id, "source": "/t", "type": RECEIVED, "data": {"channel": "phone"}}
    return {key: value for key, value in (whole | more).items() if value is not None}


async def post(service: ServiceClient, event: object, **headers: str) -> Answer:
    """Post a structured event."""
    return await service.post(msgspec.json.encode(event), headers or None)


async def test_a_structured_event_becomes_a_contact(service: ServiceClient) -> None:
    """202 names the contact, and the contact is there at once."""
    answer = await post(service, envelope("structured"))
    assert answer.body["accepted"] == 1
    found = await service.get(f"/v1/contacts/{answer.contact}")
    assert (found.body["channel"], found.body["medium"], found.body["state"]) == ("phone", "voice", "queued")


async def test_data_may_come_as_base64(service: ServiceClient) -> None:
    """`data_base64` holds the same JSON."""
    data = base64.b64encode(b'{"channel": "chat"}').decode()
    contact = (await post(service, envelope("base64", data=None, data_base64=data))).contact
    assert (await service.get(f"/v1/contacts/{contact}")).body["channel"] == "chat"


async def test_binary_mode_reads_attributes_from_headers(service: ServiceClient) -> None:
    """Attributes stand in percent-encoded `ce-` headers, the body is the data."""
    headers = {
        "Content-Type": "application/json; charset=utf-8", "ce-specversion": "1.0", "ce-id": "binary",
        "ce-source": "/t", "ce-type": RECEIVED, "ce-subject": "h%C3%A5l%20%22ett%22",
    }  # fmt: skip
    contact = (await service.post(b'{"channel": "web"}', headers)).contact
    named = await service.event("contact.message", {"text": "mer"}, source="/t", subject='hål "ett"')
    assert named.contact == contact


async def test_a_batch_is_taken_in_the_order_of_each_conversation(service: ServiceClient) -> None:
    """A message in the same batch as its contact finds it; the ids are in the order of the events."""
    events = [
        envelope("b1", subject="batch-1", data={"channel": "chat"}),
        envelope("b2", subject="batch-2", data={"channel": "chat"}),
        *(
            envelope(f"b1-{i}", subject="batch-1", type="se.servicecenter.contact.message", data={"text": "mer"})
            for i in range(8)
        ),
    ]
    ids = (await post(service, events, **BATCH)).body["ids"]
    assert ids[0] != ids[1]
    assert ids[2:] == [ids[0]] * 8


async def test_a_batch_tells_what_was_refused_beside_what_was_taken(service: ServiceClient) -> None:
    """One event without a contact is null in `ids` and named in `problems`."""
    lost = envelope("lost", type="se.servicecenter.contact.message", subject="nobody", data={"text": "?"})
    body = (await post(service, [envelope("kept"), lost], **BATCH)).body
    assert body["accepted"] == 1
    assert body["ids"][1] is None
    assert [(p["type"], p["field"]) for p in body["problems"]] == [("urn:servicecenter:problem:not-found", "$[1]")]


async def test_a_batch_of_which_nothing_was_taken_is_a_problem(service: ServiceClient) -> None:
    """422 with the problems of all events."""
    lost = envelope("lost-2", type="se.servicecenter.contact.message", subject="nobody", data={"text": "?"})
    answer = await post(service, [lost, lost | {"id": "lost-3"}], **BATCH)
    assert (answer.status, answer.slug, len(answer.body["problems"])) == (422, "batch-refused", 2)


async def test_an_unreadable_event_refuses_the_whole_batch(service: ServiceClient) -> None:
    """The place is named, and the good event beside it was not kept."""
    good, bad = envelope("good-neighbour"), envelope("bad-neighbour", data={"channel": "fax"})
    answer = await post(service, [good, bad], **BATCH)
    assert (answer.slug, answer.body["field"]) == ("unknown-channel", "$[1].data.channel")
    other = good | {"data": {"channel": "chat"}}
    assert (await post(service, other)).status == 202


async def test_the_largest_batch_and_one_more(service: ServiceClient) -> None:
    """100 events are taken, 101 are 413; none is an empty success."""
    events = [envelope(f"many-{i}", type="se.servicecenter.contact.observed") for i in range(101)]
    assert (await post(service, events[:100], **BATCH)).body["accepted"] == 100
    assert (await post(service, events, **BATCH)).slug == "too-large"
    assert (await post(service, [], **BATCH)).body == {"accepted": 0, "ids": []}


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        (b"", 400, "malformed-body"),
        (b"{", 400, "malformed-body"),
        (b"\xff\xfe{}", 400, "malformed-body"),
        (b'{"a": NaN}', 400, "malformed-body"),
        (b"\0" * 9, 400, "malformed-body"),
        (b"[" * 100_000, 422, "schema-mismatch"),
        (b'{"data":' * 20_000, 400, "malformed-body"),
        (b"[]", 422, "schema-mismatch"),
        (b"null", 422, "schema-mismatch"),
        (b"{}", 422, "schema-mismatch"),
        (b'"' + b"x" * 300_000 + b'"', 413, "too-large"),
    ],
    ids=["empty", "cut", "utf16", "nan", "zeros", "deep-arrays", "deep-objects", "array", "null", "bare", "large"],
)
async def test_bytes_that_are_no_event(service: ServiceClient, body: bytes, status: int, slug: str) -> None:
    """Anything that is no event is a clear 4xx."""
    answer = await service.post(body)
    assert (answer.status, answer.slug) == (status, slug)


@pytest.mark.parametrize(("change", "slug", "field"), WRONG)
async def test_an_event_with_one_thing_wrong(service: ServiceClient, change: Json, slug: str, field: str) -> None:
    """The problem names the very field."""
    answer = await post(service, envelope("wrong", **change))
    assert (answer.slug, answer.body["field"]) == (slug, field)


@pytest.mark.parametrize("text", ["a\0b", "\0"])
async def test_no_text_holds_a_nul(service: ServiceClient, text: str) -> None:
    """U+0000 is refused wherever it stands; an escaped backslash before u0000 is only words."""
    for change in ({"id": text}, {"subject": text}, {"data": {"channel": "phone", "text": text}}):
        assert (await post(service, envelope("nul", **change))).slug == "malformed-body"
    hidden = base64.b64encode(b'{"channel": "chat", "text": "a\\u0000"}').decode()
    assert (await post(service, envelope("nul", data=None, data_base64=hidden))).slug == "malformed-body"
    headers = {"ce-specversion": "1.0", "ce-id": "a%00", "ce-source": "/t", "ce-type": RECEIVED}
    answer = await service.post(b'{"channel": "chat"}', headers | {"Content-Type": "application/json"})
    assert (answer.slug, answer.body["field"]) == ("malformed-body", "ce-id")
    words = envelope("no-nul", data={"channel": "phone", "text": "C:\\u0000"})
    assert (await post(service, words)).status == 202


@pytest.mark.parametrize(
    "media",
    ["", "text/plain", "application/xml", "application/json", "application/cloudevents+xml", "application/cloudevents"],
)
async def test_other_content_types(service: ServiceClient, media: str) -> None:
    """Without `ce-` headers only CloudEvents' own types are taken."""
    answer = await service.post(
        msgspec.json.encode(envelope("media")), {"Content-Type": media or "application/octet-stream"}
    )
    assert (answer.status, answer.slug) == (415, "unsupported-media-type")


@pytest.mark.parametrize(
    ("changed", "slug"),
    [
        ({"ce-id": "%C0%A0"}, "malformed-body"),
        ({"ce-id": ""}, "schema-mismatch"),
        ({"ce-datacontenttype": "application/json"}, "malformed-body"),
        ({"ce-Not-A-Name": "x"}, "malformed-body"),
        ({"ce-specversion": "2.0"}, "schema-mismatch"),
        ({"Content-Type": "text/plain"}, "unsupported-media-type"),
    ],
)
async def test_binary_headers_with_one_thing_wrong(service: ServiceClient, changed: dict[str, str], slug: str) -> None:
    """Invalid UTF-8 after percent-decoding is refused, as the specification demands, and so is the rest."""
    right = {
        "Content-Type": "application/json",
        "ce-specversion": "1.0",
        "ce-id": "x",
        "ce-source": "/t",
        "ce-type": RECEIVED,
    }
    assert (await service.post(b'{"channel": "web"}', right | changed)).slug == slug


async def test_the_same_event_happens_once(service: ServiceClient) -> None:
    """The same (source, id) gives the same contact, also when both come at once; another integration's is another."""
    event = envelope("twice", subject="twice")
    answers = await asyncio.gather(*(post(service, event) for _ in range(5)))
    assert len({answer.contact for answer in answers}) == 1
    other = await service.post(msgspec.json.encode(event), token=service.token("integration", "another"))
    assert other.contact != answers[0].contact


async def test_the_same_id_with_another_body_is_a_conflict(service: ServiceClient) -> None:
    """422 tells the sender that its ids are not unique."""
    await post(service, envelope("conflict"))
    answer = await post(service, envelope("conflict", data={"channel": "chat"}))
    assert (answer.status, answer.slug) == (422, "event-conflict")


async def test_an_end_may_come_before_its_contact(service: ServiceClient) -> None:
    """The end has no id yet; the contact that follows is over at once."""
    early = await service.event("contact.ended", {"reason": "hung_up"}, source="/early", subject="call")
    assert early.body == {"accepted": 1, "ids": [None]}
    late = await service.event("contact.received", {"channel": "phone"}, source="/early", subject="call")
    found = await service.get(f"/v1/contacts/{late.contact}")
    assert found.body["state"] == "abandoned"


async def test_a_message_to_nobody_is_not_found(service: ServiceClient) -> None:
    """A message or progress that names no open contact is 404, whichever way it names it."""
    for kind, data in (("contact.message", {"text": "?"}), ("case.updated", {"status": "done"})):
        assert (await service.event(kind, data, subject="nobody-here")).status == 404
        assert (await service.event(kind, data | {"contact": "c00000000000000000000"})).status == 404


async def test_a_message_to_what_is_over_is_refused(service: ServiceClient) -> None:
    """Nobody would read it there: the integration hears so, and what was taken before stays taken when sent again."""
    chat = (await service.event("contact.received", {"channel": "chat", "text": "Hej"}, subject="over")).contact
    said = envelope("said", data={"contact": chat, "text": "Är ni där?"}) | {"type": "se.servicecenter.contact.message"}
    assert (await post(service, said)).contact == chat
    assert (await service.event("contact.ended", {"contact": chat, "reason": "left"})).status == 202
    assert (await post(service, said)).contact == chat
    late = await post(service, said | {"id": "late"})
    assert (late.status, late.slug) == (409, "transition-refused")


async def test_received_at_needs_the_right_to_backdate(service: ServiceClient) -> None:
    """Without the right the clock decides; with it the past is honoured and the future is not."""
    past, future = "2026-01-05T07:30:00+01:00", "2999-01-01T00:00:00Z"
    right = service.token("integration", "archive", rights=("backdate",))
    shown: list[str] = []
    for token, stamp in ((service.token("integration"), past), (right, past), (right, future)):
        data = {"channel": "letter", "received_at": stamp}
        answer = await service.event("contact.received", data, token=token)
        shown.append((await service.get(f"/v1/contacts/{answer.contact}")).body["received_at"])
    assert shown[1] == "2026-01-05T06:30:00.000Z"
    assert shown[0] > "2026-01-06"
    assert shown[2] < "2999"


@pytest.mark.parametrize("stamp", ["0001-01-01T00:00:00+14:00", "1969-12-31T23:59:59.999Z"])
async def test_a_past_that_no_calendar_reaches_is_refused(service: ServiceClient, stamp: str) -> None:
    """An instant before 1970 names its field, also for who may backdate; 1970 itself is taken."""
    right = service.token("integration", "archive", rights=("backdate",))
    for kind in ("contact.received", "contact.observed"):
        answer = await service.event(kind, {"channel": "letter", "received_at": stamp}, token=right)
        assert (answer.status, answer.slug, answer.body["field"]) == (422, "schema-mismatch", "$.data.received_at")
    taken = await service.event(
        "contact.received", {"channel": "letter", "received_at": "1970-01-01T00:00:00Z"}, token=right
    )
    assert taken.status == 202


async def test_observed_contacts_are_counted_and_never_routed(service: ServiceClient) -> None:
    """An observed contact has no queue and is told as observed."""
    answer = await service.event("contact.observed", {"channel": "phone", "topic": "BYG.LOV"})
    found = await service.state(answer.contact, "observed")
    assert (found["is_observed"], found["queue"]) == (True, "")
