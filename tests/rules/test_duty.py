"""Duty chains: the next ring from where a chain stands, and a city that can't leave a call unanswered."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import StrategyError
from rules.calendars import local_ms
from rules.city import City, load_city
from rules.duty import DUTY_CHAINS, DutyChain, DutyLink, Ring, calendar_of, next_ring
from tests.rules.spoiled_city import EXAMPLE, copy_city, spoil

NOW = 1_000_000


@pytest.fixture(scope="module")
def city() -> City:
    """The example city."""
    return load_city(EXAMPLE)


def rings(city: City, chain: str, at: str) -> list[tuple[str, int, int]]:
    """Unit, attempt and minutes since the beginning of every ring that nobody answers."""
    begun = now = local_ms(at)
    found: list[tuple[str, int, int]] = []
    ring: Ring | None = None
    while ring := next_ring(city.duty_chains[chain], lambda link, at=now: opens(city, link, at), now, ring):
        found.append((city.duty_chains[chain].link[ring.link].unit, ring.attempt, (now - begun) // 60_000))
        now = ring.until
    return found


def opens(city: City, link: DutyLink, at_ms: int) -> bool:
    """Whether a link may be asked at a moment."""
    calendar = calendar_of(link, city.units)
    return not calendar or city.calendars[calendar].is_open(at_ms)


def test_the_duty_twice_then_the_official_in_charge(city: City) -> None:
    """K07 on a Friday evening: a second call after ten minutes, after twenty somebody else."""
    told = rings(city, "vatten", "2026-02-06 18:40")

    assert told[:3] == [("va_jour", 1, 0), ("va_jour", 2, 10), ("tib", 1, 20)]
    assert told[-1] == ("tib", 3, 40)


def test_who_is_closed_is_passed_over(city: City) -> None:
    """In the daytime the water duty is not asked; one that closes between two rings is not asked again."""
    assert rings(city, "vatten", "2026-02-06 10:00")[0] == ("tib", 1, 0)
    assert rings(city, "vatten", "2026-02-06 06:55")[:2] == [("va_jour", 1, 0), ("tib", 1, 10)]
    assert rings(city, "social", "2026-02-03 10:00")[0][0] == "socialtjanst_mottagning"
    assert rings(city, "social", "2026-02-03 23:00")[0][0] == "socialjour"
    assert rings(city, "social", "2026-02-03 03:00")[0][0] == "tib"


def test_every_chain_has_somebody_at_every_quarter_of_a_year(city: City) -> None:
    """Whenever it begins, somebody is asked at once."""
    start = local_ms("2026-01-01 00:00")
    for chain in city.duty_chains.values():
        for quarter in range(0, 366 * 96, 7):
            now = start + quarter * 900_000
            assert next_ring(chain, lambda link, at=now: opens(city, link, at), now), (chain.id, quarter)


links = st.lists(
    st.builds(DutyLink, st.integers(10, 900), unit=st.sampled_from("abc"), attempts=st.integers(1, 4)),
    min_size=1,
    max_size=5,
)


@given(links, st.lists(st.booleans(), min_size=5, max_size=5))
def test_a_chain_always_ends(some: list[DutyLink], is_open: list[bool]) -> None:
    """Each open link as often as it may, in order, never before the last ring is over; then nobody."""
    chain = DutyChain("c", "c", tuple(some))
    opened = {id(link): is_open[index] for index, link in enumerate(chain.link)}
    ring, now, seen = None, NOW, list[tuple[int, int]]()
    while ring := next_ring(chain, lambda link: opened[id(link)], now, ring):
        assert ring.until == now + chain.link[ring.link].accept_within_s * 1000
        seen.append((ring.link, ring.attempt))
        now = ring.until

    wanted = [(index, n + 1) for index, link in enumerate(some) if is_open[index] for n in range(link.attempts)]
    assert seen == wanted


SPOILED = [
    ('unit = "va_jour"', 'unit = "va_jouren"', ("chain vatten, link 1", "unit", '"va_jour"')),
    ('unit = "va_jour"', 'phone = "elnat"', ("chain vatten, link 1", "unit", "owns")),
    ('unit = "va_jour"', 'unit = "va_jour"\nphone = "elnat"', ("chain vatten, link 1", "one of them")),
    ('unit = "tib"\nway = "call"', 'phone = "elnat"\nway = "handover"', ("chain vatten, link 2", "way", "call or sms")),
    ('unit = "tib"', 'phone = "elnatet"', ("chain vatten, link 2", "phone", '"elnat"')),
    ('unit = "tib"', 'unit = "tib"\ncalendar = "kontorstid"', ("link 2", "calendar", "every hour", "kontorstid")),
    ('unit = "tib"', 'unit = "gata"', ("link 2", "calendar", "every hour", "infrastruktur")),
    ('unit = "tib"', 'unit = "tib"\ncalendar = "alltid"', ("link 2", "calendar", "a calendar")),
    ('way = "call"', 'way = "fax"', ("chain vatten", "way", "call, sms, handover")),
    ("accept_within_s = 600", "accept_within_s = 0", ("chain vatten", "accept_within_s", ">= 1")),
    ("attempts = 2", "attempt = 2", ("chain vatten", "attempt", '"attempts"')),
    ('id = "gata"', 'id = "vatten"', ("chain vatten", "id", "of its own")),
    ("[[chain]]", "[[chains]]", ("chains", '"chain"')),
]


@pytest.mark.parametrize(("old", "new", "said"), SPOILED, ids=[new for _, new, _ in SPOILED])
def test_a_mistake_names_chain_link_and_cell(tmp_path: Path, old: str, new: str, said: tuple[str, ...]) -> None:
    """A city whose chain ends with somebody who goes home does not load, and its people are told where."""
    folder = copy_city(tmp_path)
    spoil(folder, DUTY_CHAINS, old, new, everywhere=new == "[[chains]]")

    with pytest.raises(StrategyError) as raised:
        _ = load_city(folder)
    for word in (DUTY_CHAINS, *said):
        assert word in raised.value.detail


def test_a_city_need_not_have_chains(tmp_path: Path) -> None:
    """Without the file, and without a rule that rings one, there are none, and the city has another hash."""
    folder = copy_city(tmp_path)
    with_chains = load_city(folder)
    (folder / DUTY_CHAINS).unlink()
    with pytest.raises(StrategyError, match="duty chain"):
        load_city(folder)
    for chain in ("vatten", "gata"):
        spoil(folder, "strategy.toml", f'hand_over = {{ duty = "{chain}"', 'hand_over = { unit = "duty"')

    assert load_city(folder).duty_chains == {}
    assert load_city(folder).hash != with_chains.hash


def test_an_exception_that_closes_the_last_link_is_found(tmp_path: Path) -> None:
    """One named day on which nobody is there is enough."""
    folder = copy_city(tmp_path)
    gap = 'id = "always"\nexceptions = [{ date = "2026-12-24", name = "Julafton", open = [] }]'
    spoil(folder, "calendars.toml", 'id = "always"', gap)

    with pytest.raises(StrategyError, match="every hour"):
        _ = load_city(folder)
