"""Forms as bytes: read strictly, counted, refused with the field's name, whatever is thrown at them."""

import pytest
from aiohttp import FormData
from hypothesis import given
from hypothesis import strategies as st

from channels.form_body import MOST_FIELDS, MOST_WORDS, MULTIPART, URLENCODED, File, Form, parse
from router.errors import InputError, MalformedBody, TooLarge, UnsupportedMediaType

PARTED = f"{MULTIPART}; boundary=X"
NAMES = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P"], exclude_characters='"\\\\'), min_size=1, max_size=20
)
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=60)


def part(head: str, body: bytes = b"v") -> bytes:
    """One part between boundaries."""
    return b"--X\r\n" + head.encode() + b"\r\n\r\n" + body + b"\r\n"


def named(name: str, more: str = "") -> str:
    """The head of a part."""
    return f'Content-Disposition: form-data; name="{name}"{more}'


class Written:
    """Takes what aiohttp's own client writes."""

    def __init__(self) -> None:
        self.body = b""

    async def write(self, chunk: bytes) -> None:
        """Keep it."""
        self.body += bytes(chunk)


def test_fields_keep_their_order_and_number() -> None:
    """A field that is sent twice is there twice; blanks, plus signs and empty ones are as browsers mean them."""
    form = parse(URLENCODED, "a=1&b=två+ord&a=%C3%A5&tom=&&utan".encode())
    assert form.fields == (("a", "1"), ("b", "två ord"), ("a", "å"), ("tom", ""), ("utan", ""))
    assert (form.get("a"), form.all("a"), form.get("nothing")) == ("1", ("1", "å"), "")


@given(st.lists(st.tuples(NAMES, VALUES), max_size=8), st.binary(max_size=200))
async def test_what_a_client_writes_is_read_back(fields: list[tuple[str, str]], body: bytes) -> None:
    """Whatever text and bytes a real client sends as a multipart form come out the same."""
    sent = FormData(fields, quote_fields=False, default_to_multipart=True)
    sent.add_field("photo", body, filename="bild.jpg", content_type="image/jpeg")
    payload, written = sent(), Written()
    await payload.write(written)  # pyright: ignore[reportArgumentType] # it needs `write` alone
    form = parse(payload.headers["Content-Type"], written.body)
    assert form.fields == tuple(fields)
    assert form.files == ((File("photo", "bild.jpg", "image/jpeg", body),) if body else ())


def test_a_form_as_perl_writes_it() -> None:
    """What FixMyStreet's library sends when photos come along: bare heads, file heads in its order, an end."""
    body = (
        b'--xYzZY\r\nContent-Disposition: form-data; name="attribute[title]"\r\n\r\nStort h\xc3\xa5l\r\n'
        b'--xYzZY\r\nContent-Disposition: form-data; name="photo1"; filename="17.0.full.jpeg"\r\n'
        b"Content-Type: image/jpeg\r\n\r\n\xff\xd8\xff\r\n\r\n--xYzZ\r\n--xYzZY--\r\n"
    )
    form = parse("multipart/form-data; boundary=xYzZY", body)
    assert form.fields == (("attribute[title]", "Stort hål"),)
    assert form.files == (File("photo1", "17.0.full.jpeg", "image/jpeg", b"\xff\xd8\xff\r\n\r\n--xYzZ"),)


def test_an_unchosen_file_is_none() -> None:
    """A browser sends an empty file where nobody chose one."""
    body = part(named("photo", '; filename=""') + "\r\nContent-Type: application/octet-stream", b"") + b"--X--\r\n"
    assert parse(PARTED, body) == Form(())


