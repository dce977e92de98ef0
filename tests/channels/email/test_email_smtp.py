"""Mail over real sockets: what is answered to whom, and that nothing is answered before it is kept."""

import asyncio

import aiosmtplib
import pytest

from channels.email.settings import Listen
from router.errors import SchemaMismatch, ServicecenterError, StoreUnavailable
from tests.channels.email.postbox import BOX, RESIDENT, SECOND, letter, opened, wired

SMALL = Listen(port=0, max_bytes=200_000, memory_bytes=400_000)
START = f"MAIL FROM:<{RESIDENT}>\r\nRCPT TO:<{BOX}>\r\nDATA\r\n"


async def test_a_mail_becomes_a_contact() -> None:
    """Delivered by a real client, a mail is a contact with its words, its sender as a hint and its original kept."""
    async with opened() as box:
        _, answer = await aiosmtplib.send(letter(), hostname="127.0.0.1", port=box.port, start_tls=False)
        contact = box.inbox.contacts["c01"]
        assert "c01" in answer
        assert contact.text == "Hej! När öppnar återvinningscentralen?"
        assert (contact.person.email, contact.person.name, contact.subject) == (RESIDENT, "Anna Test", "En fråga")
        original = contact.attachments[-1]
        assert original.role == "original"
        assert b"Subject: En " in box.inbox.blobs[original.blob]


async def test_the_same_mail_again_is_the_same_contact() -> None:
    """A server that did not hear our answer sends again, and is told the same."""
    async with opened() as box:
        answers = [
            (await aiosmtplib.send(letter(), hostname="127.0.0.1", port=box.port, start_tls=False))[1] for _ in range(3)
        ]
        assert len(set(answers)) == 1
        assert len(box.inbox.contacts) == 1


async def test_several_mailboxes_are_one_contact_of_the_first_in_the_settings() -> None:
    """A mail to two of our mailboxes is one contact, whichever the sender names first."""
    async with opened() as box:
        mail = letter(to=f"{SECOND}, {BOX}")
        await aiosmtplib.send(mail, recipients=[SECOND, BOX], hostname="127.0.0.1", port=box.port, start_tls=False)
        assert [each.fields["mailbox"] for each in box.inbox.contacts.values()] == [BOX]


async def test_a_mailbox_tells_authority_and_topic() -> None:
    """What the settings say of a mailbox goes with everything that arrives there."""
    async with opened() as box:
        await aiosmtplib.send(letter(to=SECOND), hostname="127.0.0.1", port=box.port, start_tls=False)
        contact = box.inbox.contacts["c01"]
        assert (contact.authority, contact.topic) == ("BN", "BYG.LOV")


async def test_nothing_is_relayed() -> None:
    """An address that is none of our mailboxes is refused by name, ours beside it is taken."""
    async with opened() as box, wired(box.port) as wire:
        await wire.greeted()
        await wire.ask(f"MAIL FROM:<{RESIDENT}>")
        assert "unknown-mailbox" in await wire.ask("RCPT TO:<nagon@elsewhere.example.com>")
        assert (await wire.ask(f"RCPT TO:<{BOX.upper()}>")).startswith("250")


@pytest.mark.parametrize(
    ("failure", "answer"), [(StoreUnavailable(), "451 4.3.0"), (SchemaMismatch(field="$.text"), "554 5.6.0")]
)
async def test_what_the_inbox_refuses_is_not_taken(failure: ServicecenterError, answer: str) -> None:
    """A store that is away means come back; what can never be taken is refused, by its slug."""
    async with opened() as box, wired(box.port) as wire:
        box.inbox.failure = failure
        await wire.greeted()
        await wire.say(START + "Subject: x\r\n\r\nHej\r\n.\r\n")
        said = [await wire.heard() for _ in range(4)][-1]
        assert said.startswith(answer)
        assert failure.slug in said
        box.inbox.failure = None
        await wire.say(START + "Subject: x\r\n\r\nHej\r\n.\r\n")
        assert [await wire.heard() for _ in range(4)][-1].startswith("250")
        assert len(box.inbox.contacts) == 1


