"""Explanations as people read them: whole sentences in both languages, whatever was known."""

import re
from random import Random

import msgspec
import pytest

from rules.calendars import local_ms
from rules.cases import case_facts
from rules.compile import compile_strategy
from rules.decide import decide
from rules.explain import Explanation, OfferSeen, explain, explain_without
from rules.strategy import Case, Outcome, Rule, Strategy
from rules.words import LANGS, Lang
from rules.words.telling import BY_PEOPLE, Told, as_text, tell
from tests.rules.random_facts import any_facts, seeded
from tests.rules.word_families import chosen_reasons, city, loser_reasons, revoke_reasons

COMPILED = city().strategy
SCENES = COMPILED.strategy.cases[:10]
"""The five scenes that everybody in the house knows, some at several hours or by several channels."""
AT_MS = local_ms("2026-02-06 18:40")
CODE = re.compile(r"[a-z]+_[a-z_]+|\{|\}|\?\?\?|\bNone\b|\bTrue\b|\bFalse\b")
"""What no reader should meet: words of code, holes in sentences."""
SENTENCE = re.compile(r"[A-ZÅÄÖ0-9”“\"].*[.?!]$", re.DOTALL)


def of_case(case: Case) -> Explanation:
    """The explanation of a case at its time."""
    facts = case_facts(city(), case)
    return explain(COMPILED, facts, at_ms=local_ms(case.at) if case.at else None)


def sentences(told: Told) -> list[str]:
    """Every sentence of an explanation."""
    parts = [part for section in told.sections for part in section.parts]
    return [each for section in (*told.sections, *parts) for each in section.sentences]


def section(told: Told, name: str) -> str:
    """The sentences of one section."""
    return " ".join(next(part.sentences for part in told.sections if part.id == name))


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("case", COMPILED.strategy.cases, ids=lambda case: case.title)
def test_every_case_reads_as_sentences(case: Case, lang: Lang) -> None:
    """Each sentence begins with a capital and ends with a stop, and no word of code is among them."""
    told = tell(of_case(case), city(), lang)
    for each in sentences(told):
        assert SENTENCE.match(each), each
        assert not CODE.search(each), each
    assert all(part.sentences or part.parts for part in told.sections)


@pytest.mark.parametrize("case", SCENES, ids=lambda case: case.title)
def test_a_scene_is_told_in_lines_that_can_be_read(case: Case) -> None:
    """No sentence of the scenes is longer than a reader's breath, in either language."""
    for lang in LANGS:
        assert max(len(each) for each in sentences(tell(of_case(case), city(), lang))) <= 320


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("seed", range(60))
def test_no_word_is_missing_whatever_was_known(seed: int, lang: Lang) -> None:
    """Facts of every kind, odd ones too: the explanation is whole, and holds every rule that hit."""
    random = seeded(seed)
    explanation = explain(COMPILED, any_facts(random), at_ms=AT_MS, offers=any_offers(random))
    told = tell(explanation, city(), lang)
    text = as_text(told)
    assert all(f"({rule})" in text for rule in explanation.decision.trace.hits)
    assert [part.id for part in told.sections] == ["decision", "known", "rules", "unknown", "changes", "people"]
    assert "people" not in [part.id for part in tell(explain(COMPILED, explanation.facts), city(), lang).sections]
    assert not CODE.search(re.sub(r"[”“].*?”", "", text).replace("socialnamnden", "")), text


def any_offers(random: Random) -> list[OfferSeen]:
    """Offers with every state, reason and loser that there can be."""
    return [
        OfferSeen(
            agent="anna",
            state=random.choice(["issued", "accepted", "declined", "expired", "revoked", "failed_setup"]),
            reason=random.choice([*sorted(revoke_reasons()), "", "vill inte"]),
            issued_at=AT_MS + number * 1_000,
            chosen_by=random.choice([*sorted(chosen_reasons()), ""]),
            waited_ms=random.choice([0, 400, 90_000, 5_000_000]),
            losers={why: random.randrange(4) for why in sorted(loser_reasons())},
        )
        for number in range(random.randrange(3))
    ]


