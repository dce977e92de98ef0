"""What machines and attackers post at the report pages: held back, refused on a page, never a 500 and never markup."""

import re
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.catalogues import LANGS
from channels.form_body import MULTIPART, URLENCODED
from channels.reports import channel
from channels.reports.markup import tag
from channels.reports.wire import FIELDS
from tests.channels.reports.reader import Page
from tests.channels.reports.visit import FILLED, Pages


async def posted(pages: Pages, body: bytes, content_type: str = URLENCODED, path: str = "/report") -> Page:
    """Bytes, as they are."""
    headers = {"Content-Type": content_type, "X-Forwarded-For": "192.0.2.200"}
    async with pages.resident.http.post(pages.url + path, data=BytesIO(body), headers=headers) as got:
        return Page(got.status, str(got.url), got.headers, await got.text())


async def test_a_machine_is_too_fast_and_a_person_goes_on(pages: Pages) -> None:
    """Sent within a second it comes back with a sentence; a few seconds later the same button works."""
    page = await pages.resident.open()
    fast = await pages.resident.press(page, "check", FILLED)
    assert (fast.status, "Det gick mycket fort" in fast.text) == (422, True)
    pages.inbox.time_ms += 3_000
    assert "Kontrollera din anmälan" in (await pages.resident.press(fast, "check")).text


async def test_a_page_from_yesterday_is_made_new(pages: Pages) -> None:
    """An old or made-up stamp comes back with a new one and everything typed."""
    page = await pages.resident.open()
    pages.inbox.time_ms += 50_000_000
    for stamp in (page.value("stamp"), "1.x.made-up", ""):
        old = await pages.resident.press(page, "check", FILLED | {"stamp": stamp})
        assert (old.status, old.value("text")) == (422, FILLED["text"])
        pages.inbox.time_ms += 5_000
        assert "Kontrollera din anmälan" in (await pages.resident.press(old, "check")).text


async def test_a_flood_from_one_address_is_held_back(pages: Pages) -> None:
    """Two reports at once, then 429 on a page that still has everything; another address goes on, and so does time."""
    check = await pages.filled()
    for i in range(2):
        assert "Tack" in (await pages.resident.press(check, "send", {"text": f"Hål {i}"})).text
    held = await pages.resident.press(check, "send", {"text": "Hål 3"})
    assert (held.status, "Vänta 120 sekunder" in held.text, held.value("text")) == (429, True, "Hål 3")
    assert "Tack" in (await pages.resident.elsewhere("192.0.2.2").press(held, "send")).text
    pages.inbox.time_ms += 120_000
    assert "Tack" in (await pages.resident.press(held, "send", {"text": "Hål 4"})).text


async def test_photos_are_counted_too(pages: Pages) -> None:
    """Checking again and again is held back as well, because photos are kept then."""
    page = await pages.resident.open()
    pages.inbox.time_ms += 10_000
    statuses = [(await pages.resident.press(page, "check", FILLED)).status for _ in range(13)]
    assert statuses == [200] * 12 + [429]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"<a/>", "text/xml", 415),
        (b"{}", "application/json", 415),
        (b"text=%ff", URLENCODED, 400),
        (b"text=%00", URLENCODED, 400),
        (b"x", MULTIPART, 400),
        (b"text=" + b"x" * (33 * 1_048_576), URLENCODED, 413),
        (b"&".join(b"f%d=1" % i for i in range(400)), URLENCODED, 413),
        (b"", URLENCODED, 422),
    ],
)
async def test_a_wrong_body_is_a_page(pages: Pages, body: bytes, content_type: str, status: int) -> None:
    """Whoever sent it reads a page in their language, with a way back."""
    page = await posted(pages, body, content_type)
    assert (page.status, page.lang) == (status, "sv")
    assert not pages.inbox.contacts


async def test_every_page_forbids_what_it_does_not_need(pages: Pages) -> None:
    """No script or style but our own, no frame, no address told onwards; the static files are what they say."""
    page = await pages.resident.open()
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script>" not in page.html
    assert " style=" not in page.html
    assert " on" not in page.html.partition("<main")[0]
    for name, media_type in (("style.css", "text/css"), ("position.js", "text/javascript")):
        async with pages.resident.http.get(f"{pages.url}/report/static/{name}") as got:
            assert (got.status, got.content_type) == (200, media_type)
    assert (await pages.resident.open("/report/static/..%2fpages.py")).status == 404


def test_both_languages_say_the_same() -> None:
    """Every sentence is there in Swedish and in English, with the same arguments."""
    words = Path(channel.__file__).parent / "words"
    said: list[dict[str, set[str]]] = []
    for lang in LANGS:
        parts = re.split(r"^([\w-]+) =", (words / f"{lang}.ftl").read_text(encoding="utf-8"), flags=re.MULTILINE)
        said.append(
            {key: set(re.findall(r"\$(\w+)", text)) for key, text in zip(parts[1::2], parts[2::2], strict=True)}
        )
    assert said[0] == said[1]
    assert len(said[0]) > 100


@given(st.text(), st.text())
def test_no_text_is_markup(text: str, value: str) -> None:
    """Whatever people write stands in a page as they wrote it, and in an attribute too."""
    html = "<!doctype html><html lang=x>" + tag("p", {"title": value}, text) + tag("textarea", {"name": "a"}, text)
    page = Page(200, "", {}, html)
    assert [name for name, _ in page.fields] == ["a"]
    assert "<p title=" in page.html
    assert page.html.count("<") == 6


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    fields=st.lists(
        st.tuples(st.sampled_from([*FIELDS, "do", "kept_photo", "drop_photo", "x"]), st.text(max_size=30)), max_size=12
    ),
    raw=st.binary(max_size=40),
    content_type=st.sampled_from([URLENCODED, f"{MULTIPART}; boundary=x"]),
)
async def test_nothing_becomes_a_500(
    pages: Pages, fields: list[tuple[str, str]], raw: bytes, content_type: str
) -> None:
    """Whatever is posted at the form or at a report comes back as a page."""
    body = urlencode(fields, errors="replace").encode() + b"&" + raw
    for path in ("/report", "/report/c01"):
        page = await posted(pages, body, content_type, path)
        assert page.status in {200, 400, 404, 422, 429}
        assert page.lang == "sv"
