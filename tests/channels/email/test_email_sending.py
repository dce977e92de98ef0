"""Mail out through a real smarthost: what it says, how it is threaded, and what each answer means."""

import asyncio

import aiosmtplib
import pytest

from channels.email.limits import MIB
from channels.email.settings import Smarthost
from channels.inbound import Attachment
from tests.channels.email.postbox import BOX, CITY, RESIDENT, SECOND, letter, opened, outgoing


async def test_a_reply_is_threaded_and_finds_its_way_back() -> None:
    """Our mail names the resident's, carries our id, and asks for answers to an address of the contact's own."""
    async with opened() as box:
        sent = await box.channel.send(outgoing())
        [delivered] = box.sink.delivered
        mail = delivered.mail
        assert (sent.outcome, sent.external_id) == ("sent", mail["Message-ID"])
        assert box.names.of_message_id(str(mail["Message-ID"])) == ("c01", 2)
        assert (mail["In-Reply-To"], mail["References"]) == ("<1@resident.example.se>", "<1@resident.example.se>")
        assert mail["Reply-To"] == box.names.plus_address(BOX, "c01")
        assert delivered.sender == box.names.bounce_address(BOX, "c01", 2)
        assert (mail["From"], mail["To"]) == (f"{CITY} <{BOX}>", RESIDENT)
        assert str(mail["Subject"]).startswith("Re: En fråga [SC-01-")
        assert box.names.of_subject(str(mail["Subject"]), RESIDENT) == "c01"
        assert mail["Auto-Submitted"] is None
        assert mail.get_content().strip() == "Hej Anna! Klockan nio."
        assert mail["Date"] is not None


@pytest.mark.parametrize("kind", ["acknowledgement", "notice", "transcript"])
async def test_automatic_mail_says_so(kind: str) -> None:
    """Headers keep other machines from answering; only what answers by itself gives bounces no way back."""
    async with opened() as box:
        await box.channel.send(outgoing(kind=kind))
        [delivered] = box.sink.delivered
        back = "<>" if kind == "acknowledgement" else box.names.bounce_address(BOX, "c01", 2)
        assert delivered.sender == back
        assert str(delivered.mail["Auto-Submitted"]).startswith("auto-")
        assert delivered.mail["X-Auto-Response-Suppress"] == "All"


async def test_the_same_message_again_has_the_same_id() -> None:
    """After a crash in between it may leave twice, with one message id, under which mail programs keep one."""
    async with opened() as box:
        await box.channel.send(outgoing())
        box.clock.advance_s(60)
        await box.channel.send(outgoing())
        assert len({str(each.mail["Message-ID"]) for each in box.sink.delivered}) == 1


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("Sv: Re: VB: Hej", "Re: VB: Hej"),
        ("Re: [SC-01-abcdefgh] Hej", "Re: Hej"),
        ("", f"Re: Din kontakt med {CITY}"),
        ("Hej\r\nBcc: offer@example.se", "Re: Hej Bcc: offer@example.se"),
        ("Hej\u2028X-Evil: 1\0", "Re: Hej X-Evil: 1"),
    ],
)
async def test_subjects_go_round_without_growing(subject: str, said: str) -> None:
    """One `Re:`, one token, never a second header, whatever a resident wrote."""
    async with opened() as box:
        await box.channel.send(outgoing(subject=subject))
        mail = box.sink.delivered[0].mail
        assert str(mail["Subject"]).rpartition(" [SC-")[0] == said
        assert mail["Bcc"] is None
        assert mail["X-Evil"] is None


async def test_threads_are_what_message_ids_may_be() -> None:
    """A resident's message id that is none, or would begin a header, is not repeated."""
    async with opened() as box:
        await box.channel.send(outgoing(thread=("<a@b>\r\nBcc: x@example.se", "no id", "<ok@example.se>")))
        assert box.sink.delivered[0].mail["References"] == "<ok@example.se>"


@pytest.mark.parametrize(
    ("to_mail", "to_rcpt", "to_data", "outcome", "reason"),
    [
        ("", "550 5.1.1 unknown", "", "failed", "refused-recipient"),
        ("", "450 4.2.0 greylisted", "", "later", "refused-recipient"),
        ("", "", "554 5.7.1 spam", "failed", "refused-message"),
        ("", "", "451 4.3.0 later", "later", "refused-message"),
        ("550 5.7.1 not you", "", "", "later", "refused-sender"),
        ("552 5.3.4 too large", "", "", "failed", "too-large"),
    ],
)
async def test_what_a_refusal_means(to_mail: str, to_rcpt: str, to_data: str, outcome: str, reason: str) -> None:
    """What is wrong with the mail is for ever with 5xx; what is wrong with us, or for now, waits."""
    async with opened() as box:
        box.sink.to_mail, box.sink.to_rcpt, box.sink.to_data = to_mail, to_rcpt, to_data
        sent = await box.channel.send(outgoing())
        assert (sent.outcome, sent.reason) == (outcome, reason)
        assert (box.channel.health().state == "degraded") == (outcome == "later")
        box.sink.to_mail = box.sink.to_rcpt = box.sink.to_data = ""
        assert (await box.channel.send(outgoing())).outcome == "sent"
        assert box.channel.health().state == "up"


async def test_nobody_there_is_later() -> None:
    """A smarthost that does not answer: the mail waits."""
    async with opened(smarthost=Smarthost(host="127.0.0.1", port=1, timeout_s=2)) as box:
        sent = await box.channel.send(outgoing())
        assert (sent.outcome, sent.reason) == ("later", "unreachable")


