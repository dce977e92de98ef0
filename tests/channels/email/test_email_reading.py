"""Mails that break readers: each is read, in bounded time, and nothing in what is read can break what comes after."""

import base64
import re
import zlib
from typing import cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.limits import ATTACHMENTS, HTML_BYTES, PARTS, TEXT_CHARACTERS
from channels.email.mail import Mail, Request
from channels.email.normaliser import answer_to
from router.clock import elapsed_s

SLOW_S = 3.0
"""Far below the limit of the process, far above what any of these takes."""
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def read(raw: bytes | str) -> Mail:
    """The mail as the reading process answers, checked for what holds of every mail."""
    body = raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogateescape")
    started = elapsed_s()
    mail = answer_to(Request(body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")))
    assert elapsed_s() - started < SLOW_S
    for text in (mail.subject, mail.text, mail.new_words, mail.sender.name, mail.sender.address, mail.html):
        assert not CONTROLS.search(text)
    assert "\n" not in mail.subject + mail.sender.name + mail.sender.address + mail.message_id
    assert len(mail.text) <= TEXT_CHARACTERS
    assert len(mail.attachments) <= ATTACHMENTS
    msgspec.json.encode(mail)
    return mail


def simple(body: bytes, content_type: str = "text/plain", headers: str = "Subject: x") -> bytes:
    """One part."""
    return f"{headers}\nContent-Type: {content_type}\nContent-Transfer-Encoding: 8bit\n\n".encode() + body


@pytest.mark.parametrize(
    ("charset", "body"),
    [
        ("iso-8859-1", "Gårdagens möte".encode("latin-1")),
        ("iso-8859-1", "Gårdagens möte ”nu”".encode("cp1252")),
        ("iso-8859-1", "Gårdagens möte ”nu”".encode()),
        ("us-ascii", "Gårdagens möte".encode()),
        ("us-ascii", "Gårdagens möte".encode("latin-1")),
        ("", "Gårdagens möte".encode()),
        ("utf-8", "Gårdagens möte och en hel del andra ord på svenska".encode("latin-1")),
        ("x-unknown", "Gårdagens möte".encode()),
        ("rot13", "Gårdagens möte".encode()),
        ("utf8", "Gårdagens möte".encode()),
        ("utf-16", "Gårdagens möte".encode("utf-16")),
        ("unicode_escape", "Gårdagens möte".encode()),
    ],
)
def test_charsets_that_lie(charset: str, body: bytes) -> None:
    """Swedish letters survive a label that is wrong, unknown, missing or no character set at all."""
    mail = read(simple(body, f"text/plain; charset={charset}" if charset else "text/plain"))
    assert mail.text.startswith("Gårdagens möte")


def test_a_codec_that_is_no_charset_unpacks_nothing() -> None:
    """`charset=zlib` does not inflate a body."""
    assert len(read(simple(zlib.compress(b"a" * 1_000_000), "text/plain; charset=zlib")).text) < 5_000


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        (b"Subject: R\xe4ksm\xf6rg\xe5s", "Räksmörgås"),
        ("Subject: Räksmörgås".encode(), "Räksmörgås"),
        (b"Subject: =?utf-8?Q?a=0D=0ABcc:_x@example.se?=", "a Bcc: x@example.se"),
        (b"Subject: =?utf-8?B?R8Ol?= =?utf-8?Q?rd?=", "Gård"),
        (b"Subject: =?utf-8?B?w?= =?utf-8?B?6U=?=", None),
        (b"Subject: =?utf-8?Q?G=C3?=\n =?utf-8?Q?=A5rd?=", "Gård"),
        (b"Subject: =?x-nowhere?Q?G=C3=A5rd?=", "Gård"),
        (b"Subject: =?utf-8?B?!!!?= hej", None),
        (b"Subject: =?iso-8859-1*sv?Q?G=E5rd?=", "Gård"),
        (b"Subject: a\0b\x07c", "abc"),
        (b"Subject: \xff\xfe\xfd", None),
        (b"Subject: " + b"=?utf-8?Q?a?= " * 12_000, None),
        (b"Subject:", ""),
        (b"subject: one\nSubject: two", "one"),
        ("Subject: faktura\u202egpj.exe".encode(), "fakturagpj.exe"),
    ],
)
def test_subjects_as_people_meant_them(header: bytes, subject: str | None) -> None:
    """Raw bytes, broken and split encoded words and hidden marks: one clean line in any case."""
    said = read(header + b"\n\nHej").subject
    assert subject is None or said == subject
    assert len(said) <= 500


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("From: Anna <anna@example.se>", "anna@example.se"),
        ("From: anna@example.se (Anna)", "anna@example.se"),
        ("From: chef@example.se <tjuv@elsewhere.example.com>", "tjuv@elsewhere.example.com"),
        ('From: "chef@example.se" <tjuv@elsewhere.example.com>', "tjuv@elsewhere.example.com"),
        ("From: =?utf-8?Q?=C3=85sa?= <asa@example.se>", "asa@example.se"),
        ("From: " + "(" * 3000, ""),
        ("From: <<>>", ""),
        ("From: undisclosed-recipients:;", ""),
        ("From: a@b@c", ""),
        ("From: anna@example.se\nFrom: other@example.se", "anna@example.se"),
        ("From: <anna@example.se\r\nBcc: x@example.se>", "anna@example.se"),
        ("From: " + ", ".join(f"n{i}@example.se" for i in range(2000)), "n0@example.se"),
        ("From: åsa@example.se", "åsa@example.se"),
        ("Sender: anna@example.se", "anna@example.se"),
    ],
)
def test_senders_in_every_state(header: str, address: str) -> None:
    """The address where mail would go, or none; never an exception, never two lines."""
    assert read(header + "\nSubject: x\n\nHej").sender.address == address


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"no header at all",
        b"\xff" * 10_000,
        b"\0" * 10_000,
        b"Message-ID: <abc@[1.2.3.4\nSubject: x\n\nHej",
        b"Content-Type: multipart/mixed\n\nHej",
        b"Content-Type: multipart/mixed; boundary=\n\nHej",
        b'Content-Type: multipart/mixed; boundary="a\n\n--a\n\nHej\n--a--',
        b"Content-Type: text/plain; charset*=utf-8''x%\n\nHej",
        b"Content-Type: " + b"; ".join(b"p%d=1" % i for i in range(3000)) + b"\n\nHej",
        b"Content-Type: /\n\nHej",
        b"Content-Type: text/plain; charset*=x'y'z\n\nH\xe4j",
        b"Content-Type: message/rfc822\n\n" * 500 + b"Hej",
        b"Content-Type: message/partial; id=x; number=1\n\nHej",
        b"Content-Type: message/external-body; access-type=URL\n\nHej",
        b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n!!!!\nend\n",
        b"Content-Transfer-Encoding: base64\n\n!!!not base64!!!",
        b"Date: " + b"9" * 5000 + b"\n\nHej",
        b"References: " + b"<a@b> " * 5000 + b"\n\nHej",
        b"X: y\n" * 50_000 + b"\nHej",
    ],
    ids=range(21),
)
def test_what_is_hardly_a_mail(raw: bytes) -> None:
    """Bytes of any kind are read as something."""
    read(raw)


