"""The settings of the channel: what can't work is refused before anything is opened, by the key it stands under."""

from pathlib import Path
from typing import Any

import pytest

from channels.adapters import settings_of
from channels.email.settings import EmailSettings, checked
from channels.email.words import say
from router.errors import ConfigurationError

RIGHT: dict[str, Any] = {"host_name": "mail.example.se", "mailboxes": {"Kontakt@Example.SE": {}}}


def read(**changes: object) -> EmailSettings:
    """As the configuration reads and the channel checks them."""
    _, settings = settings_of("email", RIGHT | changes)
    assert isinstance(settings, EmailSettings)
    return checked(settings)


def test_addresses_are_compared_in_lower_case() -> None:
    """A mailbox is the same however it is written."""
    assert list(read().mailboxes) == ["kontakt@example.se"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"host_name": "a b"}, "$.channels.email.host_name"),
        ({"mailboxes": {}}, "$.channels.email.mailboxes"),
        ({"mailboxes": {"kontakt": {}}}, "$.channels.email.mailboxes.kontakt"),
        ({"mailboxes": {"a+b@example.se": {}}}, "$.channels.email.mailboxes.a+b@example.se"),
        ({"mailboxes": {"a@example.se": {}, "A@example.se": {}}}, "$.channels.email.mailboxes.A@example.se"),
        ({"mailbox": {}}, "$.channels.email"),
        ({"listen": {"allow": ["everybody"]}}, "$.channels.email.listen.allow[0]"),
        ({"listen": {"certificate": "x.pem"}}, "$.channels.email.listen.certificate"),
        ({"listen": {"requires_tls": True}}, "$.channels.email.listen.certificate"),
        ({"listen": {"memory_bytes": 1000}}, "$.channels.email.listen.memory_bytes"),
        ({"smarthost": {}}, "$.channels.email.smarthost"),
        ({"scanner": {"clamd": "x:1", "command": ["x"]}}, "$.channels.email.scanner"),
        (
            {"imap": [{"mailbox": "b@example.se", "host": "x", "username": "x", "password": "x"}]},
            "$.channels.email.imap[0].mailbox",
        ),
        (
            {
                "imap": [
                    {"mailbox": "kontakt@example.se", "host": "x", "username": "x", "password": "x", "done": "INBOX"}
                ]
            },
            "$.channels.email.imap[0].done",
        ),
    ],
)
def test_what_cannot_work_is_refused_by_its_key(changes: dict[str, object], field: str) -> None:
    """Every wrong setting names itself."""
    with pytest.raises(ConfigurationError) as told:
        read(**changes)
    assert told.value.field == field


def test_both_catalogues_say_the_same() -> None:
    """Every sentence exists in Swedish and English, with the same arguments."""
    folder = Path(__file__).parents[3] / "channels/email/words"
    keys = {
        lang: [
            line.partition(" = ")[0]
            for line in (folder / f"{lang}.ftl").read_text("utf-8").splitlines()
            if " = " in line
        ]
        for lang in ("sv", "en")
    }
    assert keys["sv"] == keys["en"]
    for key in keys["sv"]:
        values = {"number": "c01", "hours": 2, "days": 3, "city": "Ekeby"}
        assert say("sv", key, **values) != say("en", key, **values)