async def test_without_a_smarthost_nothing_is_promised() -> None:
    """No way out: a reply fails by name, and no arrival is acknowledged."""
    async with opened(smarthost=None) as box:
        assert (await box.channel.send(outgoing())).reason == "no-smarthost"


@pytest.mark.parametrize("to", ["", "anna", "a b@example.se", "a@b@example.se", "å@example.se", "x@example.se\r\nRCPT"])
async def test_what_is_no_address_is_told(to: str) -> None:
    """Nothing that could become a command reaches the smarthost."""
    async with opened() as box:
        assert (await box.channel.send(outgoing(to=to))).reason == "no-address"
        assert not box.sink.connections


async def test_domains_beyond_ascii_are_written_as_the_net_knows_them() -> None:
    """A resident at an address with å in its domain gets the mail."""
    async with opened() as box:
        assert (await box.channel.send(outgoing(to="anna@räksmörgås.se"))).outcome == "sent"
        assert box.sink.delivered[0].recipients == ("anna@xn--rksmrgs-5wao1o.se",)


async def test_connections_are_used_again() -> None:
    """Ten mails one after another cost one connection; one that has gone stale is opened anew without a word."""
    async with opened() as box:
        for number in range(10):
            assert (await box.channel.send(outgoing(number=number))).outcome == "sent"
        assert box.sink.connections == 1
        box.sink.hangs_up_next = True
        assert (await box.channel.send(outgoing(number=11))).outcome == "sent"
        assert box.sink.connections == 2


async def test_many_at_once_share_a_few_connections() -> None:
    """A backlog leaves in parallel, over no more lines than the settings say."""
    async with opened() as box:
        sent = await asyncio.gather(*(box.channel.send(outgoing(number=number)) for number in range(30)))
        assert {each.outcome for each in sent} == {"sent"}
        assert 1 < box.sink.connections <= 4


async def test_files_go_along_and_nothing_infected_does() -> None:
    """What an agent attaches is sent under its name; with one that a scanner has condemned no mail leaves at all."""
    async with opened() as box:
        healthy, ill = [(await box.inbox.keep(body)).blob for body in (b"%PDF-1.4 x", b"virus")]
        files = (
            Attachment("Beslut å.pdf", "application/pdf", 10, blob=healthy, scan="clean"),
            Attachment("x.exe", "application/x-executable", 5, blob=ill, scan="infected"),
        )
        sent = await box.channel.send(outgoing(number=3, attachments=files))
        assert (sent.outcome, sent.reason, box.sink.delivered) == ("failed", "unsafe-attachment", [])
        await box.channel.send(outgoing(attachments=files[:1]))
        [part] = box.sink.delivered[0].mail.iter_attachments()
        assert (part.get_filename(), part.get_content()) == ("Beslut å.pdf", b"%PDF-1.4 x")


async def test_a_file_that_is_gone_fails_by_name() -> None:
    """An attachment without bytes is no mail without it."""
    async with opened() as box:
        sent = await box.channel.send(outgoing(attachments=(Attachment("x.pdf", blob="0" * 64),)))
        assert (sent.outcome, sent.reason) == ("failed", "no-attachment")


async def test_each_mailbox_answers_for_itself() -> None:
    """A contact is answered from where it came in; one from a mailbox that is no more, from the first."""
    async with opened() as box:
        await box.channel.send(outgoing(source=f"mailto:{SECOND}"))
        await box.channel.send(outgoing(source="mailto:borta@example.se"))
        assert [str(each.mail["From"]) for each in box.sink.delivered] == [f"Bygglov <{SECOND}>", f"{CITY} <{BOX}>"]


async def test_without_plus_addresses_answers_come_to_the_mailbox() -> None:
    """Where the mail server knows no plus, nothing is sent that it would refuse."""
    async with opened(keeps_plus_address=False) as box:
        await box.channel.send(outgoing())
        [delivered] = box.sink.delivered
        assert delivered.sender == delivered.mail["Reply-To"] == BOX


async def test_an_answer_to_an_answer_comes_home() -> None:
    """Round trip over real sockets: contact, reply, the resident's answer by its headers, more of the same contact."""
    async with opened() as box:
        await aiosmtplib.send(letter(), hostname="127.0.0.1", port=box.port, start_tls=False)
        await box.channel.send(outgoing())
        ours = box.sink.delivered[-1].mail
        answer = letter("Tack!", to=str(ours["Reply-To"]), Message_ID="<2@x>", In_Reply_To=str(ours["Message-ID"]))
        await aiosmtplib.send(answer, hostname="127.0.0.1", port=box.port, start_tls=False)
        assert [(about, said.text) for about, said in box.inbox.messages] == [("c01", "Tack!")]


async def test_files_fit_into_what_the_smarthost_takes() -> None:
    """The setting, and what the smarthost itself announces when that is less; a mail larger than that never leaves."""
    async with opened() as box:
        by_setting = box.channel.file_limits()
        assert by_setting.most > 1
        assert 15 * MIB < by_setting.bytes_together < 25 * MIB
        box.sink.max_bytes = 2 * MIB
        assert (await box.channel.send(outgoing())).outcome == "sent"
        announced = box.channel.file_limits()
        assert MIB < announced.bytes_each == announced.bytes_together < 2 * MIB
        fits, large = [(await box.inbox.keep(bytes(size))).blob for size in (announced.bytes_each, 2 * MIB)]
        for number, blob, outcome in ((3, fits, "sent"), (4, large, "failed")):
            sent = await box.channel.send(outgoing(number=number, attachments=(Attachment("a.pdf", blob=blob),)))
            assert sent.outcome == outcome, sent
    async with opened(smarthost=None) as box:
        assert box.channel.file_limits().most == 0
