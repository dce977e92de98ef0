"""Law 3: nothing can get stuck. Every state that is not final has a deadline or a lease, and a sweep that proves it."""

import pytest

from router.invariants import ContactSight, adrift, broken_by, late, misplaced, unowned
from router.model import SideLeg
from tests.faults.evidence import broken
from tests.laws.house import House
from tests.laws.storm import Storm

FORSAKEN = frozenset({"queued", "handed_over", "answered"})
"""Where a contact may stand days after everybody has left: it waits, with a deadline that comes again and again."""


@pytest.mark.parametrize("seed", range(4))
async def test_after_any_storm_everything_can_end(house: House, seed: int) -> None:
    """Whatever happened, in days without a soul every contact ends or waits in its place with a deadline."""
    storm = Storm(house, seed)
    await storm.blow(250)
    assert await house.broken() == []
    waiting = await storm.calm()
    assert set(waiting) <= FORSAKEN
    assert await house.broken() == []
    assert broken(await house.journal()) == []
    assert len(storm.contacts) > 20


async def test_the_metric_stays_at_zero(house: House) -> None:
    """`servicecenter_invariant_violations_total` has no sample while nothing is broken."""
    await Storm(house, 99).blow(60)
    assert await house.broken() == []
    samples = [sample for metric in house.metrics.invariant_violations.collect() for sample in metric.samples]
    assert samples == []


async def test_the_metric_counts_what_is_broken_once(house: House) -> None:
    """A place, a deadline or work that is lost by a defect is found at the second look, counted, and counted once."""
    contact = await house.receive()
    seen = await house.contact(contact)
    write, keys = house.store.runner.write, house.store.keys
    await write("ZREM", keys.bucket(seen.bucket), contact)
    await write("ZREM", keys.deadlines, f"contact:{contact}")
    await write("HSET", keys.work("ghost"), contact, "phone:voice:leg")
    await write("ZADD", keys.deadlines, 1, "leg:nobody")
    assert await house.inspector.look() == [], "one look may have met things on their way"
    found = {(each.invariant, each.thing) for each in await house.inspector.look()}
    assert found == {
        ("not_in_bucket", contact),
        ("no_deadline", contact),
        ("work_of_nobody", contact),
        ("deadline_late", "leg:nobody"),
    }
    assert await house.inspector.look() == []
    await write("ZADD", keys.bucket(seen.bucket), seen.score, contact)
    await write("ZADD", keys.deadlines, seen.wait_until, f"contact:{contact}")
    await write("DEL", keys.work("ghost"))
    await write("ZREM", keys.deadlines, "leg:nobody")
    assert await house.broken() == []


GOOD = (
    ContactSight(id="c", state="queued", bucket="b", score=5, placed_at=5, deadlines=frozenset({"contact"})),
    ContactSight(id="c", state="offered", agent="a", held_as="offer", deadlines=frozenset({"offer"})),
    ContactSight(id="c", state="with_agent", agent="a", held_as="leg", leg_state="connected", is_leased=True),
    ContactSight(id="c", state="with_agent", agent="a", held_as="leg", deadlines=frozenset({"orphan"})),
    ContactSight(id="c", state="with_agent", held_as="wrap", leg_state="wrapping_up", deadlines=frozenset({"leg"})),
    ContactSight(id="c", state="with_agent", held_as="interrupted", leg_state="interrupted", is_leased=True),
    ContactSight(id="c", state="parked", agent="a", held_as="parked", deadlines=frozenset({"parked"})),
    ContactSight(id="c", state="callback", deadlines=frozenset({"callback"})),
    ContactSight(id="c", state="handed_over", deadlines=frozenset({"handover"})),
    ContactSight(id="c", state="closed"),
)
BAD = {
    "not_in_bucket": ContactSight(id="c", state="queued", bucket="b", score=5, deadlines=frozenset({"contact"})),
    "place_lost": ContactSight(id="c", state="queued", score=5, placed_at=6, deadlines=frozenset({"contact"})),
    "in_bucket": ContactSight(id="c", state="closed", bucket="b", score=5, placed_at=5),
    "not_in_work": ContactSight(id="c", state="offered", agent="a", deadlines=frozenset({"offer"})),
    "no_deadline": ContactSight(id="c", state="with_agent", agent="a", held_as="leg", leg_state="connected"),
}


def test_what_stands_right_breaks_nothing() -> None:
    """Every state as the commands leave it passes."""
    assert [list(broken_by(sight)) for sight in GOOD] == [[] for _ in GOOD]


@pytest.mark.parametrize("invariant", BAD)
def test_what_stands_wrong_is_named(invariant: str) -> None:
    """Each broken law has a name of its own."""
    assert [each.invariant for each in broken_by(BAD[invariant])] == [invariant]


def test_places_and_work_of_nobody_are_named() -> None:
    """Members of a bucket or of an agent's work must belong there; deadlines have five seconds."""
    states = {"c1": ("queued", "b"), "c2": ("closed", "b")}
    assert [each.thing for each in misplaced("b", ["c1", "c2", "c3"], states)] == ["c2", "c3"]
    owners = {"c1": ("with_agent", "anna"), "c2": ("with_agent", "beate")}
    assert [each.thing for each in unowned("anna", ["c1", "c2"], owners)] == ["c2"]
    sides = {f"c.l{number}": SideLeg("connected", 2, "consult", "anna", 9) for number in (2, 3, 4)}
    assert [each.thing for each in adrift("c", sides, ["c.l2", "c.l3"], ["c.l2", "c.l4"])] == ["c.l3", "c.l4"]
    assert [each.thing for each in late([("offer:c1", 1_000), ("offer:c2", 9_000)], 10_000)] == ["offer:c1"]
