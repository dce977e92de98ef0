"""What a mail belongs to, who is answered by a machine, and that nothing goes round in circles."""

from email.message import EmailMessage

import aiosmtplib
import pytest

from channels.base import Key
from channels.email.settings import Acknowledgement, Automatic
from channels.inbound import InboundEnd
from tests.channels.email.postbox import BOX, RESIDENT, SECOND, Postbox, letter, opened, outgoing

OTHER = "bertil@other.example.se"


async def post(box: Postbox, mail: EmailMessage | bytes, *, sender: str = RESIDENT, to: str = BOX) -> str:
    """Deliver; the answer."""
    raw = mail if isinstance(mail, bytes) else mail.as_bytes()
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=box.port, start_tls=False) as client:
        _, answer = await client.sendmail(sender, [to], raw)
    return answer


async def first(box: Postbox) -> str:
    """A contact to answer."""
    await post(box, letter())
    return "c01"


async def close(box: Postbox, contact: str) -> None:
    """It is over."""
    await box.inbox.end(Key("test", contact), InboundEnd(contact=contact))


@pytest.mark.parametrize("way", ["address", "in-reply-to", "references", "subject"])
async def test_an_answer_finds_its_contact(way: str) -> None:
    """By plus-address, by our message id in either header, by the subject's token: more of the same contact."""
    async with opened() as box:
        contact = await first(box)
        ours, theirs = box.names.message_id(contact, 2), "<other@resident.example.se>"
        headers: dict[str, dict[str, str]] = {
            "address": {},
            "in-reply-to": {"In_Reply_To": ours},
            "references": {"In_Reply_To": theirs, "References": f"{ours} {theirs}"},
            "subject": {"Subject": f"SV: En fråga {box.names.token(contact, RESIDENT)}"},
        }
        to = box.names.plus_address(BOX, contact) if way == "address" else BOX
        mail = letter("Tack!\n\nDen 1 maj 2025 kl. 10:00 skrev Ekeby <kontakt@example.se>:\n\n> Klockan nio",
                      Message_ID="<2@resident.example.se>", **headers[way])  # fmt: skip
        await post(box, mail, to=to)
        assert len(box.inbox.contacts) == 1
        told, message = box.inbox.messages[0]
        assert (told, message.text, message.is_automatic) == (contact, "Tack!", False)
        assert message.thread == "<2@resident.example.se>"
        assert [each.role for each in message.attachments] == ["full_text", "original"]


@pytest.mark.parametrize(
    "headers",
    [
        {"In_Reply_To": "<c.01.2.aaaaaaaa@mail.example.se>"},
        {"Subject": "SV: En fråga [SC-01-aaaaaaaa]"},
        {"Subject": "SV: En fråga"},
        {"In_Reply_To": "<1@resident.example.se>"},
    ],
)
async def test_a_forged_or_missing_mark_begins_a_new_contact(headers: dict[str, str]) -> None:
    """A contact's id is no secret: without our signature, and by words alone, nothing joins a conversation."""
    async with opened() as box:
        await first(box)
        await post(box, letter("Mer", Message_ID="<2@resident.example.se>", **headers))
        assert len(box.inbox.contacts) == 2
        assert not box.inbox.messages


async def test_a_token_names_nothing_for_anybody_else() -> None:
    """A subject that was forwarded: only whom we wrote to may go on by it."""
    async with opened() as box:
        subject = f"SV: En fråga {box.names.token(await first(box), RESIDENT)}"
        await post(box, letter("Mer", sender=OTHER, Subject=subject, Message_ID="<3@other.example.se>"), sender=OTHER)
        assert len(box.inbox.contacts) == 2
        assert box.inbox.contacts["c02"].subject == "SV: En fråga"


async def test_an_answer_to_what_is_over_begins_anew() -> None:
    """The old contact is named by the new one."""
    async with opened() as box:
        contact = await first(box)
        await close(box, contact)
        answer = letter("Mer", In_Reply_To=box.names.message_id(contact, 2), Message_ID="<2@resident.example.se>")
        await post(box, answer)
        assert box.inbox.contacts["c02"].in_reply_to == contact
        await post(box, answer)
        assert len(box.inbox.contacts) == 2


async def test_what_was_told_before_it_was_over_is_not_told_again() -> None:
    """A mail that became a message, sent again when the contact is over, does not become a second contact's mail."""
    async with opened() as box:
        contact = await first(box)
        answer = letter("Mer", In_Reply_To=box.names.message_id(contact, 2), Message_ID="<2@resident.example.se>")
        await post(box, answer)
        await close(box, contact)
        assert (await post(box, answer)).startswith("2.0.0")
        assert len(box.inbox.contacts) == 1


