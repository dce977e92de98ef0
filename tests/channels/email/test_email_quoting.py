"""Where the new words end: Swedish and English ways of quoting, what is no quote, and text that breaks patterns."""

import signal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.mail import Request
from channels.email.normaliser import answer_to
from channels.email.quoting import is_forwarded, new_words
from channels.email.reading import read
from channels.file_kinds import safe_name, sniffed
from router.clock import elapsed_s

REPLY = "Tack, det blir bra.\n\nAnna"
BLOCK = """Från: Ekeby stad <kontakt@example.se>
Skickat: den 14 november 2025 10:12
Till: Anna Test <anna@example.se>
Ämne: SV: Fråga

Hej Anna"""
ENGLISH_BLOCK = """From: Ekeby stad <kontakt@example.se>
Sent: Friday, November 14, 2025 10:12 AM
To: Anna
Subject: RE: Fråga

Hej Anna"""


@pytest.mark.parametrize(
    "quoted",
    [
        "Den 14 nov. 2025 kl. 10:12 skrev Ekeby stad <kontakt@example.se>:\n\n> Hej\n> svar",
        "Den fre 14 nov. 2025 10:12 Ekeby stad <kontakt@example.se> skrev:\n\n> Hej",
        "-----Ursprungligt meddelande-----\n" + BLOCK,
        BLOCK,
        "> 14 nov. 2025 kl. 10:12 skrev Ekeby stad <kontakt@example.se>:\n>\n> Hej\n",
        "On Fri, Nov 14, 2025 at 10:12 AM Ekeby stad <kontakt@example.se>\nwrote:\n\n> Hej",
        ENGLISH_BLOCK,
        "________________________________\n" + BLOCK,
    ],
    ids=range(8),
)
def test_what_is_quoted_is_cut(quoted: str) -> None:
    """The new words stay letter for letter, whichever program wrote the rest."""
    assert new_words(f"{REPLY}\n\n{quoted}") == REPLY


@pytest.mark.parametrize(
    "text",
    [
        "> Fråga 1?\nJa\n> Fråga 2?\nNej, för att det är så.",
        "Hälsningar i all ära, men jag vill ha svar.\nNär kommer det?",
        "Den här gatan är mörk.\nDen 1 maj skrev jag till er.",
        "Bara en rad",
        "",
        "\n\n",
    ],
)
def test_what_is_no_quote_stays(text: str) -> None:
    """Answers between the lines, greetings in sentences and dates in stories are the resident's own words."""
    assert new_words(text) == text


@given(st.text(alphabet=st.sampled_from("Den skrev>:\n On wrote-_<@.1åä"), max_size=300))
def test_nothing_is_rewritten(text: str) -> None:
    """The new words are the beginning of the words, or all of them."""
    assert text.startswith(new_words(text))


@pytest.mark.parametrize("text", ["Den " * 8000, "\n" * 8000, "On " * 2000 + "wrote", "> \n" * 50_000, "-_" * 50_000])
def test_text_that_breaks_patterns(text: str) -> None:
    """What takes a pattern minutes is never shown to it."""
    started = elapsed_s()
    new_words(text)
    assert elapsed_s() - started < 1


def never_ends(_text: str) -> str:
    """Until a signal comes."""
    signal.pause()
    return ""


def test_a_finder_that_takes_too_long_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nothing is cut, and the mail says why."""
    monkeypatch.setattr("channels.email.reading.REPLY_S", 0.05)
    monkeypatch.setattr("channels.email.reading.new_words", never_ends)
    mail = read(Request(b"Subject: x\r\n\r\nHej\r\n"))
    assert (mail.new_words, mail.faults) == ("Hej", ("quoting-too-slow",))


@pytest.mark.parametrize(
    ("subject", "is_it"), [("VB: Faktura", True), ("Fwd: x", True), ("SV: Faktura", False), ("Inbjudan", False)]
)
def test_what_is_passed_on_is_the_message(subject: str, is_it: bool) -> None:
    """Somebody who forwards means what is below."""
    assert is_forwarded(subject) is is_it
    raw = f"Subject: {subject}\r\n\r\nSe nedan\r\n\r\n-----Ursprungligt meddelande-----\r\nFrån: X <x@example.se>\r\n"
    raw += "Skickat: den 14 november 2025 10:12\r\nTill: A\r\nÄmne: y\r\n\r\nFakturan är fel\r\n"
    assert ("Fakturan är fel" in answer_to(Request(raw.encode())).new_words) is is_it


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\x.exe", "x.exe"),
        ("a\r\nb.pdf", "a b.pdf"),
        ("faktura\u202efdp.exe", "fakturafdp.exe"),
        ("a" * 400 + ".pdf", "a" * 146 + ".pdf"),
        ("A\u030angström.txt", "Ångström.txt"),
        ('a<b>:"|?*.txt', "a_b______.txt"),
        ("...", "bilaga-3"),
        ("", "bilaga-3"),
    ],
)
def test_file_names_are_safe_everywhere(name: str, safe: str) -> None:
    """No path, no line, no disguise, and the ending kept."""
    assert safe_name(name, 3) == safe


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0..JFIF", "image/jpeg"),
        (b"MZ\x90", "application/vnd.microsoft.portable-executable"),
        (b"PK\x03\x04....word/document.xml",
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"PK\x03\x04....mimetypeapplication/vnd.oasis.opendocument.textPK", "application/vnd.oasis.opendocument.text"),
        (b"PK\x03\x04....a.exe", "application/zip"),
        (b"<!DOCTYPE html><script>", "text/html"),
        (b"<svg onload=alert(1)>", "text/html"),
        (b"BEGIN:VCALENDAR\r\n", "text/calendar"),
        ("Räksmörgås".encode(), "text/plain"),
        (b"\0\1\2\3", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)  # fmt: skip
def test_files_are_what_their_bytes_are(body: bytes, media_type: str) -> None:
    """What the sender calls a file decides nothing."""
    assert sniffed(body) == media_type


def test_the_corpus_of_replies_is_cut(shared_data: Path) -> None:
    """Of real replies in the two languages that we look for most are cut, and none is rewritten."""
    texts = [path.read_text("utf-8", "replace") for path in (shared_data / "email/reply_crisp").rglob("email_*.txt")]
    assert len(texts) > 40
    cut = sum(new_words(text) != text for text in texts)
    assert cut / len(texts) > 0.6
    assert all(text.startswith(new_words(text)) for text in texts)
