"""Person keys: the same person on several channels, never a name in a key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.inbound import InboundPerson
from channels.numbers import e164
from router.identity import Identifier, normalise_email

IDENTIFIER = Identifier(b"a tenant's key")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("070-174 06 05", "+46701740605"),
        ("+46 70 174 06 05", "+46701740605"),
        ("0046701740605", "+46701740605"),
        ("anonymous", ""),
        ("Restricted", ""),
        ("", ""),
        ("sip:nobody", ""),
        ("0", ""),
    ],
)
def test_a_number_is_normalised_or_nothing(text: str, number: str) -> None:
    """Every way of writing a number gives the same E.164 form, and hidden or impossible ones give none."""
    assert e164(text) == number


@pytest.mark.parametrize(
    ("text", "address"),
    [(" Kim@Example.SE ", "kim@example.se"), ("kim", ""), ("@example.se", ""), ("a b@example.se", ""), ("", "")],
)
def test_an_address_is_normalised_or_nothing(text: str, address: str) -> None:
    """Addresses differ only in what matters, and what is no address gives none."""
    assert normalise_email(text) == address


def test_the_same_person_has_the_same_key_on_two_channels() -> None:
    """A caller and a web form with one number share the person key, whichever way it was written."""
    by_phone = IDENTIFIER.identify(InboundPerson(phone="070-174 06 05"))
    by_web = IDENTIFIER.identify(InboundPerson(phone="+46701740605", email="kim@example.se"))

    assert by_phone.keys[0] in by_web.keys
    assert by_phone.strength == by_web.strength == "likely"


def test_a_party_with_enough_assurance_is_verified_and_comes_first() -> None:
    """A party id at level 3 is the strongest key; below it, it is a hint like any other."""
    verified = IDENTIFIER.identify(InboundPerson(party_id="p-1", phone="+46701740605", loa=3))
    hinted = IDENTIFIER.identify(InboundPerson(party_id="p-1", loa=2))

    assert verified.strength == "verified"
    assert hinted.strength == "likely"
    assert verified.person == hinted.person


def test_who_wants_to_be_anonymous_has_no_key() -> None:
    """Anonymity wins over whatever else the channel knows."""
    identity = IDENTIFIER.identify(InboundPerson(phone="+46701740605", anonymous=True))

    assert (identity.keys, identity.strength) == ((), "none")


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_no_text_breaks_it_and_no_key_shows_it(phone: str, email: str, party: str) -> None:
    """Whatever a channel sends as number, address or party, there is an identity and its keys are opaque."""
    identity = IDENTIFIER.identify(InboundPerson(phone=phone, email=email, party_id=party))

    assert all(len(key) == 26 and key[0] == "p" and key[1] in "npe" for key in identity.keys)