@pytest.mark.parametrize(
    ("headers", "auto_class"),
    [
        ({"Auto_Submitted": "auto-replied (vacation)"}, "auto_reply"),
        ({"Auto_Submitted": "auto-generated"}, "auto_reply"),
        ({"Auto_Submitted": "auto-notified; owner-email=x"}, "auto_reply"),
        ({"Precedence": "Bulk"}, "bulk"),
        ({"Precedence": "list"}, "list"),
        ({"X_Precedence": "auto_reply"}, "auto_reply"),
        ({"List_Id": "<nyheter.example.se>"}, "list"),
        ({"List_Unsubscribe": "<mailto:x@example.se>"}, "list"),
        ({"X_Autoreply": "yes"}, "auto_reply"),
        ({"X_Loop": "true"}, "auto_reply"),
        ({"Delivered_To": "Autoresponder"}, "auto_reply"),
    ],
)
async def test_machines_are_known_and_never_answered(headers: dict[str, str], auto_class: str) -> None:
    """A machine's mail becomes a contact that says so, and no machine of ours answers it."""
    async with opened() as box:
        await post(box, letter(**headers))
        fields = box.inbox.contacts["c01"].fields
        assert (fields["automatic"], fields["auto_class"]) == (True, auto_class)
        assert not box.inbox.owed


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Auto_Response_Suppress": "All"},
        {"X_Auto_Response_Suppress": "DR, OOF, AutoReply"},
        {"From": "noreply@resident.example.se"},
        {"From": "Mailer-Daemon <mailer-daemon@resident.example.se>"},
        {"From": BOX},
        {"From": "Chefen <chef@ekeby.example.com>"},
        {"Authentication_Results": "mx.example.se; dmarc=fail" },
    ],
)  # fmt: skip
async def test_who_is_not_answered_by_a_machine(headers: dict[str, str]) -> None:
    """Who asks for it, nobody's addresses, our own, and addresses that may be borrowed: a contact, no mail out."""
    async with opened(authserv_id="mx.example.se") as box:
        await post(box, letter(**headers))
        assert "automatic" not in box.inbox.contacts["c01"].fields
        assert not box.inbox.owed


async def test_only_our_own_servers_verdict_counts() -> None:
    """`Authentication-Results` of others are words of a stranger."""
    async with opened(authserv_id="mx.example.se") as box:
        await post(box, letter(Authentication_Results="elsewhere.example.com; dmarc=fail"))
        assert "dmarc" not in box.inbox.contacts["c01"].fields
        assert len(box.inbox.owed) == 1


async def test_a_borrowed_sender_is_shown() -> None:
    """Posted for another domain than it names: an agent sees it."""
    async with opened() as box:
        await post(box, letter(From="Chefen <chef@ekeby.example.com>"))
        assert box.inbox.contacts["c01"].fields["sender_differs"] is True


async def test_arrival_is_acknowledged_with_number_and_band() -> None:
    """The answer names the contact and when to expect more, in the language of the mail, and goes once."""
    async with opened() as box:
        box.inbox.wait_s = 3 * 3600
        await post(box, letter())
        await post(box, letter())
        [owed] = box.inbox.owed
        assert (owed.kind, owed.to, owed.contact) == ("acknowledgement", RESIDENT, "c01")
        assert owed.thread == ("<1@resident.example.se>",)
        assert "nummer c01" in owed.text
        assert "inom 4 timmar" in owed.text


async def test_english_is_answered_in_english() -> None:
    """By the words, whatever a header says; what the strategy says at once stands in place of a time."""
    async with opened() as box:
        box.inbox.answer = "The water will be back at noon."
        await post(box, letter("Hello, when is the recycling centre open? Please tell me.", Subject="A question"))
        [owed] = box.inbox.owed
        assert "number is c01" in owed.text
        assert box.inbox.contacts["c01"].person.language == "en"
        assert "back at noon" in owed.text


async def test_a_sender_is_answered_once_a_day_and_a_domain_so_often_an_hour() -> None:
    """Limits hold however many mails come, and end with the time."""
    settings = Acknowledgement(hours_per_sender=24, per_domain_and_hour=2)
    async with opened(acknowledgement=settings) as box:
        for number, sender in enumerate([RESIDENT, RESIDENT, "b@resident.example.se", "c@resident.example.se", OTHER]):
            await post(box, letter(sender=sender, Message_ID=f"<{number}@x.example.se>"), sender=sender)
        assert [each.to for each in box.inbox.owed] == [RESIDENT, "b@resident.example.se", OTHER]
        box.clock.advance_s(25 * 3600)
        await post(box, letter(Message_ID="<later@x.example.se>"))
        assert len(box.inbox.owed) == 4