def nested(depth: int) -> bytes:
    """Multiparts in multiparts."""
    start = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(depth))
    return b"Subject: deep\nFrom: anna@example.se\n" + start + b"\nHej\n"


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (nested(1000), "nesting"),
        (b"Subject: deep\nFrom: anna@example.se\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 20_000,
         "parts"),
        (b"Subject: deep\nFrom: anna@example.se\n" + b"Content-Type: message/rfc822\n\n" * 1000, "embedded"),
    ],
)  # fmt: skip
def test_more_than_a_letter_is_not_parsed(raw: bytes, fault: str) -> None:
    """Nesting and parts beyond reason cost a count: who wrote and about what is known, the rest stays unread."""
    mail = read(raw)
    assert not mail.is_read
    assert fault in mail.faults
    assert (mail.subject, mail.sender.address) == ("deep", "anna@example.se")


def test_a_bomb_is_not_unpacked() -> None:
    """An archive is a file, by its first bytes."""
    bomb = b"PK\x03\x04" + zlib.compress(b"\0" * 50_000_000)
    body = base64.encodebytes(bomb)
    mail = read(
        b"Subject: x\nContent-Type: application/x-innocent; name=brev.pdf\nContent-Transfer-Encoding: base64\n\n" + body
    )
    assert [(each.name, each.media_type) for each in mail.attachments] == [("brev.pdf", "application/zip")]


def test_parts_and_files_are_counted() -> None:
    """What is beyond the limits is told, not lost from sight."""
    part = b"--b\nContent-Type: application/pdf\nContent-Disposition: attachment\n\n%PDF-1.4\n"
    mail = read(b"Content-Type: multipart/mixed; boundary=b\n\n" + part * (PARTS * 2) + b"--b--\n")
    assert len(mail.attachments) == ATTACHMENTS
    assert mail.dropped > 0
    assert "parts-cut" in mail.faults


def test_long_texts_are_cut_and_say_so() -> None:
    """Words beyond the limit are in the original; the text says that it is cut."""
    mail = read(simple(b"hej " * TEXT_CHARACTERS))
    assert len(mail.text) == TEXT_CHARACTERS
    assert "text-cut" in mail.faults


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 100_000 + "Hej",
        "<" * 500_000,
        "<p>" + "a" * (HTML_BYTES + 1),
        "<a href='" * 9_000,
        "<table>" * 5_000 + "Hej",
        "&#x" * 100_000,
    ],
    ids=range(6),
)
def test_markup_that_takes_for_ever_elsewhere(markup: str) -> None:
    """Depth and size are counted before a cleaner sees them."""
    read(simple(markup.encode(), "text/html"))


