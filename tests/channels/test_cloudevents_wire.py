"""CloudEvents over HTTP: what other implementations write, we read the same; what is no event is refused by name."""

import base64
import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cloudevents.core.bindings import http as sdk
from cloudevents.core.v1.event import CloudEvent as SdkEvent
from hypothesis import given
from hypothesis import strategies as st

from channels.cloudevents.wire import BATCH, STRUCTURED, CloudEvent, data_of, decode_json, parse
from router.errors import InputError, MalformedBody, SchemaMismatch, UnsupportedMediaType

MEDIA = {"content-type": STRUCTURED}
WHOLE = {"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "data": {"a": 1}}
attribute = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co"]), min_size=1, max_size=40)
plain = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20)
payload = st.dictionaries(st.text(max_size=9), plain | st.lists(plain, max_size=3), max_size=4)


def one(headers: Mapping[str, str], body: bytes) -> CloudEvent:
    """The only event of a request."""
    events, is_batch = parse(headers, body)
    assert not is_batch
    (event,) = events
    return event


def structured(**change: object) -> bytes:
    """A structured event with some attributes changed; None leaves one out."""
    return msgspec.json.encode({key: value for key, value in (WHOLE | change).items() if value is not None})


@given(event_id=attribute, source=attribute, kind=attribute, subject=st.none() | attribute, data=payload)
def test_we_read_what_the_sdk_writes(
    event_id: str, source: str, kind: str, subject: str | None, data: dict[str, Any]
) -> None:
    """Structured and binary messages of the reference implementation give the same event as was put in."""
    given_attributes = {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": kind,
        "datacontenttype": "application/json",
    }
    event = SdkEvent(attributes=given_attributes | ({"subject": subject} if subject else {}), data=data)
    for message in (sdk.to_structured_event(event), sdk.to_binary_event(event)):
        read = one({name.lower(): value for name, value in message.headers.items()}, message.body)
        assert (read.id, read.source, read.type, read.subject) == (event_id, source, kind, subject)
        assert json.loads(data_of(read)) == data


@given(events=st.lists(st.tuples(attribute, payload), max_size=5))
def test_a_batch_is_its_events(events: list[tuple[str, dict[str, Any]]]) -> None:
    """As many events as were put in, in their order."""
    body = msgspec.json.encode([WHOLE | {"id": event_id, "data": data} for event_id, data in events])
    read, is_batch = parse({"content-type": BATCH}, body)
    assert is_batch
    assert [(event.id, json.loads(data_of(event))) for event in read] == events


@pytest.mark.parametrize(
    "media",
    ["application/cloudevents+json", "APPLICATION/CloudEvents+JSON", "application/cloudevents+json; charset=utf-8"],
)
def test_content_types_are_read_loosely(media: str) -> None:
    """Case and parameters of the content type mean nothing."""
    assert one({"content-type": media}, structured()).id == "1"


@pytest.mark.parametrize(
    "media",
    ["application/cloudevents", "application/cloudevents+xml", "application/cloudevents-batch+avro", "text/json", ""],
)
def test_other_formats_are_refused(media: str) -> None:
    """Other event formats, and JSON that says nothing of events."""
    with pytest.raises(UnsupportedMediaType):
        parse({"content-type": media}, structured())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"specversion": "1.0.1"}, "$.specversion"),
        ({"specversion": None}, "$"),
        ({"id": None}, "$"),
        ({"id": ""}, "$.id"),
        ({"source": ""}, "$.source"),
        ({"source": "s" * 501}, "$.source"),
        ({"type": 1}, "$.type"),
        ({"subject": ""}, "$.subject"),
        ({"time": 5}, "$.time"),
    ],
)
def test_each_attribute_is_checked(change: dict[str, object], field: str) -> None:
    """The field is named by its path."""
    with pytest.raises(SchemaMismatch) as told:
        one(MEDIA, structured(**change))
    assert told.value.field == field


def test_extensions_are_let_through() -> None:
    """Attributes of others, of any kind, do no harm."""
    assert one(MEDIA, structured(traceparent="00-x", sequence=7)).id == "1"