@pytest.mark.parametrize(
    ("content_type", "body", "refused", "field"),
    [
        ("text/xml", b"<a/>", UnsupportedMediaType, "Content-Type"),
        ("", b"a=1", UnsupportedMediaType, "Content-Type"),
        (f"{URLENCODED}; charset=utf-7", b"a=1", UnsupportedMediaType, "Content-Type"),
        (f"{URLENCODED}; charset=\0", b"a=1", UnsupportedMediaType, "Content-Type"),
        (URLENCODED, b"a=%ff", MalformedBody, "a"),
        (URLENCODED, b"a=%ed%a0%80", MalformedBody, "a"),
        (URLENCODED, b"a=%00", MalformedBody, "a"),
        (URLENCODED, b"=1", MalformedBody, "$"),
        (URLENCODED, b"a%0ab=1", MalformedBody, "$"),
        (URLENCODED, b"n" * 201 + b"=1", MalformedBody, "$"),
        (URLENCODED, b"&".join([b"a=1"] * (MOST_FIELDS + 1)), TooLarge, "$"),
        (MULTIPART, b"", MalformedBody, "Content-Type"),
        (f"{MULTIPART}; boundary={'x' * 71}", b"", MalformedBody, "Content-Type"),
        (PARTED, b"", MalformedBody, "$"),
        (PARTED, part(named("a")), MalformedBody, "$"),
        (PARTED, part("X: " + "y" * 5000) + b"--X--", MalformedBody, "$"),
        (PARTED, part("Content-Type: text/plain") + b"--X--", MalformedBody, "$"),
        (PARTED, part("Content-Disposition: attachment; name=a") + b"--X--", MalformedBody, "$"),
        (PARTED, b"--X\r\nno blank line\r\n--X--", MalformedBody, "$"),
        (PARTED, part(named("a"), b"\xff") + b"--X--", MalformedBody, "a"),
        (PARTED, part(named("a") + "\r\nContent-Transfer-Encoding: base64") + b"--X--", MalformedBody, "a"),
        (PARTED, part(named("a") + "\r\nContent-Type: text/plain; charset=ebcdic") + b"--X--", MalformedBody, "a"),
        (PARTED, part(named("a")) * (MOST_FIELDS + 2) + b"--X--", TooLarge, "$"),
    ],
)
def test_what_is_no_form_is_refused(content_type: str, body: bytes, refused: type[InputError], field: str) -> None:
    """Every lie about type, character set, boundary or number ends as a refusal that names the field."""
    with pytest.raises(refused) as told:
        parse(content_type, body)
    assert told.value.field == field


def test_words_have_an_end() -> None:
    """A url-encoded form, or one field of any form, is a megabyte at most: reading it must not hold up others."""
    assert named_in(URLENCODED, b"a=" + b"%41" * 400_000) == "$"
    assert named_in(PARTED, part(named("a"), b"x" * (MOST_WORDS + 1)) + b"--X--") == "a"
    assert named_in(PARTED, part(named("a", '; filename="a"'), b"x" * (MOST_WORDS + 1)) + b"--X--") == "-"


@pytest.mark.parametrize(
    ("charset", "raw"), [("iso-8859-1", b"a=%e5"), ("windows-1252", b"a=%e5"), ("UTF-8", b"a=%c3%a5")]
)
def test_old_pages_say_their_character_set(charset: str, raw: bytes) -> None:
    """A form that says that it is Latin-1 is read so."""
    assert parse(f"{URLENCODED}; charset={charset}", raw).get("a") == "å"


def named_in(content_type: str, body: bytes) -> str:
    """The field that a refusal names; '-' when the form is read."""
    try:
        parse(content_type, body)
    except InputError as error:
        return error.field
    return "-"


@given(st.sampled_from([URLENCODED, PARTED, f"{MULTIPART}; boundary=--", "x", f"{URLENCODED};charset"]), st.binary())
def test_no_bytes_break_it(content_type: str, body: bytes) -> None:
    """Any bytes are a form or a refusal that names something."""
    assert named_in(content_type, body)


@given(st.binary(max_size=300).map(lambda raw: raw.replace(b"Z", b"\r\n--X\r\nContent-Disposition: form-data; name=a")))
def test_no_parts_break_it(body: bytes) -> None:
    """Any bytes between boundaries are a form or a refusal that names something."""
    assert named_in(PARTED, b"--X\r\n" + body + b"\r\n--X--")
