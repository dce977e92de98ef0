"""Names that only we could have given: message ids, plus-addresses, subject tokens. Found without a look-up; pure.

A contact's id is no secret; its signature is what lets a mail speak in its conversation.
"""

import re
from collections.abc import Callable

from channels.email.headers import normal_address

MARK = 8
_MESSAGE_ID = re.compile(r"^<c\.([0-9a-z]{1,40})\.([0-9]{1,6})\.([a-z2-7]{8})@[^<>\s]+>$")
_ANSWER = re.compile(r"^[^+]+\+c\.([0-9a-z]{1,40})\.([a-z2-7]{8})$")
_BOUNCE = re.compile(r"^[^+]+\+b\.([0-9a-z]{1,40})\.([0-9]{1,6})\.([a-z2-7]{8})$")
_TOKEN = re.compile(r"\[SC-([0-9a-z]{1,40})[.-]([a-z2-7]{8})\]", re.IGNORECASE)
_TOKENS = re.compile(r"\s*\[SC-[0-9a-z.-]{1,60}\]", re.IGNORECASE)


class Names:
    """What our mails and conversations are called."""

    def __init__(self, sign: Callable[..., str], host_name: str) -> None:
        self._sign = sign
        self._host_name = host_name

    @property
    def instance(self) -> str:
        """Says in a header that a mail is ours; a hint, anybody can copy it."""
        return self._mark("email-instance")

    def message_id(self, contact: str, number: int) -> str:
        """Of the mail that carries record `number` of a contact."""
        return f"<c.{_bare(contact)}.{number}.{self._mark('email-message', contact, str(number))}@{self._host_name}>"

    def of_message_id(self, text: str) -> tuple[str, int]:
        """Contact and record that one of our message ids names; ('', 0) for anybody else's."""
        found = _MESSAGE_ID.match(text.lower())
        if not found:
            return "", 0
        contact, number = "c" + found[1], int(found[2])
        is_ours = found[3] == self._mark("email-message", contact, str(number))
        return (contact, number) if is_ours else ("", 0)

    def plus_address(self, mailbox: str, contact: str) -> str:
        """Where an answer is known by its address alone."""
        return _with(mailbox, f"c.{_bare(contact)}.{self._mark('email-address', contact)}")

    def bounce_address(self, mailbox: str, contact: str, number: int) -> str:
        """Where a bounce of record `number` is known by its address alone, whatever it gives back."""
        return _with(mailbox, f"b.{_bare(contact)}.{number}.{self._mark('email-bounce', contact, str(number))}")

    def of_address(self, address: str) -> tuple[str, str, int]:
        """Mailbox, contact and record of an address; neither without our mark, whatever stands after the plus.

        A record other than 0 says that it is the address of a bounce.
        """
        local, _, domain = address.lower().rpartition("@")
        mailbox = f"{local.partition('+')[0]}@{domain}"
        if answer := _ANSWER.match(local):
            contact = "c" + answer[1]
            return mailbox, contact if answer[2] == self._mark("email-address", contact) else "", 0
        if bounce := _BOUNCE.match(local):
            contact, number = "c" + bounce[1], bounce[2]
            if bounce[3] == self._mark("email-bounce", contact, number):
                return mailbox, contact, int(number)
        return mailbox, "", 0

    def token(self, contact: str, participant: str) -> str:
        """What a subject carries for whom it is sent to: from any other address it names nothing."""
        return f"[SC-{_bare(contact)}-{self._mark('email-participant', contact, normal_address(participant))}]"

    def of_subject(self, subject: str, participant: str) -> str:
        """The contact that a subject names for this sender, or ''."""
        for found in _TOKEN.finditer(subject):
            contact = "c" + found[1].lower()
            if found[2].lower() == self._mark("email-participant", contact, normal_address(participant)):
                return contact
        return ""

    def _mark(self, *parts: str) -> str:
        return self._sign(*parts).lower()[:MARK]


def _with(mailbox: str, extension: str) -> str:
    local, _, domain = mailbox.rpartition("@")
    return f"{local}+{extension}@{domain}"


def _bare(contact: str) -> str:
    return contact.removeprefix("c")


def without_token(subject: str) -> str:
    """A subject without anything of this shape."""
    return _TOKENS.sub("", subject).strip()