def test_markup_is_made_safe() -> None:
    """Nothing that runs or fetches is left; the words are."""
    mail = read(
        simple(
            b"<title>t</title><style>x{}</style><script>alert(1)</script><p onclick=x>Hej "
            b"<img src=https://track.example.com/1.gif><a href='javascript:alert(1)'>a</a>"
            b"<a href='https://example.se/'>b</a><svg onload=x></svg></p>",
            "text/html; charset=utf-8",
        )
    )
    for bad in ("script", "onclick", "onload", "track.example.com", "javascript", "<img", "style"):
        assert bad not in mail.html
    assert 'href="https://example.se/"' in mail.html
    assert mail.text == "Hej ab"


def test_both_forms_of_a_mail_are_one_text() -> None:
    """Alternatives: the plain words are the text, the HTML is kept beside them."""
    mail = read(
        "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nPlain\n--b\n"
        "Content-Type: text/html\n\n<p>Rich</p>\n--b--\n"
    )
    assert (mail.text, mail.html) == ("Plain", "<p>Rich</p>")


def test_an_empty_alternative_is_not_the_text() -> None:
    """Clients that leave the plain part empty mean the other one."""
    mail = read(
        "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n \n--b\n"
        "Content-Type: text/html\n\n<p>Rich</p>\n--b--\n"
    )
    assert mail.text == "Rich"


def test_flowed_text_is_unfolded() -> None:
    """Lines that end in a space are one paragraph; the signature's mark and quotes stay lines."""
    body = b"Hej, jag \nundrar en sak.\n\n> fr\xc3\xa5ga \n> mer\n-- \nAnna"
    mail = read(simple(body, "text/plain; charset=utf-8; format=flowed"))
    assert mail.text == "Hej, jag undrar en sak.\n\n> fråga mer\n-- \nAnna"


def test_a_mail_in_a_mail_is_a_file() -> None:
    """What somebody attaches is not what they say."""
    mail = read(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSe bifogat\n--b\n"
        "Content-Type: message/rfc822\n\nSubject: inner\n\nHemligt\n--b--\n"
    )
    assert mail.text == "Se bifogat"
    assert [(each.name, each.media_type) for each in mail.attachments] == [("mejl.eml", "message/rfc822")]
    assert b"Hemligt" in mail.attachments[0].body


parts = st.recursive(
    st.tuples(
        st.sampled_from(["text/plain", "text/html", "application/pdf", "image/png", "message/rfc822", "text/x", "x"]),
        st.sampled_from(["utf-8", "latin-1", "utf-16", "x", "", "zlib"]),
        st.sampled_from(["7bit", "8bit", "base64", "quoted-printable", "x-uuencode", "nonsense", ""]),
        st.binary(max_size=200),
    ),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)


def rendered(part: object, depth: int = 0) -> bytes:
    """A tree as MIME, as wrong as it comes."""
    if isinstance(part, list):
        mark = b"b%d" % depth
        children = cast("list[object]", part)
        inner = b"".join(b"--%s\n%s\n" % (mark, rendered(each, depth + 1)) for each in children)
        kind = (b"mixed", b"alternative", b"related", b"report")[depth % 4]
        return b"Content-Type: multipart/%s; boundary=%s\n\n%s--%s--\n" % (kind, mark, inner, mark)
    label, charset, encoding, body = cast("tuple[str, str, str, bytes]", part)
    return f"Content-Type: {label}; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n".encode() + body


@given(tree=parts, header=st.binary(max_size=100))
def test_any_tree_is_read(tree: object, header: bytes) -> None:
    """Trees of parts with wrong labels, wrong encodings and any bytes are read."""
    read(b"Subject: " + header.replace(b"\n", b"") + b"\n" + rendered(tree))


@given(raw=st.binary(max_size=2000))
def test_any_bytes_are_read(raw: bytes) -> None:
    """Whatever a peer sends is read as something."""
    read(raw)


@pytest.mark.parametrize("box", ["<div>", "<table><tr><td>", "<b><p>", "<DIV class=a>"])
def test_boxes_in_boxes_cost_no_more_than_their_length(box: str) -> None:
    """HTML nested beyond reason is not shown; its words are there at once, and the original is kept whole."""
    raw = b"Subject: x\nContent-Type: text/html\n\n" + box.encode() * 6_000 + b"Hej"
    started = elapsed_s()
    mail = read(raw)
    assert elapsed_s() - started < 2
    assert (mail.html, mail.text) == ("", "Hej")
    assert "html-dropped" in mail.faults


def test_a_letter_of_open_paragraphs_is_shown() -> None:
    """What letters leave open, as HTML allows, is no nesting."""
    mail = read(b"Content-Type: text/html\n\n" + b"<p>rad<br>" * 3_000 + b"<ul>" + b"<li>sak" * 3_000)
    assert mail.html.count("<li>") == 3_000
