import random
from pathlib import Path

import pytest

from router.errors import UnknownQueue, UnknownSkill, UnknownUnit
from rules.calendars import local_ms
from rules.cases import case_facts, run_cases
from rules.check import check_city
from rules.city import City, load_city
from rules.decide import FactValue, decide, interpret
from rules.proof.hours import somebody_there
from rules.proof.moments import moments_of
from rules.strategy import WORDS
from tests.rules.spoiled_city import EXAMPLE, copy_city, spoil


@pytest.fixture(scope="module")
def city() -> City:
    """The example city."""
    return load_city(EXAMPLE)


def test_every_case_of_the_example_city_passes(city: City) -> None:
    """The worked examples beside the rules give what they state."""
    results = run_cases(city)

    assert len(results) >= 35
    assert [result for result in results if not result.ok] == []


def test_the_example_city_is_without_findings() -> None:
    """No error and no warning: hours covered, references alive, safety, law and default rules each with a case."""
    report = check_city(EXAMPLE)

    assert report.findings == ()
    assert report.ok
    assert (report.topics, report.city) == (75, "Ekeby stad")


def test_every_rule_has_a_case_that_hits_it_and_a_neighbour_that_does_not(city: City) -> None:
    """Each rule is named by a case that it speaks in, and by one beside it in which it must not."""
    cases = city.strategy.strategy.cases
    named = {rule for case in cases for rule in (*case.expect.hits, case.expect.stopped_by)}
    beside = {rule for case in cases for rule in case.expect.hits_not}
    ids = {rule.id for rule in city.strategy.rules}

    assert ids - named == set()
    assert ids - beside == set()


def test_all_rules_of_the_domain_are_written(city: City) -> None:
    """K01 to K50 but the two numbers left free: about contacts, about the floor, about handovers."""
    strategy = city.strategy.strategy
    ids = {rule.id[:3] for rule in (*strategy.rules, *strategy.floor_rules, *strategy.handover_rules)}
    free = {"K39"}

    assert {f"K{n:02d}" for n in range(1, 51)} - free - ids == set()
    assert all(rule.why and rule.title for rule in (*strategy.floor_rules, *strategy.handover_rules))


def test_safety_rules_of_the_domain_are_there(city: City) -> None:
    """All of tier A and B that facts exist for, the default tier, and a reason for every rule."""
    ids = {rule.id for rule in city.strategy.rules}

    assert {f"K0{n}" for n in range(1, 9)} <= ids
    assert {"K10", "K11", "K12", "K15", "K16", "K17", "K25", "K40", "K41", "K44", "K45", "K49", "K50"} <= ids
    assert all(rule.why and rule.title for rule in city.strategy.rules)


def test_the_year_has_no_hour_without_somebody_for_a_burst_main(city: City) -> None:
    """At every combination of opening hours of the year a dangerous leak reaches somebody who is there."""
    moments = moments_of(city)

    assert len(moments) >= 8
    for moment in moments:
        for medium in ("voice", "written"):
            decision = decide(city.strategy, {**moment.states, "topic": "VAT.LÄC", "severity": "P1", "medium": medium})

            assert somebody_there(city, decision, moment), (moment, medium)


def test_no_text_of_a_concern_reaches_an_ordinary_queue(city: City) -> None:
    """A written concern report is masked and leaves the servicecenter, whatever else is known about it."""
    for topic in ("SOC.ORB", "SOC.ORV", None):
        for channel, medium in (("email", "written"), ("web", "written"), ("chat", "messaging")):
            for protection in (None, "none", "marked"):
                decision = decide(
                    city.strategy,
                    {
                        "topic": topic,
                        "sensitive_detected": True,
                        "channel": channel,
                        "medium": medium,
                        "protection": protection,
                        "automatic": True,
                        "language": "fi",
                    },
                )

                assert (decision.kind, decision.unit) == ("hand_over", "socialtjanst_mottagning")
                assert decision.restricted
                assert decision.mask


def random_facts(rng: random.Random, city: City) -> dict[str, FactValue]:
    """Any facts, each of them missing now and then."""
    chosen: dict[str, FactValue] = {
        "point": rng.choice(sorted(WORDS["point"])),
        "channel": rng.choice(["phone", "email", "web", "chat", "social"]),
        "medium": rng.choice(sorted(WORDS["medium"])),
        "topic": rng.choice(city.topics.codes()),
        "topic_confidence": rng.randint(0, 100),
        "severity": rng.choice(sorted(WORDS["severity"])),
        "identity": rng.choice(sorted(WORDS["identity"])),
        "protection": rng.choice(sorted(WORDS["protection"])),
        "language": rng.choice(["sv", "fi", "en", "so"]),
        "loa": rng.randint(0, 4),
        "repeats_topic_7d": rng.randint(0, 3),
        "owner": rng.choice(["bostadsbolaget", "trafikverket", "gata"]),
        "similar_open": rng.randint(0, 2),
        "scan": rng.choice(["clean", "infected"]),
        "declined_channel": rng.choice(["sms", "email", "phone"]),
        "promise_kept": rng.random() < 0.5,
        "sensitive_detected": rng.random() < 0.2,
        "automatic": rng.random() < 0.2,
        "has_location": rng.random() < 0.5,
        "queue_wait_s": rng.choice([0, 400]),
    }
    at_ms = local_ms("2026-01-01 00:00") + rng.randrange(365 * 86_400_000)
    return {**city.calendar_facts(at_ms), **{fact: value for fact, value in chosen.items() if rng.random() < 0.7}}


