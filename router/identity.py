"""Who a contact is from: person keys across channels and how much they are worth. Pure but for the tenant's key.

A key is an HMAC of the normalised number, address or party id, so that nothing in the journal names a person.
"""

import hashlib
import hmac
import unicodedata

import msgspec

from channels.inbound import InboundPerson
from channels.numbers import e164

VERIFIED_LOA = 3


class Identity(msgspec.Struct, frozen=True):
    """The keys a contact gives, the strongest first, and the strength of the identification."""

    keys: tuple[str, ...]
    strength: str

    @property
    def person(self) -> str:
        """The key that history is kept under, or ''."""
        return self.keys[0] if self.keys else ""


def normalise_email(text: str) -> str:
    """Lower case and NFC, or '' when it is no address."""
    address = unicodedata.normalize("NFC", text.strip()).lower()
    local, _, domain = address.rpartition("@")
    return address if local and domain and " " not in address else ""


class Identifier:
    """Makes person keys with the tenant's secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = hashlib.sha256(b"person-keys" + secret).digest()

    def key(self, kind: str, value: str) -> str:
        """`p`, the kind's letter and 24 hex digits."""
        mac = hmac.digest(self._secret, f"{kind}:{value}".encode("utf-8", "surrogatepass"), "sha256").hex()
        return f"p{kind[0]}{mac[:24]}"

    def identify(self, person: InboundPerson) -> Identity:
        """Keys and strength from what the channel gave; `shared` is found out later, from history."""
        if person.anonymous:
            return Identity((), "none")
        keys: list[str] = []
        if person.party_id:
            keys.append(self.key("party", unicodedata.normalize("NFC", person.party_id.strip())))
        if person.phone and (phone := e164(person.phone)):
            keys.append(self.key("number", phone))
        if person.email and (email := normalise_email(person.email)):
            keys.append(self.key("email", email))
        if not keys:
            return Identity((), "none")
        is_verified = bool(person.party_id) and person.loa >= VERIFIED_LOA
        return Identity(tuple(keys), "verified" if is_verified else "likely")
