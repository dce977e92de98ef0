"""Explanations over REST: in the reader's language, by the version that decided, and no more than the page showed."""

import msgspec
import pytest

from router.http.explaining import Explainer, accepted
from router.pairing import Chosen
from router.records import DecisionRecord
from router.register.documents import DecisionDocument, OfferDocument, WhyDocument
from rules.decide import FactValue, decide
from rules.words import LANGS
from rules.words.telling import Told, as_text
from tests.http.service_client import ServiceClient
from tests.rules.word_families import city

COMPILED = city().strategy
AT_HAND = {COMPILED.hash: COMPILED}.get
FACTS: dict[str, FactValue] = {"channel": "phone", "medium": "voice", "topic": "BYG.LOV", "protection": "none"}


def document(at: int, facts: dict[str, FactValue], generation: int = 1) -> DecisionDocument:
    """A decision as the register has it."""
    record = DecisionRecord(decide(COMPILED, facts), facts)
    return DecisionDocument(generation, generation, at, "receive_contact", msgspec.Raw(msgspec.json.encode(record)))


def offer(agent: str, issued_at: int, chosen: bytes) -> OfferDocument:
    """An offer as the register has it."""
    return OfferDocument(
        id=f"c1.o{issued_at}",
        agent=agent,
        state="expired",
        medium="voice",
        queue="bygg",
        issued_at=issued_at,
        expires_at=issued_at + 20_000,
        ended_at=None,
        reason="",
        chosen=msgspec.Raw(chosen),
    )


def text_of(told: Told | None) -> str:
    """All its sentences."""
    assert told is not None
    return as_text(told)


async def test_the_language_is_the_readers(service: ServiceClient) -> None:
    """`?lang` comes first, then Accept-Language, then Swedish; another language in `?lang` is refused by name."""
    contact = await service.receive("phone", topic="BYG.LOV")
    path = f"/v1/contacts/{contact}/decision"
    token = service.token("supervisor")
    titles: list[str] = []
    for query, header in (("", ""), ("?lang=en", "sv"), ("", "de, en-GB;q=0.8, sv;q=0.5"), ("?lang=sv", "en")):
        answer = await service.call("GET", path + query, token=token, headers={"Accept-Language": header})
        titles.append(answer.body["decisions"][0]["explanation"]["title"])
    sv, en = "Varför kontakten gick dit den gick", "Why the contact went where it went"
    assert titles == [sv, en, en, sv]
    for wrong in ("de", "", "SV", "sv%00"):
        refused = await service.call("GET", f"{path}?lang={wrong}", token=token)
        assert refused.status in {400, 422}, refused
    refused = await service.call("GET", f"{path}?lang=de", token=token)
    assert (refused.slug, refused.body["field"]) == ("schema-mismatch", "?lang")


async def test_a_contact_is_explained_at_once_and_later(service: ServiceClient) -> None:
    """From the store as soon as it is taken in, and then from the register: with rule, reason and sections."""
    contact = await service.receive("phone", topic="BYG.LOV")
    await service.state(contact, "queued")
    body = (await service.get(f"/v1/contacts/{contact}/decision?lang=en")).body
    explanation = body["decisions"][-1]["explanation"]
    sections = {part["id"]: part for part in explanation["sections"]}
    assert list(sections) == ["decision", "known", "rules", "unknown", "changes", "people"]
    assert "(K29)" in " ".join(sections["decision"]["sentences"])
    assert "K29" in [part["id"] for part in sections["rules"]["parts"]]
    assert body["decisions"][-1]["decision"]["facts"]["topic"] == "BYG.LOV"


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("", "sv"),
        ("en", "en"),
        ("EN-us,sv;q=0.9", "en"),
        ("sv;q=0.2, en;q=0.9", "en"),
        ("de, fr", "sv"),
        ("en;q=0", "sv"),
        ("en;q=x, sv;q=0.1", "sv"),
        (";;;,,=", "sv"),
        ("*", "sv"),
        ("en;q=" + "9" * 5_000, "en"),
    ],
)
def test_accepted_languages(header: str, lang: str) -> None:
    """The most wanted language of ours, whatever else a client sends."""
    assert accepted(header) == lang


def test_another_version_is_never_guessed() -> None:
    """A hash that is not at hand is said to be gone; one that can be loaded is read by that very version."""
    why = WhyDocument("c1", [document(1_000, FACTS)], [])
    asked: list[str] = []

    def nothing(strategy_hash: str) -> None:
        asked.append(strategy_hash)

    for lang in LANGS:
        (gone,) = Explainer(city(), nothing).explained(why, lang).decisions
        (there,) = Explainer(city(), AT_HAND).explained(why, lang).decisions
        assert [part.id for part in gone.explanation.sections] == ["decision", "known", "people"]  # pyright: ignore[reportOptionalMemberAccess]
        assert COMPILED.hash in text_of(gone.explanation)
        assert "(K29)" in text_of(there.explanation)
    assert asked == [COMPILED.hash] * len(LANGS)


def test_each_generation_has_its_own_offers() -> None:
    """An offer is told with the decision that stood when it was made, its losers by reason."""
    chosen = msgspec.json.encode(Chosen("xerxes", "thrift", 5, 7_000, {"busy": 2}))
    odd = b'{"losers":{"a":"b"}}'
    why = WhyDocument(
        "c1",
        [document(1_000, FACTS), document(5_000, {**FACTS, "language": "fi"}, 2)],
        [
            offer("xerxes", 2_000, chosen),
            offer("beate", 6_000, b"null"),
            offer("doris", 7_000, odd),
        ],
    )
    first, second = (text_of(each.explanation) for each in Explainer(city(), AT_HAND).explained(why, "sv").decisions)
    assert "xerxes" in first
    assert "beate" not in first
    assert "2 var upptagna" in first
    assert "beate" in second
    assert "doris" in second
    assert "xerxes" not in second


def test_a_record_that_cannot_be_read_has_no_explanation() -> None:
    """The page still shows what there is."""
    broken = DecisionDocument(1, 1, 1_000, "receive_contact", msgspec.Raw(b'{"decision":"?"}'))
    (shown,) = Explainer(city(), AT_HAND).explained(WhyDocument("c1", [broken], []), "sv").decisions
    assert shown.explanation is None
    assert bytes(shown.decision) == b'{"decision":"?"}'


def test_a_protected_contact_shows_no_more_than_its_facts() -> None:
    """Without its explanation the page had facts, rules and agents' ids; every foreign word is one of those."""
    canary = "kanariefågel"
    facts: dict[str, FactValue] = {**FACTS, "protection": "marked", "language": canary, "authority": canary}
    why = WhyDocument("c1", [document(1_000, facts)], [])
    clean = WhyDocument("c1", [document(1_000, {**facts, "language": "xx", "authority": "yy"})], [])
    for lang in LANGS:
        (told,) = Explainer(city(), AT_HAND).explained(why, lang).decisions
        (other,) = Explainer(city(), AT_HAND).explained(clean, lang).decisions
        assert canary in text_of(told.explanation)
        without = text_of(told.explanation).replace(canary, "")
        assert without == text_of(other.explanation).replace("xx", "").replace("yy", "")