def test_data_in_either_form_but_not_both() -> None:
    """`data`, or base64 of it; both or neither is refused."""
    packed = base64.b64encode(b'{"a":1}').decode()
    assert data_of(one(MEDIA, structured())) == b'{"a":1}'
    assert data_of(one(MEDIA, structured(data=None, data_base64=packed))) == b'{"a":1}'
    for wrong in (structured(data_base64=packed), structured(data=None)):
        with pytest.raises(SchemaMismatch):
            data_of(one(MEDIA, wrong))
    with pytest.raises(MalformedBody):
        data_of(one(MEDIA, structured(data=None, data_base64="e30")))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a%20b", "a b"),
        ('"a \\"b\\""', 'a "b"'),
        ("%E2%82%AC", "€"),
        ("%F0%9F%98%80", "😀"),
        ("%25", "%"),
        ("50%", "50%"),
    ],
)
def test_header_values_are_decoded(text: str, meant: str) -> None:
    """Quoted strings are opened first, then percent-encoding is undone."""
    headers = {
        "content-type": "application/json",
        "ce-specversion": "1.0",
        "ce-id": text,
        "ce-source": "/s",
        "ce-type": "t",
    }
    assert one(headers, b"{}").id == meant


@pytest.mark.parametrize("text", ["%C0%A0", "%ED%A0%80", "%FF", "a%00b", '"%C0%80"'])
def test_header_values_that_are_no_text(text: str) -> None:
    """Overlong, surrogate and broken UTF-8, and NUL, are refused with the header's name."""
    headers = {
        "content-type": "application/json",
        "ce-specversion": "1.0",
        "ce-id": text,
        "ce-source": "/s",
        "ce-type": "t",
    }
    with pytest.raises(MalformedBody) as told:
        parse(headers, b"{}")
    assert told.value.field == "ce-id"


def test_binary_names_what_is_wrong_by_header() -> None:
    """A missing attribute, an attribute that the mode forbids, data that is no JSON."""
    right = {
        "content-type": "application/json",
        "ce-specversion": "1.0",
        "ce-id": "1",
        "ce-source": "/s",
        "ce-type": "t",
    }
    wrong = [right | {"ce-datacontenttype": "application/json"}, {k: v for k, v in right.items() if k != "ce-id"}]
    for headers in wrong:
        with pytest.raises(InputError) as told:
            parse(headers, b"{}")
        assert told.value.field.startswith("ce-")
    with pytest.raises(MalformedBody) as malformed:
        parse(right, b"{")
    assert malformed.value.field == "$.data"


@given(
    body=st.binary(max_size=300),
    media=st.sampled_from([STRUCTURED, BATCH, "application/json", "x", ""]),
    name=attribute,
)
def test_nothing_but_our_errors(body: bytes, media: str, name: str) -> None:
    """Any bytes are read or refused with an error of ours."""
    with contextlib.suppress(InputError):
        events, _ = parse({"content-type": media, "ce-specversion": "1.0", "ce-id": name}, body)
        for event in events:
            data_of(event)


def test_deep_nesting_is_malformed() -> None:
    """A recursion limit is the sender's fault."""
    with pytest.raises(MalformedBody):
        decode_json(msgspec.json.Decoder(), b"[" * 200_000)


def test_the_conformance_samples_are_read(shared_data: Path) -> None:
    """Every JSON sample of the conformance suite is read in structured and binary mode with the same attributes."""
    yaml = pytest.importorskip("yaml")
    seen = 0
    for path in sorted((shared_data / "protocols/cloudevents_conformance/yaml").rglob("*.yaml")):
        for sample in yaml.load_all(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader):
            attributes: dict[str, str] = dict(sample["ContextAttributes"])
            extensions: Any = attributes.pop("Extensions", "") or ()
            media = attributes.pop("datacontenttype", "application/json")
            if "json" not in media:
                continue
            body = str(sample["Data"]).encode()
            whole = {**attributes, **dict(extensions), "data": msgspec.Raw(body)}
            headers = {f"ce-{name}": value for name, value in attributes.items()} | {"content-type": media}
            for read in (one(MEDIA, msgspec.json.encode(whole)), one(headers, body)):
                assert (read.id, read.source, read.type) == (attributes["id"], attributes["source"], attributes["type"])
                assert json.loads(data_of(read)) == json.loads(body)
            seen += 1
    assert seen >= 3
