"""The body of a posted form, as bytes, to fields and files: url-encoded or multipart. Pure.

Owns how strangers' bytes are read: counted, decoded strictly, refused with the field's name. Never repairs text: what
is not what it says it is gets refused, so that nothing arrives as something else.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from router.errors import MalformedBody, TooLarge, UnsupportedMediaType

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
MOST_FIELDS = 300
MOST_NAME = 200
MOST_PART_HEAD = 4_096
MOST_WORDS = 1_048_576
"""Bytes of a url-encoded form, and of one field of any: reading them must not hold up others."""
CHARSETS = {"": "utf-8", "utf-8": "utf-8", "us-ascii": "ascii", "iso-8859-1": "latin-1", "windows-1252": "cp1252"}

_ESCAPED = re.compile(rb"%([0-9A-Fa-f]{2})")
_PARAMETER = re.compile(r';\s*([\w*-]+)\s*=\s*(?:"([^"]*)"|([^\s;"]*))')


class File(NamedTuple):
    """An uploaded file as the sender calls it; neither name nor type is to be believed."""

    field: str
    name: str
    media_type: str
    body: bytes


class Form(NamedTuple):
    """Fields in their order, each as often as it was sent, and files that hold something."""

    fields: tuple[tuple[str, str], ...]
    files: tuple[File, ...] = ()

    def get(self, name: str) -> str:
        """The first value without blanks around it, or ''."""
        return next((value.strip() for field, value in self.fields if field == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field that was sent several times."""
        return tuple(value for field, value in self.fields if field == name)


def parse(content_type: str, body: bytes) -> Form:
    """The form that a body holds.

    Raises:
        UnsupportedMediaType: neither form type, or a character set that forms are not sent in.
        MalformedBody: it is not what its type says; the field is named.
        TooLarge: more fields than any form has.
    """
    kind, parameters = parameters_of(content_type)
    charset = CHARSETS.get(parameters.get("charset", "").lower())
    if charset is None:
        raise UnsupportedMediaType("send UTF-8", field="Content-Type")
    if kind == URLENCODED:
        return Form(tuple(_pairs(body, charset)))
    if kind == MULTIPART:
        return _multipart(body, parameters.get("boundary", ""), charset)
    raise UnsupportedMediaType(f"send {URLENCODED} or {MULTIPART}", field="Content-Type")


def parameters_of(header: str) -> tuple[str, dict[str, str]]:
    """The value of a header in lower case, and its parameters."""
    value = header.partition(";")[0].strip().lower()
    return value, {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(header)}


def _pairs(body: bytes, charset: str) -> Iterator[tuple[str, str]]:
    if len(body) > MOST_WORDS:
        raise TooLarge(f"at most {MOST_WORDS} bytes without files", field="$")
    pairs = [each for each in body.split(b"&", MOST_FIELDS + 1) if each]
    if len(pairs) > MOST_FIELDS:
        raise TooLarge(f"at most {MOST_FIELDS} fields", field="$")
    for pair in pairs:
        raw_name, _, raw = pair.partition(b"=")
        name = _name(_text(_unquoted(raw_name), charset, "$"))
        yield name, _text(_unquoted(raw), charset, name)


def _unquoted(raw: bytes) -> bytes:
    """Linear whatever it holds: a megabyte of lone percent signs must not cost seconds."""
    return _ESCAPED.sub(lambda found: bytes((int(found[1], 16),)), raw.replace(b"+", b" "))


def _multipart(body: bytes, boundary: str, charset: str) -> Form:
    if not 0 < len(boundary) <= 70 or not boundary.isascii():  # noqa: PLR2004 # RFC 2046
        raise MalformedBody("no boundary", field="Content-Type")
    mark = b"\r\n--" + boundary.encode()
    parts = (b"\r\n" + body).split(mark, MOST_FIELDS + 2)
    if len(parts) > MOST_FIELDS + 2:
        raise TooLarge(f"at most {MOST_FIELDS} fields", field="$")
    if len(parts) < 2 or not parts[-1].startswith(b"--"):  # noqa: PLR2004 # what stands before the first mark, and the end
        raise MalformedBody("the closing boundary is missing", field="$")
    fields: list[tuple[str, str]] = []
    files: list[File] = []
    for part in parts[1:-1]:
        found = _part(part, charset)
        if isinstance(found, File):
            files += [found] if found.body else []
        else:
            fields.append(found)
    return Form(tuple(fields), tuple(files))


def _part(part: bytes, charset: str) -> File | tuple[str, str]:
    head, blank, body = part.lstrip(b" \t").partition(b"\r\n\r\n")
    if not blank or len(head) > MOST_PART_HEAD:
        raise MalformedBody("a part without a head, or with too long a one", field="$")
    headers = _headers(_text(head, "utf-8", "$"))
    kind, said = parameters_of(headers.get("content-disposition", ""))
    if kind != "form-data" or "name" not in said:
        raise MalformedBody("a part that names no field", field="$")
    name = _name(_unescaped(said["name"]))
    if headers.get("content-transfer-encoding", "binary").lower() not in {"binary", "8bit", "7bit"}:
        raise MalformedBody("parts are sent as they are", field=name)
    if "filename" in said or "filename*" in said:
        return File(name, _unescaped(said.get("filename", "")), headers.get("content-type", ""), body)
    if len(body) > MOST_WORDS:
        raise TooLarge(f"at most {MOST_WORDS} bytes", field=name)
    _, own = parameters_of(headers.get("content-type", ""))
    codec = CHARSETS.get(own.get("charset", "").lower())
    if codec is None:
        raise MalformedBody("send UTF-8", field=name)
    return name, _text(body, codec if "charset" in own else charset, name)


def _headers(head: str) -> dict[str, str]:
    lines = (line.partition(":") for line in head.split("\n") if line)
    return {name.strip().lower(): value.strip() for name, _, value in lines}


def _unescaped(name: str) -> str:
    """Browsers write `"` and line breaks in names as %22, %0D and %0A, and nothing else."""
    return name.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")


def _name(name: str) -> str:
    if not name or len(name) > MOST_NAME or not name.isprintable():
        raise MalformedBody(f"field names are 1 to {MOST_NAME} printable characters", field="$")
    return name


def _text(raw: bytes, charset: str, name: str) -> str:
    try:
        text = raw.decode(charset)
    except UnicodeDecodeError:
        raise MalformedBody(f"not {charset}", field=name) from None
    if "\0" in text:
        raise MalformedBody("U+0000 is not taken", field=name)
    return text.replace("\r\n", "\n")
