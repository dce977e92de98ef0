"""`[channels.email]`: what can be set. Refuses what can't work before anything is opened."""

import ipaddress
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from channels.email.headers import normal_address
from channels.email.limits import MIB
from router.errors import ConfigurationError

Positive = Annotated[int, Meta(ge=1)]
Port = Annotated[int, Meta(ge=0, le=65535)]
Seconds = Annotated[float, Meta(gt=0)]
Transport = Literal["none", "starttls", "tls"]
Filed = Literal["contact", "refuse"]


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part that refuses keys it does not know."""


class Mailbox(_Section, frozen=True, forbid_unknown_fields=True):
    """One address that residents write to."""

    name: str = ""
    """What answers from it are called; the city's name when empty."""
    authority: Annotated[str, Meta(max_length=60)] = ""
    topic: Annotated[str, Meta(max_length=60)] = ""
    """Given when everything that arrives here is about the same; otherwise the words suggest one."""


class Listen(_Section, frozen=True, forbid_unknown_fields=True):
    """Where mail is delivered to us."""

    host: str = "127.0.0.1"
    port: Port = 2525
    is_lmtp: bool = False
    allow: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    """Networks of the mail servers that may deliver; nobody else gets a word in."""
    max_connections: Positive = 100
    timeout_s: Seconds = 120
    """For a command, and for the whole of one mail."""
    max_bytes: Positive = 25 * MIB
    memory_bytes: Positive = 200 * MIB
    """Of all mails under way together; whoever comes then is asked to come back."""
    certificate: str = ""
    key: str = ""
    requires_tls: bool = False


class Smarthost(_Section, frozen=True, forbid_unknown_fields=True):
    """Who takes our mail."""

    host: str
    port: Port = 25
    transport: Transport = "none"
    username: str = ""
    password: str = ""
    timeout_s: Seconds = 30
    connections: Positive = 4
    max_bytes: Positive = 25 * MIB
    """Of one mail with its files, as they travel; what the smarthost itself announces counts when it is less."""


class Poll(_Section, frozen=True, forbid_unknown_fields=True):
    """One mailbox fetched by IMAP."""

    mailbox: str
    """Address in `mailboxes` that it belongs to."""
    host: str
    username: str
    password: str
    port: Port = 993
    transport: Transport = "tls"
    folder: str = "INBOX"
    done: str = "Servicecenter"
    """Folder that a mail is moved to once it is kept here."""
    refused: str = "Servicecenter refused"
    poll_s: Annotated[float, Meta(gt=0, le=60)] = 30
    timeout_s: Seconds = 30


class Acknowledgement(_Section, frozen=True, forbid_unknown_fields=True):
    """The answer that says a mail has arrived."""

    is_on: bool = True
    hours_per_sender: Seconds = 24
    """No sender gets a second one sooner."""
    per_domain_and_hour: Positive = 20


class Automatic(_Section, frozen=True, forbid_unknown_fields=True):
    """What becomes of mail from machines that answers nothing of ours: a contact, or a refusal by name."""

    auto_reply: Filed = "contact"
    bounce: Filed = "contact"
    list: Filed = "contact"
    bulk: Filed = "contact"


class EmailSettings(_Section, frozen=True, forbid_unknown_fields=True):
    """Everything that can be set of the e-mail channel."""

    host_name: Annotated[str, Meta(pattern="^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")]
    """What we are called in greetings and message ids."""
    mailboxes: dict[str, Mailbox]
    """Address -> what it is. The order decides which one a mail to several of them belongs to."""
    listen: Listen | None = None
    smarthost: Smarthost | None = None
    imap: tuple[Poll, ...] = ()
    acknowledgement: Acknowledgement = Acknowledgement()
    automatic: Automatic = Automatic()
    authserv_id: str = ""
    """The only `Authentication-Results` that are believed: those of our own mail server."""
    keeps_plus_address: bool = True
    """Whether the mail server delivers `mailbox+anything@`; otherwise answers are recognised by their headers."""
    readers: Annotated[int, Meta(ge=1, le=64)] = 2
    """Processes that read mail, each one mail at a time."""


def checked(settings: EmailSettings) -> EmailSettings:
    """The settings, addresses in lower case.

    Raises:
        ConfigurationError: something in them can't work.
    """
    mailboxes: dict[str, Mailbox] = {}
    for address, mailbox in settings.mailboxes.items():
        normal = normal_address(address)
        if not normal or "+" in normal.partition("@")[0] or normal in mailboxes:
            raise ConfigurationError("an address, once, without +", field=f"$.channels.email.mailboxes.{address}")
        mailboxes[normal] = mailbox
    if not mailboxes:
        raise ConfigurationError("at least one", field="$.channels.email.mailboxes")
    if settings.listen is not None:
        _check_listen(settings.listen)
    for i, poll in enumerate(settings.imap):
        if normal_address(poll.mailbox) not in mailboxes:
            raise ConfigurationError("not in mailboxes", field=f"$.channels.email.imap[{i}].mailbox")
        if len({poll.folder, poll.done, poll.refused}) < len(("folder", "done", "refused")):
            raise ConfigurationError("three different folders", field=f"$.channels.email.imap[{i}].done")
    return msgspec.structs.replace(settings, mailboxes=mailboxes)


def _check_listen(listen: Listen) -> None:
    for i, network in enumerate(listen.allow):
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise ConfigurationError(str(error), field=f"$.channels.email.listen.allow[{i}]") from error
    if bool(listen.certificate) != bool(listen.key) or (listen.requires_tls and not listen.certificate):
        raise ConfigurationError("certificate and key go together", field="$.channels.email.listen.certificate")
    if listen.memory_bytes < listen.max_bytes:
        raise ConfigurationError("room for at least one mail", field="$.channels.email.listen.memory_bytes")