def test_the_example_strategy_decides_as_it_is_written(city: City) -> None:
    """On random contacts the compiled strategy equals its plain reading, and names only what exists."""
    rng = random.Random(7)  # noqa: S311 (repeatable facts, no secret)
    for _ in range(400):
        facts = random_facts(rng, city)
        decision = decide(city.strategy, facts)

        assert decision == interpret(city.strategy.strategy, city.topics, facts, city.strategy.receivers)
        assert decision.queue in city.queues or decision.unit in city.units or decision.kind == "answer"
        assert decision.fallback in {*city.queues, *city.units, "112"}


def test_protected_people_are_masked_in_every_decision(city: City) -> None:
    """Whatever else is known, the content shows only for holders of the skill, and nothing is offered."""
    rng = random.Random(8)  # noqa: S311 (repeatable facts, no secret)
    for protection in ("marked", "protected_registration", "assumed_identity"):
        for _ in range(300):
            decision = decide(city.strategy, {**random_facts(rng, city), "protection": protection})

            assert decision.mask
            assert decision.restricted
            assert decision.require["skyddad_id"] >= 1
            assert decision.offers == ()


def realistic_contact(rng: random.Random, city: City) -> dict[str, FactValue]:
    """One contact of an ordinary weekday: most by phone without a topic, forms mostly about faults."""
    channel = rng.choices(["phone", "email", "web", "chat"], [66, 15, 14, 5])[0]
    faults = [topic.code for topic in city.topics.topics if "fault" in topic.flags]
    is_fault = channel == "web" and rng.random() < 0.85
    topic = rng.choice(faults) if is_fault else rng.choice(city.topics.codes())
    knows_topic = channel == "web" or (channel == "email" and rng.random() < 0.6)
    return {
        **city.calendar_facts(local_ms("2026-02-03 10:00")),
        "point": "received",
        "channel": channel,
        "medium": {"phone": "voice", "chat": "messaging"}.get(channel, "written"),
        "topic": topic if knows_topic else None,
        "topic_confidence": 100 if channel == "web" else 60,
        "has_location": channel == "web" and rng.random() < 0.9,
        "identity": rng.choice(["likely", "none"]),
    }


def test_a_realistic_mix_is_mostly_kept_and_partly_handed_over(city: City) -> None:
    """On a weekday between 10 and 25 in a hundred contacts are handed over by decision, the rest meet an agent."""
    rng = random.Random(9)  # noqa: S311 (repeatable facts, no secret)
    decisions = [decide(city.strategy, realistic_contact(rng, city)) for _ in range(3_000)]
    share = sum(decision.kind == "hand_over" for decision in decisions) / len(decisions)

    assert 0.10 <= share <= 0.25
    assert {decision.queue for decision in decisions} >= {"generalist", "barn", "omsorg", "gata", "bygg", "miljo"}


def test_a_city_is_asked_by_name(city: City) -> None:
    """Queues, units, skills and calendars are found by id, and an unknown id is its own error."""
    assert city.queue("gata").offer_timeout_s == {"voice": 20, "messaging": 60, "written": 300, "in_person": 60}
    assert city.queue("finska").target_for("voice") == 120
    assert city.queue("gata").target_for("written") == 32_400
    assert city.unit_calendar("va_jour").id == "va_jour"
    assert city.skill("skyddad_id").restricted
    with pytest.raises(UnknownQueue):
        _ = city.queue("gatan")
    with pytest.raises(UnknownUnit):
        _ = city.unit("gatan")
    with pytest.raises(UnknownSkill):
        _ = city.skill("gatan")


def test_the_agreement_closest_to_the_topic_holds_while_it_is_in_force(tmp_path: Path) -> None:
    """The topic's own agreement goes before the group's, only for its unit and only between its dates."""
    folder = copy_city(tmp_path)
    spoil(
        folder,
        "agreements.toml",
        'id = "bygglov"\n',
        'id = "lov"\ntopics = ["BYG.LOV"]\nunit = "bygglov"\naccept_s = 1\ncontact_s = 1\nfinish_s = 1\n'
        'valid_from = "2026-03-01"\nvalid_to = "2026-03-31"\n\n[[agreement]]\nid = "bygglov"\n',
    )
    city = load_city(folder)

    def named(topic: str, unit: str, at: str) -> str:
        agreement = city.agreement_for(topic, unit, local_ms(at))
        return agreement.id if agreement else ""

    assert named("BYG.LOV", "bygglov", "2026-03-31 23:00") == "lov"
    assert named("BYG.LOV", "bygglov", "2026-04-01 00:00") == "bygglov"
    assert named("BYG.TIL", "bygglov", "2026-03-10 00:00") == "bygglov"
    assert named("BYG.LOV", "gata", "2026-03-10 00:00") == ""


def test_calendar_states_are_facts(city: City) -> None:
    """On Friday 18:40 the servicecenter is closed and the duty on call is there."""
    states = city.calendar_states(local_ms("2026-02-06 18:40"))

    assert (states["servicecenter"], states["va_jour"], states["always"]) == ("closed", "open", "open")
    assert city.calendar_facts(local_ms("2026-02-06 18:40"))["calendar.va_jour"] == "open"


def test_a_queue_asks_for_its_own_skills_too(city: City) -> None:
    """What a contact needs is what the queue always needs and what the decision says, at the highest level."""
    case = next(c for c in city.strategy.strategy.cases if c.title == "Skyddad identitet ringer om bygglov")
    decision = decide(city.strategy, case_facts(city, case))

    assert city.requirement(decision) == {"bygg": 2, "skyddad_id": 1}


def test_the_hash_changes_with_any_file(tmp_path: Path, city: City) -> None:
    """The same folder has the same hash anywhere; one changed word is another hash."""
    folder = copy_city(tmp_path)
    assert load_city(folder).hash == city.hash

    spoil(folder, "queues.toml", "Allmänt", "Allt")
    changed = load_city(folder)

    assert changed.hash != city.hash
    assert changed.strategy.hash == city.strategy.hash
