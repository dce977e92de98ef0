"""The settings of the channel: what can't work is refused before anything is opened, by the key it stands under."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from channels.adapters import settings_of
from channels.email.settings import (
    Acknowledgement,
    Automatic,
    EmailSettings,
    Listen,
    Poll,
    Smarthost,
    checked,
)
from channels.email.smtp import REFUSALS
from channels.email.words import say
from router.errors import ConfigurationError

ROOT = Path(__file__).parents[3]
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
    folder = ROOT / "channels/email/words"
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


def test_the_page_for_operators_shows_what_can_be_set() -> None:
    """The example of the page is read, names every setting there is, and the service's own defaults."""
    page = (ROOT / "docs/channels/email.md").read_text("utf-8")
    section = tomllib.loads(page.partition("```toml\n")[2].partition("```")[0])["channels"]["email"]
    shown = read(**section)
    assert shown.smarthost is not None
    assert shown.listen == Listen()
    for part, kind in ((section, EmailSettings), (section["listen"], Listen), (section["smarthost"], Smarthost),
                       (section["imap"][0], Poll)):  # fmt: skip
        assert set(part) == set(kind.__struct_fields__)
    assert shown.acknowledgement == Acknowledgement()
    assert shown.automatic == Automatic()
    for slug in REFUSALS:
        assert f"`{slug}`" in page