async def test_lmtp_answers_every_recipient() -> None:
    """One status for each recipient, the refused one told at once; one contact."""
    async with opened(Listen(port=0, is_lmtp=True)) as box, wired(box.port) as wire:
        await wire.greeted("LHLO")
        await wire.ask(f"MAIL FROM:<{RESIDENT}>")
        told = [await wire.ask(f"RCPT TO:<{each}>") for each in (BOX, "x@elsewhere.example.com", SECOND)]
        assert [each[:3] for each in told] == ["250", "550", "250"]
        await wire.ask("DATA")
        await wire.say("Subject: x\r\n\r\nHej\r\n.\r\n")
        assert [(await wire.heard())[:3] for _ in range(2)] == ["250", "250"]
        assert (await wire.ask("NOOP")).startswith("250")
        assert len(box.inbox.contacts) == 1


@pytest.mark.parametrize("is_lmtp", [False, True])
async def test_a_defect_of_ours_is_no_reason_to_lose_a_mail(is_lmtp: bool) -> None:
    """Whatever breaks in us, the other side keeps the mail and hears no more than that."""
    async with opened(Listen(port=0, is_lmtp=is_lmtp)) as box, wired(box.port) as wire:
        box.inbox.failure = RuntimeError(RESIDENT)  # pyright: ignore[reportAttributeAccessIssue] - a defect
        await wire.greeted("LHLO" if is_lmtp else "EHLO")
        await wire.ask(f"MAIL FROM:<{RESIDENT}>")
        for each in (BOX, SECOND):
            await wire.ask(f"RCPT TO:<{each}>")
        await wire.ask("DATA")
        await wire.say("Subject: x\r\n\r\nHej\r\n.\r\n")
        told = [await wire.heard() for _ in range(2 if is_lmtp else 1)]
        assert set(told) == {"451 4.3.0 come back later (internal)"}
        assert (await wire.ask("NOOP")).startswith("250")


@pytest.mark.parametrize("is_lmtp", [False, True])
async def test_too_large_is_refused_in_step(is_lmtp: bool) -> None:
    """A mail over the limit is refused when it says so, or after its dot, and the dialogue goes on in step."""
    listen = Listen(port=0, max_bytes=100_000, memory_bytes=400_000, is_lmtp=is_lmtp)
    async with opened(listen) as box, wired(box.port) as wire:
        await wire.greeted("LHLO" if is_lmtp else "EHLO")
        assert (await wire.ask(f"MAIL FROM:<{RESIDENT}> SIZE=100001")).startswith("552")
        await wire.ask(f"MAIL FROM:<{RESIDENT}>")
        for each in (BOX, SECOND):
            await wire.ask(f"RCPT TO:<{each}>")
        await wire.ask("DATA")
        await wire.say("Subject: x\r\n\r\n" + "hejsan svejsan\r\n" * 20_000 + ".\r\n")
        assert [(await wire.heard())[:3] for _ in range(2 if is_lmtp else 1)] == ["552"] * (2 if is_lmtp else 1)
        assert (await wire.ask("NOOP")).startswith("250")
        assert not box.inbox.contacts


async def test_whoever_lies_about_the_size_is_cut_off() -> None:
    """Room is taken by what a mail says it is; one that is larger than that is refused."""
    async with opened() as box, wired(box.port) as wire:
        await wire.greeted()
        await wire.ask(f"MAIL FROM:<{RESIDENT}> SIZE=100")
        await wire.ask(f"RCPT TO:<{BOX}>")
        await wire.ask("DATA")
        await wire.say("Subject: x\r\n\r\n" + "hejsan svejsan\r\n" * 20_000 + ".\r\n")
        assert (await wire.heard()).startswith("552")


async def test_each_mail_of_a_connection_is_as_large_as_it_says() -> None:
    """A large mail after a small one in the same dialogue is taken."""
    async with opened() as box, wired(box.port) as wire:
        await wire.greeted()
        for text in ("Hej\r\n", "hejsan svejsan\r\n" * 20_000):
            assert (await wire.ask(f"MAIL FROM:<{RESIDENT}> SIZE={len(text) + 20}")).startswith("250")
            await wire.ask(f"RCPT TO:<{BOX}>")
            await wire.ask("DATA")
            await wire.say(f"Subject: x\r\n\r\n{text}.\r\n")
            assert (await wire.heard()).startswith("250")


