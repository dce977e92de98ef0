"""CloudEvents 1.0 over HTTP, as bytes and headers, to events: structured, binary and batch. Pure."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar
from urllib.parse import unquote_to_bytes

import msgspec
from msgspec import Meta

from router.errors import MalformedBody, SchemaMismatch, UnsupportedMediaType

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
TYPE_PREFIX = "se.servicecenter."

_ATTRIBUTE = re.compile(r"^[a-z0-9]{1,40}$")
_T = TypeVar("_T")
_UNSET = msgspec.Raw(b"")


class CloudEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """The envelope; extension attributes are let through and not kept."""

    specversion: Literal["1.0"]
    id: Annotated[str, Meta(min_length=1, max_length=200)]
    source: Annotated[str, Meta(min_length=1, max_length=500)]
    type: Annotated[str, Meta(min_length=1, max_length=120)]
    subject: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    time: str | None = None
    datacontenttype: str | None = None
    data: msgspec.Raw = _UNSET
    data_base64: str | None = None


_one = msgspec.json.Decoder(CloudEvent)
_many = msgspec.json.Decoder(list[CloudEvent])


def parse(headers: Mapping[str, str], body: bytes) -> tuple[list[CloudEvent], bool]:
    """The events of one request, and whether it was a batch. Header names are given in lower case.

    Raises:
        MalformedBody: not JSON, or a header is malformed.
        SchemaMismatch: an attribute is missing or of the wrong kind.
        UnsupportedMediaType: neither CloudEvents nor JSON with `ce-` headers.
    """
    kind = headers.get("content-type", "").lower().split(";")[0].strip()
    if kind.startswith("application/cloudevents-batch"):
        _only_json(kind, BATCH)
        return decode_json(_many, body), True
    if kind.startswith("application/cloudevents"):
        _only_json(kind, STRUCTURED)
        return [decode_json(_one, body)], False
    if "ce-specversion" in headers:
        return [_binary(headers, kind, body)], False
    raise UnsupportedMediaType(f"send {STRUCTURED}, {BATCH}, or JSON with ce- headers", field="Content-Type")


def data_of(event: CloudEvent) -> bytes:
    """The event's data as JSON bytes.

    Raises:
        SchemaMismatch: there is none, or both forms are given.
        MalformedBody: `data_base64` is not base64.
    """
    raw = bytes(event.data)
    if event.data_base64 is not None:
        if raw:
            raise SchemaMismatch("give data or data_base64, not both", field="$.data_base64")
        try:
            return base64.b64decode(event.data_base64, validate=True)
        except (binascii.Error, ValueError) as error:
            raise MalformedBody("not base64", field="$.data_base64") from error
    if not raw:
        raise SchemaMismatch("required", field="$.data")
    return raw


def decode_json(decoder: msgspec.json.Decoder[_T], body: bytes, where: str = "$") -> _T:
    """Decode, with the offending field named by its path from `where`.

    Raises:
        SchemaMismatch: a field is missing, unknown or of the wrong kind.
        MalformedBody: not JSON, or not UTF-8.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at `")
        raise SchemaMismatch(text, field=where + path.rstrip("`").removeprefix("$")) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedBody(type(error).__name__, field=where) from None


def _only_json(kind: str, wanted: str) -> None:
    if kind != wanted:
        raise UnsupportedMediaType(f"only {wanted}", field="Content-Type")


def _binary(headers: Mapping[str, str], kind: str, body: bytes) -> CloudEvent:
    if not (kind == "application/json" or kind.endswith("+json")):
        raise UnsupportedMediaType("binary mode takes JSON data", field="Content-Type")
    if "ce-datacontenttype" in headers:
        raise MalformedBody("the content type says it", field="ce-datacontenttype")
    attributes = {
        name.removeprefix("ce-"): _header_text(name, value) for name, value in headers.items() if name.startswith("ce-")
    }
    for name in attributes:
        if not _ATTRIBUTE.match(name):
            raise MalformedBody("not an attribute name", field=f"ce-{name}")
    decode_json(_any, body, "$.data")
    try:
        event = msgspec.convert(attributes, CloudEvent)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at `")
        raise SchemaMismatch(text, field="ce-" + path.rstrip("`").removeprefix("$.")) from None
    return msgspec.structs.replace(event, data=msgspec.Raw(body))


_any = msgspec.json.Decoder()


def _header_text(name: str, value: str) -> str:
    """Unquote and percent-decode; invalid UTF-8 is refused, as the specification demands."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = re.sub(r"\\(.)", r"\1", value[1:-1])
    try:
        text = unquote_to_bytes(value).decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedBody("not UTF-8 after percent-decoding", field=name) from None
    if "\0" in text:
        raise MalformedBody("U+0000 is not taken", field=name)
    return text
