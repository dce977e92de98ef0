"""Contacts from forms: what does not fit is told with the sender's own name for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.filling import Given, fill
from channels.inbound import Location
from router.errors import SchemaMismatch

WEB = {"channel": Given("web", "$")}


def test_what_is_empty_is_left_out() -> None:
    """Empty fields leave no trace, lines become one line, words keep theirs."""
    contact = fill(
        WEB
        | {
            "person.name": Given(" Kim\r\n  Exempel ", "namn"),
            "person.email": Given("", "epost"),
            "text": Given(" en\n två ", "beskrivning"),
            "location.lat": Given("59,2741", "lat"),
            "location.lon": Given("15.2134", "lon"),
        }
    )
    assert (contact.person.name, contact.person.email, contact.text) == ("Kim Exempel", "", "en\n två")
    assert contact.location == Location(59.2741, 15.2134)


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("person.email", "kim@example.se\nBcc: alla@example.se", "theirs"),
        ("person.email", "kim", "theirs"),
        ("person.name", "x" * 501, "theirs"),
        ("text", "x" * 262_145, "theirs"),
        ("topic", "x" * 61, "theirs"),
        ("severity", "P9", "theirs"),
        ("preferred_notice", "fax", "theirs"),
        ("person.loa", 5, "theirs"),
        ("location.lat", "59.2", "theirs"),
        ("location.lat", "nan", "theirs"),
        ("location.lat", "norr", "theirs"),
        ("location.lat", "1e999", "theirs"),
        ("fields.x", ["a"], "theirs"),
    ],
)
def test_what_does_not_fit_names_the_senders_field(path: str, value: object, field: str) -> None:
    """Too long, unknown, no number, half a place, a second header in an address: refused, by the sender's name."""
    with pytest.raises(SchemaMismatch) as told:
        fill(WEB | {path: Given(value, field)})
    assert told.value.field == field


@given(
    st.dictionaries(
        st.sampled_from(["text", "subject", "person.email", "person.phone", "location.lat", "location.lon", "topic"]),
        st.text(max_size=80).map(lambda text: Given(text, "theirs")),
    )
)
def test_any_text_fits_or_is_refused(given_: dict[str, Given]) -> None:
    """Whatever people write, a contact or a refusal that names a field of theirs."""
    try:
        named = "theirs" if fill(WEB | given_).channel == "web" else ""
    except SchemaMismatch as error:
        named = error.field
    assert named == "theirs"
