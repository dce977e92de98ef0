"""A virus scanner behind the channel: what it says goes with every file, and its silence stops no mail."""

import aiosmtplib

from tests.channels.email.postbox import letter, opened
from tests.channels.recording_inbox import VIRUS


async def test_only_what_carries_it_is_infected() -> None:
    """An infected file marks itself and the original, not the other file.

    This scanner does not open mails: the file is encoded in the original, and found all the same.
    """
    mail = letter()
    mail.add_attachment(VIRUS, maintype="application", subtype="octet-stream", filename="x.exe")
    mail.add_attachment(b"%PDF-1.4 beslut", maintype="application", subtype="pdf", filename="beslut.pdf")
    async with opened() as box:
        box.inbox.scanner = "answers"
        await aiosmtplib.send(mail, hostname="127.0.0.1", port=box.port, start_tls=False)
        assert {each.name: each.scan for each in box.inbox.contacts["c01"].attachments} == {
            "x.exe": "infected",
            "beslut.pdf": "clean",
            "original.eml": "infected",
        }


async def test_a_mail_without_a_virus_is_clean() -> None:
    """The original says so too."""
    async with opened() as box:
        box.inbox.scanner = "answers"
        await aiosmtplib.send(letter(), hostname="127.0.0.1", port=box.port, start_tls=False)
        assert {each.scan for each in box.inbox.contacts["c01"].attachments} == {"clean"}


async def test_a_silent_scanner_loses_no_mail() -> None:
    """The mail is a contact; its files are kept back."""
    async with opened() as box:
        box.inbox.scanner = "silent"
        await aiosmtplib.send(letter(), hostname="127.0.0.1", port=box.port, start_tls=False)
        assert {each.scan for each in box.inbox.contacts["c01"].attachments} == {"unknown"}