async def test_an_absence_notice_stays_with_its_contact_and_wakes_nobody() -> None:
    """Automatic mail that answers ours is kept as automatic."""
    async with opened() as box:
        contact = await first(box)
        mail = letter("Jag är på semester", Auto_Submitted="auto-replied", Message_ID="<oof@resident.example.se>",
                      In_Reply_To=box.names.message_id(contact, 2))  # fmt: skip
        await post(box, mail, sender="")
        assert [(told, message.is_automatic) for told, message in box.inbox.messages] == [(contact, True)]


async def test_our_own_mail_that_comes_back_is_refused() -> None:
    """Two of our own addresses, or a resident's forwarding, in a circle: it ends at once, by name."""
    async with opened() as box:
        await first(box)
        assert (await box.channel.send(outgoing())).outcome == "sent"
        ours = box.sink.delivered[0].mail
        with pytest.raises(aiosmtplib.SMTPDataError, match="mail-loop"):
            await post(box, ours.as_bytes(), sender=BOX, to=SECOND)
        assert len(box.inbox.contacts) == 1
        assert (await box.channel.send(outgoing(to=SECOND))).reason == "own-address"


async def test_automatic_mail_may_be_refused_by_a_setting() -> None:
    """An operator who wants no lists says so; what answers ours is taken all the same."""
    async with opened(automatic=Automatic(list="refuse")) as box:
        with pytest.raises(aiosmtplib.SMTPDataError, match="automatic-mail"):
            await post(box, letter(List_Id="<nyheter.example.se>"))
        contact = await first(box)
        await post(box, letter(List_Id="<x>", Message_ID="<9@x>", In_Reply_To=box.names.message_id(contact, 2)))
        assert len(box.inbox.messages) == 1


def bounce(ours: str, action: str = "failed", status: str = "5.1.1") -> bytes:
    """A report of delivery (RFC 3464) that gives our mail's headers back."""
    return (
        "From: MAILER-DAEMON@mx.resident.example.se\r\nSubject: Undelivered Mail\r\nMessage-ID: <b@mx.example.se>\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nCould not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.se\r\n\r\n"
        f"Final-Recipient: rfc822; {RESIDENT}\r\nOriginal-Recipient: rfc822; {RESIDENT}\r\nAction: {action}\r\n"
        f"Status: {status}\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {ours}\r\nSubject: Re: En\r\n\r\n--b--\r\n"
    ).encode()


@pytest.mark.parametrize(
    ("action", "status", "told"), [("failed", "5.1.1", "failed"), ("delivered", "2.0.0", "delivered")]
)
async def test_a_bounce_is_the_fate_of_what_was_sent(action: str, status: str, told: str) -> None:
    """Failed and delivered are told of what was sent, by our own message id, with the code and no words."""
    async with opened() as box:
        contact = await first(box)
        await post(box, bounce(box.names.message_id(contact, 2), action, status), sender="")
        assert box.inbox.reports == [(contact, 2, told, status)]
        assert not box.inbox.messages


async def test_a_delay_is_no_fate() -> None:
    """What is still being tried is kept with the contact as a machine's word, and wakes nobody."""
    async with opened() as box:
        contact = await first(box)
        await post(box, bounce(box.names.message_id(contact, 2), "delayed", "4.4.1"), sender="")
        assert not box.inbox.reports
        assert [(about, message.is_automatic) for about, message in box.inbox.messages] == [(contact, True)]


async def test_a_bounce_is_known_by_the_address_it_comes_to() -> None:
    """Where nothing of ours is given back, the envelope's address tells contact and record."""
    async with opened() as box:
        contact = await first(box)
        await post(box, bounce("<gone@elsewhere>"), sender="", to=box.names.bounce_address(BOX, contact, 2))
        assert box.inbox.reports == [(contact, 2, "failed", "5.1.1")]


async def test_a_bounce_of_what_is_gone_still_reaches_somebody() -> None:
    """What could not be delivered and is no longer known becomes a contact that names it."""
    async with opened() as box:
        await post(box, bounce(box.names.message_id("c77", 2)), sender="")
        assert box.inbox.contacts["c01"].in_reply_to == "c77"
        assert box.inbox.contacts["c01"].fields["auto_class"] == "bounce"


async def test_somebody_elses_bounce_is_no_report() -> None:
    """Backscatter with a forged id of ours tells nothing of our contact."""
    async with opened() as box:
        await first(box)
        await post(box, bounce("<c.01.2.aaaaaaaa@mail.example.se>"), sender="")
        assert not box.inbox.reports
        assert box.inbox.contacts["c02"].fields["automatic"] is True