@pytest.mark.parametrize("end", ["\n.\n", "\r\n.\n", "\n.\r\n", "\r.\r", "\r\n\0.\r\n"])
async def test_no_mail_is_smuggled(end: str) -> None:
    """Only CRLF dot CRLF ends a mail: what is smuggled behind another line end stays inside the first."""
    async with opened() as box, wired(box.port) as wire:
        await wire.greeted()
        inner = f"MAIL FROM:<fake@example.com>\r\nRCPT TO:<{BOX}>\r\nDATA\r\nSubject: smuggled\r\n\r\nx"
        await wire.say(f"{START}Subject: outer\r\n\r\nbody{end}{inner}\r\n.\r\n")
        answers = [await wire.heard() for _ in range(4)]
        assert answers[-1].startswith("250")
        assert (await wire.ask("NOOP")).startswith("250")
        assert [each.subject for each in box.inbox.contacts.values()] == ["outer"]


@pytest.mark.parametrize("piece", [1, 2, 3, 5, 1000, 10_000_000])
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n",
        b"\r\n\r\n\r\n",
        b".\r\n..\r\n...\r\n",
        b"Subject: x\r\n\r\n.dot\r\nno dot\r\n..two\r\n",
        b"\n.\n\r.\r\r\n",
        b"x" * 200_000 + b"\r\n",
        (b"." * 65_530 + b"\r\n") * 3,
    ],
    ids=range(8),
)
async def test_bytes_arrive_as_they_were_sent(raw: bytes, piece: int) -> None:
    """Dots are undoubled, nothing else changes, in whichever pieces the network brings it."""
    if piece < 100 and len(raw) > 1000:
        pytest.skip("the same as with larger pieces, and slow")
    async with opened() as box, wired(box.port) as wire:
        await wire.greeted()
        await wire.ask(f"MAIL FROM:<{RESIDENT}>")
        await wire.ask(f"RCPT TO:<{BOX}>")
        await wire.ask("DATA")
        sent = b"\r\n".join((b"." if each.startswith(b".") else b"") + each for each in raw.split(b"\r\n")) + b".\r\n"
        for start in range(0, len(sent), piece):
            await wire.say(sent[start : start + piece])
        assert (await wire.heard()).startswith("250")
        assert box.inbox.blobs[box.inbox.contacts["c01"].attachments[-1].blob] == raw


async def test_a_client_that_does_not_wait_is_answered_in_order() -> None:
    """Everything said at once, two mails and a quit, is answered line by line."""
    async with opened() as box, wired(box.port) as wire:
        await wire.greeted()
        one, two = (f"{START}Subject: {n}\r\nMessage-ID: <{n}@x.example.se>\r\n\r\nHej\r\n.\r\n" for n in (1, 2))
        await wire.say(one + two + "QUIT\r\n")
        assert [(await wire.heard())[:3] for _ in range(9)] == ["250", "250", "354", "250"] * 2 + ["221"]
        assert len(box.inbox.contacts) == 2


async def test_eight_bits_and_long_lines_are_taken() -> None:
    """Bytes that no header announced, and lines beyond every limit but ours, arrive whole."""
    async with opened() as box, wired(box.port) as wire:
        await wire.greeted()
        await wire.say(START.encode() + b"Subject: R\xe4ksm\xf6rg\xe5s\r\n\r\n" + b"a" * 100_000 + b"\xe5\r\n.\r\n")
        assert [await wire.heard() for _ in range(4)][-1].startswith("250")
        contact = box.inbox.contacts["c01"]
        assert contact.subject == "Räksmörgås"
        assert contact.text == "a" * 100_000 + "å"


async def test_utf8_addresses_are_taken() -> None:
    """SMTPUTF8: a sender with letters beyond ASCII is read."""
    async with opened() as box, wired(box.port) as wire:
        await wire.greeted()
        assert (await wire.ask("MAIL FROM:<åsa@exämple.se> BODY=8BITMIME SMTPUTF8")).startswith("250")
        await wire.ask(f"RCPT TO:<{BOX}>")
        await wire.ask("DATA")
        assert (await wire.ask("From: Åsa <åsa@exämple.se>\r\nSubject: Hej\r\n\r\nHej\r\n.")).startswith("250")
        assert box.inbox.contacts["c01"].person.email == "åsa@exämple.se"


