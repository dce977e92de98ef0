"""Which language words are in: sure or silent, and never against somebody who knew."""

import pytest

from channels.languages import language_in, spoken

FINNISH = "Hei, olen saanut väärän laskun. Miten voin maksaa oikein?"
ENGLISH = "Hello, I have not had my bin emptied, when is the next round please?"
FORM = "Titel: Hej\n\nBeskrivning: {}\n\nLänk till ärendet: https://fixa.example.se/report/1\n\nSkickad via FixaMinGata"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (FINNISH, "fi"),
        (FINNISH.upper(), "fi"),
        (FORM.format(FINNISH), "fi"),
        (ENGLISH, "en"),
        ("Hej! När öppnar biblioteket?", ""),
        ("Hei", ""),
        ("Hei! Når åpner biblioteket?", ""),
        ("Min granne säger 'hei, minun nimeni on' när jag kommer hem, och det är inte roligt för mig.", ""),
        (FORM.format(ENGLISH), ""),
        ("", ""),
        ("\x00\ud800 " * 1000, ""),
    ],
)
def test_only_what_leaves_no_doubt_is_said(text: str, language: str) -> None:
    """Finnish also inside a form's Swedish frame, English alone; a greeting, Norwegian and noise are no proof."""
    assert language_in(text) == language


@pytest.mark.parametrize(
    ("told", "found"), [("", "fi"), ("sv", "fi"), ("en", "fi"), ("so", "so"), ("fi", "fi"), ("ar", "ar")]
)
def test_words_outweigh_the_page_but_not_a_person_who_knew(told: str, found: str) -> None:
    """A page in Swedish says nothing of who reads it; a language that no page of ours has was told by somebody."""
    assert spoken(FINNISH, told) == found
    assert spoken("Hej!", told) == told
