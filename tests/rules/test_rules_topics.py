import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.city import load_city
from rules.topics import Signals, Topic, TopicBook
from tests.rules.spoiled_city import EXAMPLE

DATA = Path(__file__).parents[3] / "shared/data"
BOOK = load_city(EXAMPLE).topics


def rows(name: str) -> Iterator[dict[str, str]]:
    """Rows of a recorded data set, or a skip."""
    path = DATA / name
    if not path.exists():
        pytest.skip("../shared/data is not here")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Det läcker vatten på gatan utanför oss", "VAT.LÄC"),
        ("Gatlampan utanför mitt hus är trasig", "GAT.BEL"),
        ("Hej, när blir FÖRSKOLEPLATSEN klar?", "BAR.FSK"),
        ("Soporna är inte tömda på två veckor", "AVF.HÄM"),
        ("Jag vill begära ut allmänna handlingar", "DEM.ALH"),
        ("Hur söker jag bygglov för en altan?", "BYG.LOV"),
        ("I want to report a pothole on Main street", "GAT.HÅL"),
        ("Street Light Outages", "GAT.BEL"),
        ("Jag hittar inte mitt lånekort till biblioteket", "KUF.BIB"),
    ],
)
def test_plain_words_name_their_topic(text: str, code: str) -> None:
    """Swedish stems in any case, and English words, suggest the topic."""
    suggestion = BOOK.suggest(text)

    assert suggestion.code == code
    assert suggestion.confidence >= BOOK.threshold
    assert suggestion.candidates[0] == (code, suggestion.confidence)


@pytest.mark.parametrize("text", ["", "Hej", "asdf", "   ", "12345", "Hejsan, kan ni ringa mig?", "\u0000\ud7ff\u202e"])
def test_unsure_is_no_topic(text: str) -> None:
    """A text that says nothing suggests nothing."""
    suggestion = BOOK.suggest(text)

    assert suggestion.code is None
    assert suggestion.confidence < BOOK.threshold


def test_a_word_of_two_topics_decides_neither() -> None:
    """Two topics with equal words share the confidence and stay below the threshold."""
    suggestion = BOOK.suggest("Bygglov eller bibliotek")

    assert suggestion.code is None
    assert {code for code, _ in suggestion.candidates} == {"BYG.LOV", "KUF.BIB"}


def test_secret_topics_are_proposed_and_never_decided() -> None:
    """However many words point at it, a secret topic is only a candidate."""
    for text, code in (
        ("Ansökan om hemtjänst och äldreomsorg", "OMS.HTJ"),
        ("ekonomiskt bistånd försörjningsstöd", "SOC.EKB"),
        ("Mitt barn har blivit mobbad och utsatt för kränkning", "BAR.KRK"),
    ):
        suggestion = BOOK.suggest(text)

        assert suggestion.code is None
        assert suggestion.candidates[0][0] == code
        assert suggestion.candidates[0][1] > BOOK.threshold


@pytest.mark.parametrize(
    "text",
    [
        "Jag vill göra en orosanmälan om grannens barn",
        "Jag är orolig för ett barn i min trappuppgång, det är hål i gatan också",
        "Han slår sina barn",
        "I think it is child abuse",
        "Min man slår mig",
        "våld i nära relation",
    ],
)
def test_a_concern_is_protected_and_names_no_topic(text: str) -> None:
    """Words of a concern report make the text sensitive, whatever else it is about."""
    suggestion = BOOK.suggest(text)

    assert suggestion.sensitive
    assert suggestion.code is None


def test_ordinary_texts_are_not_sensitive() -> None:
    """Protection is for concern reports, not for everything about children."""
    for text in ("Mitt barn behöver förskoleplats", "Skolskjuts till barnens skola", "Oroliga grannar om buller"):
        assert not BOOK.suggest(text).sensitive, text


def test_danger_suggests_a_severity() -> None:
    """Words of danger to life go before words of urgency; neither needs a topic."""
    assert BOOK.suggest("Min granne är medvetslös").severity == "life"
    assert BOOK.suggest("Det luktar, gasläcka, och han är medvetslös").severity == "life"
    assert BOOK.suggest("Ett brunnslock saknas på cykelvägen").severity == "P1"
    assert BOOK.suggest("Gatlampan är trasig").severity is None


def test_stems_whole_words_and_phrases() -> None:
    """A stem begins a word, `$` ends it, words in one entry follow each other, short stems are whole words."""
    topics = (
        Topic("A.A", "a", "a", "u", words=("gatlamp", "hål$", "street light", "snö")),
        Topic("B.B", "b", "b", "u", words=("tv-avgift",)),
    )
    book = TopicBook(topics, Signals(), 0.5)

    for text in ("Gatlampan", "ett hål!", "STREET LIGHTS", "snö"):
        assert book.suggest(text).code == "A.A", text
    for text in ("hålla", "light street", "street and light", "snöig", "street", "nattgatlampa"):
        assert book.suggest(text).code is None, text
    assert book.suggest("TV-avgiften").code == "B.B"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=3_000))
def test_any_text_gets_an_answer(text: str) -> None:
    """Any text at all gives a suggestion that is consistent with itself, the same each time."""
    suggestion = BOOK.suggest(text)

    assert 0 <= suggestion.confidence <= 1
    assert suggestion.code is None or suggestion.confidence >= BOOK.threshold
    assert suggestion == BOOK.suggest(text)


@pytest.mark.parametrize("name", ["intents/clinc150.csv.gz", "intents/banking77.csv.gz"])
def test_questions_of_other_trades_are_left_alone(name: str) -> None:
    """Of thousands of questions to banks and assistants at most one in a hundred gets a municipal topic."""
    texts = [row["text"] for row in rows(name)]
    named = sum(BOOK.suggest(text).code is not None for text in texts)

    assert len(texts) > 5_000
    assert named / len(texts) < 0.01


def test_requests_of_a_real_city_get_topics() -> None:
    """Most request types of a year of another city's 311 line, weighted by how often they came, get a topic."""
    types = Counter(row["TYPE"] for row in rows("municipal_311/boston_311_2015.csv.gz"))
    named = sum(count for kind, count in types.items() if BOOK.suggest(kind).code)

    assert sum(types.values()) > 50_000
    assert named / sum(types.values()) > 0.8
