"""Answers in the shapes of GeoReport v2, as XML or JSON bytes. Pure.

XML is written, never read here. JSON has the same things without the root's name.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, Union
from xml.etree import ElementTree as ET

import msgspec

Format = Literal["xml", "json"]
CONTENT_TYPE: Mapping[Format, str] = {"xml": "text/xml", "json": "application/json"}
ITEM = {
    "services": "service",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "errors": "error",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
}
"""What one thing in a list is called in XML."""
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Scalar = str | int | float | bool | None
Content = Union["Scalar", "Record", "Sequence[Content]"]
Record = Mapping[str, Content]


def written(root: str, content: Content, form: Format) -> bytes:
    """The document's bytes."""
    if form == "json":
        return msgspec.json.encode(content)
    element = ET.Element(root)
    _fill(element, root, content)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(element, encoding="utf-8")


def _fill(element: ET.Element, name: str, content: Content) -> None:
    if isinstance(content, Mapping):
        for key, value in content.items():
            _fill(ET.SubElement(element, key), key, value)
    elif isinstance(content, Sequence) and not isinstance(content, str):
        for each in content:
            _fill(ET.SubElement(element, ITEM[name]), ITEM[name], each)
    elif content is not None:
        element.text = _plain(content)


def _plain(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _NO_XML.sub("\ufffd", str(value))


def moment(at_ms: int) -> str | None:
    """W3C date and time in UTC, to the second; None for none."""
    if not at_ms:
        return None
    return datetime.fromtimestamp(at_ms // 1000, UTC).isoformat().replace("+00:00", "Z")
