"""The made-up traffic: the same for the same seed, mixed as the figures say, and never a real person."""

import itertools
import re
from collections import Counter

import pytest

from router.config import example_city
from router.demo import calibration
from router.demo.city_time import moment
from router.demo.crew import crew
from router.demo.demand import BY_CODE, DEMANDS, topic_in
from router.demo.traffic import LEAK_BEGINS_S, LEAK_LASTS_S, NUMBERS, Arrival, Traffic
from rules.city import City, load_city

PER_S = calibration.mean_per_s(1)


@pytest.fixture(scope="module")
def city() -> City:
    """The example city."""
    return load_city(example_city())


@pytest.fixture(scope="module")
def arrivals() -> list[Arrival]:
    """Twenty thousand contacts: some weeks of the city."""
    return list(itertools.islice(Traffic(7, PER_S), 20_000))


def test_the_same_seed_makes_the_same_contacts() -> None:
    """Two shows with one seed have the same residents, another seed has others."""
    first, again, other = (list(itertools.islice(Traffic(seed, PER_S), 300)) for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_channels_come_in_their_shares(arrivals: list[Arrival]) -> None:
    """Every channel's share is the planned one within a percentage point, but for calls when the main bursts."""
    counts = Counter(arrival.inbound.channel for arrival in arrivals)
    for channel, share in calibration.CHANNEL_MIX.items():
        assert counts[channel] / len(arrivals) == pytest.approx(share, abs=0.012)


def test_shares_add_up() -> None:
    """The channel mix is whole, and fault reports are the largest group of topics."""
    assert sum(calibration.CHANNEL_MIX.values()) == pytest.approx(1)
    groups: Counter[str] = Counter()
    for demand in DEMANDS:
        groups["fault" if demand.is_fault else demand.code[:3]] += demand.share
    assert groups.most_common(1)[0][0] == "fault"


def test_a_year_brings_the_planned_number(arrivals: list[Arrival]) -> None:
    """Arrivals in opening hours come at the city's own rate, give or take the burst main."""
    received = [arrival for arrival in arrivals if not arrival.is_observed]
    year_s = calibration.OPEN_S * calibration.WORKING_DAYS
    assert len(received) / received[-1].at_s * year_s == pytest.approx(calibration.CONTACTS_PER_YEAR, rel=0.05)


def test_the_forenoon_is_busier_than_the_late_afternoon(arrivals: list[Arrival]) -> None:
    """The hour from ten brings more than the hour from four, as recorded."""
    hours = Counter(moment(arrival.at_s).of_day_s // 3600 for arrival in arrivals)
    assert hours[10] > 1.5 * hours[16]


def test_arrivals_are_in_order(arrivals: list[Arrival]) -> None:
    """Nobody comes before who came earlier, and numbers never repeat."""
    assert all(a.at_s <= b.at_s for a, b in itertools.pairwise(arrivals))
    assert len({arrival.number for arrival in arrivals}) == len(arrivals)


def test_nobody_is_real(arrivals: list[Arrival]) -> None:
    """Every number is from the series kept for fiction, every address ends in example.se, nobody has a name."""
    for arrival in arrivals:
        person = arrival.inbound.person
        assert not person.name
        assert not person.phone or person.phone in NUMBERS
        assert not person.email or re.fullmatch(r"[a-z0-9]+@example\.se", person.email)
    assert NUMBERS[0] == "+46701740605"
    assert NUMBERS[-1] == "+46701740699"


def test_everybody_rare_comes_early() -> None:
    """A Finnish speaker, a protected person and a concern come in the first minutes of the city, for every seed."""
    for seed in range(5):
        early = list(itertools.takewhile(lambda arrival: arrival.at_s < 240, Traffic(seed, PER_S)))
        assert any(arrival.inbound.person.language == "fi" for arrival in early)
        assert any(arrival.inbound.person.protection != "none" for arrival in early)
        assert any("orolig" in arrival.inbound.text for arrival in early)


def test_the_main_bursts_on_friday(arrivals: list[Arrival]) -> None:
    """During the leak water is a good part of all contacts; afterwards it is little again."""

    def water(begin_s: float, end_s: float) -> float:
        inside = [topic_in(each.inbound.text) for each in arrivals if begin_s <= each.at_s < end_s]
        return sum(topic == "VAT.LÄC" for topic in inside) / len(inside)

    end_s = LEAK_BEGINS_S + LEAK_LASTS_S
    assert moment(LEAK_BEGINS_S).name.startswith("Friday")
    assert water(LEAK_BEGINS_S, end_s) > 0.15
    assert water(end_s + 3_600, end_s + 90_000) < 0.05


def test_live_contacts_have_patience_and_written_ones_none(arrivals: list[Arrival]) -> None:
    """Who rings, chats or stands at the desk leaves in the end; a letter waits. Mean patience is the recorded one."""
    for arrival in arrivals:
        assert (arrival.patience_s is None) == (arrival.inbound.channel in {"email", "letter", "web", "app"})
    calls = [each.patience_s for each in arrivals if each.inbound.channel == "phone" and each.patience_s is not None]
    assert sum(calls) / len(calls) == pytest.approx(calibration.PATIENCE_MEAN_S, rel=0.05)


def test_talk_lasts_as_planned(arrivals: list[Arrival]) -> None:
    """Calls have the planned mean and the recorded spread: the median is well below the mean."""
    talks = sorted(each.handling_s for each in arrivals if each.inbound.channel == "phone")
    assert sum(talks) / len(talks) == pytest.approx(210, rel=0.05)
    assert talks[len(talks) // 2] == pytest.approx(137, rel=0.06)


def test_topics_are_the_citys(city: City) -> None:
    """Every topic that residents bring is in the city's topics file, and its words lead a guide to it."""
    for demand in DEMANDS:
        assert city.topics.get(demand.code) is not None
        assert all(topic_in(words) == demand.code for words in demand.words)


def test_words_of_fault_reports_suggest_their_topic(city: City) -> None:
    """A fault report by its words alone gets the right topic from the city's own suggestion."""
    for demand in BY_CODE.values():
        if demand.is_fault:
            assert [city.topics.suggest(words).code for words in demand.words] == [demand.code] * len(demand.words)


@pytest.mark.parametrize("size", [1, 3, 10, 16, 60])
def test_every_skill_has_somebody(city: City, size: int) -> None:
    """However small the crew, each of the city's skills is on some desk, and capacity names only known channels."""
    profiles = crew(size, list(city.skills), 1)
    assert len({profile.agent_id for profile in profiles}) == size
    assert {skill for profile in profiles for skill in profile.skills} == set(city.skills)
    assert all(1 <= level <= 5 for profile in profiles for level in profile.skills.values())


def test_the_crew_is_uneven(city: City) -> None:
    """Agents differ in skills and in form, as in a real crew; the same seed hires the same people."""
    profiles = crew(16, list(city.skills), 1)
    assert profiles == crew(16, list(city.skills), 1)
    assert len({tuple(sorted(profile.skills.items())) for profile in profiles}) > 10
    assert {profile.form for profile in profiles} == {"both", "live", "written"}


def test_nights_and_weekends_are_left_out() -> None:
    """After closing on Friday comes Monday morning."""
    assert moment(0).name == "Friday 08:40"
    assert moment(8 * 3600 + 20 * 60 - 1).name == "Friday 16:59"
    assert moment(8 * 3600 + 20 * 60).name == "Monday 08:00"
    assert moment(8 * 3600 + 20 * 60 + 5 * calibration.OPEN_S).name == "Monday 08:00"