def test_why_nobody_else_took_it() -> None:
    """Counts and reasons in words: who was busy, what was missing at which level, who had just declined."""
    case = next(case for case in COMPILED.strategy.cases if case.title == "Finsktalande ringer")
    offer = OfferSeen(
        agent="aino",
        state="accepted",
        issued_at=AT_MS,
        chosen_by="longest_idle",
        waited_ms=12_000,
        losers={"busy": 3, "skill": 1, "declined": 1},
    )
    explanation = explain(COMPILED, case_facts(city(), case), offers=[offer])
    assert section(tell(explanation, city(), "sv"), "people") == (
        "Fredag 6 februari 2026 kl. 18.40 erbjöds den aino, som hade varit ledig längst. "
        "Den hade då väntat 12 sekunder. Den togs av aino. "
        "De andra i tjänst: 3 var upptagna, 1 hade nyss tackat nej och "
        "1 saknade kompetensen Finska (lägst nivå 3)."
    )


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("reason", BY_PEOPLE)
def test_where_people_stood_above_the_rules_it_is_said(reason: str, lang: Lang) -> None:
    """A returned or taken contact is not laid to a rule that would have sent it elsewhere."""
    facts = case_facts(city(), SCENES[0])
    ruled = decide(COMPILED, facts)
    held = msgspec.structs.replace(ruled, kind="queue", queue="generalist", unit="", reason=reason, mask=True)
    explanation = explain(COMPILED, facts, decided=held)
    said = section(tell(explanation, city(), lang), "decision")
    assert "K07" not in said
    assert ("VA-jouren" if lang == "sv" else "Water on call") in said
    assert ("skydd" if lang == "sv" else "protect") in said


@pytest.mark.parametrize("lang", LANGS)
def test_a_version_that_is_gone_is_admitted(lang: Lang) -> None:
    """It says so in plain words, tells what was written down, and reads no rule of another version."""
    told = tell(explain_without(decide(COMPILED, {}), {"topic": "OLD.CODE"}, offers=[]), city(), lang)
    assert [part.id for part in told.sections] == ["decision", "known", "people"]
    assert COMPILED.hash in section(told, "decision")
    assert "K49" in section(told, "decision")
    assert "OLD.CODE" in section(told, "known")


def test_each_language_has_its_own_title_and_reason() -> None:
    """English readers meet the English title and reason of a rule that has them, and the Swedish ones of another."""
    own = Rule("R1", "E", Outcome(offers=("callback",)), "Titel", why="Skäl.", title_en="Title", why_en="Reason.")
    swedish = Rule("R2", "E", Outcome(offers=("callback",)), "Bara svenska", why="Ett skäl.")
    compiled = compile_strategy(Strategy(COMPILED.strategy.meta, (own, swedish)), city().topics)
    told = {lang: as_text(tell(explain(compiled, {}), city(), lang)) for lang in LANGS}
    assert [("Title (R1)" in told[lang], "Reason." in told[lang]) for lang in LANGS] == [(False, False), (True, True)]
    assert [("Titel (R1)" in told[lang], "Skäl." in told[lang]) for lang in LANGS] == [(True, True), (False, False)]
    assert all("Bara svenska (R2)" in text and "Ett skäl." in text for text in told.values())


def test_every_rule_of_the_city_says_why_in_both_languages() -> None:
    """A title and a reason that is a sentence, for each rule, in Swedish and in English."""
    for rule in COMPILED.rules:
        assert rule.title
        assert rule.title_en
        for why in (rule.why, rule.why_en):
            assert SENTENCE.match(why), rule.id
            assert len(why.split()) > 4, rule.id


def test_what_reads_alike_is_said_once() -> None:
    """A checklist is not advised as well, notices that go the same way stand together, and the same way is said so."""
    facts = {"medium": "voice", "channel": "phone", "topic": "BYG.LOV"}
    permit = as_text(tell(explain(COMPILED, facts), city(), "sv"))
    assert "Medarbetaren följer checklistan för bygglov." in permit
    assert "använd checklistan" not in permit
    assert "Den visade samma väg som K29." in permit
    leak = as_text(tell(of_case(SCENES[0]), city(), "sv"))
    assert "Personen får en bekräftelse och besked när det är klart (med sms)." in leak


def test_a_rule_without_title_and_why_is_told_by_its_id() -> None:
    """A strategy need not be well written to be explained."""
    rule = Rule(id="R1", tier="E", then=Outcome(queue="no_such_queue", suggestions=("dance:tango", "ask:weather")))
    strategy = Strategy(COMPILED.strategy.meta, (rule,))
    told = tell(explain(compile_strategy(strategy, city().topics), {}), city(), "sv")
    assert "Det bestämde R1." in section(told, "decision")
    assert "”dance:tango”" in as_text(told)
