"""STARTTLS at our door: offered when there is a certificate, demanded when the settings say so."""

import datetime as dt
import ssl
from pathlib import Path

import aiosmtplib
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from channels.email.settings import Listen
from router.errors import ConfigurationError
from tests.channels.email.postbox import BOX, RESIDENT, letter, opened, wired
from tests.manual_clock import MONDAY_MS

HOST = "localhost"


@pytest.fixture
def papers(tmp_path: Path) -> tuple[str, str]:
    """A certificate of the test's own and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    begin = dt.datetime.fromtimestamp(MONDAY_MS / 1000, dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin - dt.timedelta(days=1))
        .not_valid_after(begin + dt.timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate_path, key_path = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    key_path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return str(certificate_path), str(key_path)


async def test_a_mail_comes_encrypted(papers: tuple[str, str]) -> None:
    """A server that asks for encryption gets it, and its mail arrives."""
    listen = Listen(port=0, certificate=papers[0], key=papers[1])
    async with opened(listen) as box:
        trusted = ssl.create_default_context(cafile=papers[0])
        await aiosmtplib.send(letter(), hostname=HOST, port=box.port, start_tls=True, tls_context=trusted)
        assert len(box.inbox.contacts) == 1


async def test_nothing_is_taken_in_the_open_where_that_is_forbidden(papers: tuple[str, str]) -> None:
    """Where encryption is demanded, a mail without it is refused before anything is said."""
    listen = Listen(port=0, certificate=papers[0], key=papers[1], requires_tls=True)
    async with opened(listen) as box, wired(box.port) as wire:
        await wire.greeted()
        assert (await wire.ask(f"MAIL FROM:<{RESIDENT}>")).startswith("530")


async def test_nothing_said_before_the_handshake_counts_after_it(papers: tuple[str, str]) -> None:
    """Commands smuggled in before encryption begins are thrown away with it."""
    listen = Listen(port=0, certificate=papers[0], key=papers[1])
    async with opened(listen) as box, wired(box.port) as wire:
        await wire.greeted()
        await wire.say(f"STARTTLS\r\nMAIL FROM:<{RESIDENT}>\r\nRCPT TO:<{BOX}>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\n")
        assert (await wire.heard()).startswith("220")
        assert not box.inbox.contacts


async def test_a_certificate_that_is_not_there_is_told_at_once() -> None:
    """A wrong path stops the start, by its key."""
    with pytest.raises(ConfigurationError) as told:
        async with opened(Listen(port=0, certificate="/nowhere.pem", key="/nowhere.pem")):
            pass
    assert told.value.field == "$.channels.email.listen.certificate"