async def test_whoever_hangs_up_after_the_dot_has_lost_nothing() -> None:
    """A peer that is gone before the answer: the mail is kept, and sent again it is known."""
    async with opened() as box:
        async with wired(box.port) as wire:
            await wire.greeted()
            await wire.say(START + "Subject: x\r\nMessage-ID: <9@x.example.se>\r\n\r\nHej\r\n.\r\n")
            for _ in range(3):
                await wire.heard()
            wire.half_close()
            while box.channel.receiving.under_way or not box.inbox.contacts:
                await asyncio.wait({asyncio.get_running_loop().create_future()}, timeout=0.01)
        async with wired(box.port) as wire:
            await wire.greeted()
            await wire.say(START + "Subject: x\r\nMessage-ID: <9@x.example.se>\r\n\r\nHej\r\n.\r\n")
            assert "c01" in [await wire.heard() for _ in range(4)][-1]
        assert len(box.inbox.contacts) == 1


async def test_half_a_mail_is_no_mail() -> None:
    """A connection that breaks before the dot leaves nothing behind."""
    async with opened() as box:
        async with wired(box.port) as wire:
            await wire.greeted()
            await wire.say(START + "Subject: x\r\n\r\nHej")
            wire.hang_up()
        await aiosmtplib.send(letter(), hostname="127.0.0.1", port=box.port, start_tls=False)
        assert [each.subject for each in box.inbox.contacts.values()] == ["En fråga"]


async def test_who_dawdles_is_hung_up_on() -> None:
    """A mail that does not come to its end in time takes no place for ever."""
    async with opened(Listen(port=0, timeout_s=0.3)) as box, wired(box.port) as wire:
        await wire.greeted()
        await wire.say(START + "Subject: x\r\n")
        assert [await wire.heard() for _ in range(4)][-1] == ""
        assert box.channel.smtp is not None
        assert not box.channel.smtp.dialogues


async def test_one_too_many_is_asked_to_come_back() -> None:
    """Connections are counted; the next gets one line, and a place again when one has left."""
    async with opened(Listen(port=0, max_connections=1)) as box:
        async with wired(box.port) as first:
            await first.greeted()
            async with wired(box.port) as second:
                assert "busy" in await second.heard()
            await first.ask("QUIT")
        async with wired(box.port) as third:
            await third.greeted()


async def test_strangers_get_no_word_in() -> None:
    """Only the networks of our own mail servers may deliver."""
    async with opened(Listen(port=0, allow=("192.0.2.0/24",))) as box, wired(box.port) as wire:
        assert (await wire.heard()).startswith("554 5.7.1")
        assert await wire.heard() == ""


async def test_mails_under_way_share_a_bounded_memory() -> None:
    """Whoever brings a mail when there is no room waits for it, and room is given back."""
    async with opened(SMALL) as box, wired(box.port) as one, wired(box.port) as two, wired(box.port) as three:
        for wire in (one, two, three):
            await wire.greeted()
            await wire.ask(f"MAIL FROM:<{RESIDENT}>")
            await wire.ask(f"RCPT TO:<{BOX}>")
        assert (await one.ask("DATA")).startswith("354")
        assert (await two.ask("DATA")).startswith("354")
        await three.say("DATA\r\n")
        await one.say("Subject: 1\r\n\r\nHej\r\n.\r\n")
        assert (await one.heard()).startswith("250")
        assert (await three.heard()).startswith("354")


async def test_stopping_answers_what_was_accepted() -> None:
    """Stop takes nothing new; a mail whose dot has come is kept and answered before the line is closed."""
    async with opened() as box:
        port = box.port
        async with wired(port) as wire, wired(port) as idle:
            await idle.greeted()
            await wire.greeted()
            await wire.say(START + "Subject: x\r\n\r\nHej\r\n.\r\n")
            for _ in range(3):
                await wire.heard()
            stopping = asyncio.create_task(box.channel.stop())
            assert (await wire.heard()).startswith("250")
            assert (await wire.heard()).startswith("421")
            assert (await idle.heard()).startswith("421")
            await stopping
        assert len(box.inbox.contacts) == 1
        with pytest.raises(OSError, match="Connect"):
            await asyncio.open_connection("127.0.0.1", port)


async def test_no_address_is_logged(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither we nor the library write down who mails whom."""
    caplog.set_level("DEBUG")
    async with opened() as box, wired(box.port) as wire:
        await wire.greeted()
        await wire.say(START + "Subject: x\r\n\r\nHej\r\n.\r\n")
        for _ in range(4):
            await wire.heard()
        await wire.ask("RCPT TO:<nagon@elsewhere.example.com>")
    written = caplog.text + "".join(capsys.readouterr())
    assert RESIDENT not in written
    assert "elsewhere.example.com" not in written
