"""Which strategy version a new contact meets: limited before staged before everybody's, sticky shares."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.activations import LONGEST_MS, Activation, Activations, Change, Changed, Scope, part_of
from router.errors import TransitionRefused

NOW = 1_760_335_200_000
HOUR_MS = 3_600_000
TENTH = Scope(share_pct=10)


class Service:
    """The activations of a tenant, changed as the store would."""

    def __init__(self) -> None:
        self.all = Activations()

    def take(self, changes: list[Change]) -> None:
        """What a command does."""
        self.all.apply(Changed(self.all.number + 1, tuple(change.after for change in changes)))

    def activate(self, version: str, scope: Scope = Scope(), *, begins_at: int = NOW, until: int = 0) -> None:  # noqa: B008 # frozen
        """A version comes into service."""
        wanted = Activation(version, f"hash-{version}", scope=scope, begins_at=begins_at, until=until, actor="olle")
        self.take(self.all.activated(wanted))

    def roll_back(self, version: str) -> None:
        """A version is rolled back."""
        self.take(self.all.rolled_back(self.one(version)))

    def one(self, version: str) -> Activation:
        """The version's record."""
        found = self.all.get(version)
        assert found
        return found

    def states(self) -> dict[str, str]:
        """Every version's state."""
        return {record.id: record.state for record in self.all.all()}

    def met(self, now: int = NOW, key: str = "anybody", **facts: object) -> str:
        """The version that a contact meets; '' is the folder's."""
        found = (each for each in self.all.in_force(now) if each.scope.covers(facts, key, each.hash))
        return next((each.id for each in found), "")


@pytest.fixture
def service() -> Service:
    """A tenant whose folder's strategy decides."""
    return Service()


def test_the_latest_for_everybody_takes_the_place_of_all_before(service: Service) -> None:
    """Everybody's contacts meet the last one; the one before and a trial are superseded."""
    assert service.met() == ""
    service.activate("s1")
    service.activate("s2", TENTH)
    service.activate("s3")
    assert service.states() == {"s3": "active", "s2": "superseded", "s1": "superseded"}
    assert service.met() == "s3"


def test_rolling_back_gives_back_what_was_replaced(service: Service) -> None:
    """The state before comes back whole, step by step, down to the folder's strategy."""
    service.activate("s1")
    service.activate("s2", Scope(channels=("chat",)))
    service.activate("s3")
    service.roll_back("s3")
    assert service.states() == {"s3": "rolled_back", "s2": "active", "s1": "active"}
    assert (service.met(channel="chat"), service.met(channel="phone")) == ("s2", "s1")
    service.roll_back("s2")
    service.roll_back("s1")
    assert service.met(channel="chat") == ""


def test_what_is_rolled_back_stays_so(service: Service) -> None:
    """It needs a new version and a new approval; neither a second rollback nor an activation moves it."""
    service.activate("s1")
    service.roll_back("s1")
    with pytest.raises(TransitionRefused):
        service.activate("s1")
    with pytest.raises(TransitionRefused):
        service.roll_back("s1")


def test_a_later_beginning_leaves_the_one_before_in_force_until_then(service: Service) -> None:
    """To the millisecond: there is no moment without a strategy and none with two."""
    service.activate("s1")
    service.activate("s2", begins_at=NOW + HOUR_MS)
    assert service.states() == {"s2": "active", "s1": "superseded"}
    assert [service.met(NOW + HOUR_MS + more) for more in (-1, 0)] == ["s1", "s2"]
    service.roll_back("s2")
    assert service.met(NOW + 2 * HOUR_MS) == "s1"


def test_a_crisis_strategy_lies_above_all_and_ends_by_itself(service: Service) -> None:
    """Another version activated meanwhile does not end it; after its time nobody meets it, and that is written down."""
    service.activate("s1")
    service.activate("crisis", until=NOW + LONGEST_MS)
    service.activate("s2")
    assert [service.met(NOW + LONGEST_MS + more) for more in (-1, 0)] == ["crisis", "s2"]
    assert service.all.over(NOW + LONGEST_MS - 1) == ()
    (over,) = service.all.over(NOW + LONGEST_MS)
    service.take(service.all.ended(over, "expire"))
    assert service.states()["crisis"] == "expired"
    assert service.all.over(NOW + LONGEST_MS) == ()


def test_a_second_trial_ends_the_first(service: Service) -> None:
    """Also outside the second one's scope: a trial that was superseded is nobody's any more."""
    service.activate("s1", Scope(channels=("chat",)))
    service.activate("s2", Scope(channels=("email",)))
    assert (service.met(channel="chat"), service.met(channel="email")) == ("", "s2")


def test_a_trial_is_widened_by_activating_it_again(service: Service) -> None:
    """From a tenth to everybody, the same version; what was everybody's before is superseded then."""
    service.activate("s1")
    service.activate("s2", TENTH)
    service.activate("s2")
    assert service.states() == {"s2": "active", "s1": "superseded"}
    assert service.one("s2").rev == 2


def test_what_is_unknown_of_a_contact_is_outside(service: Service) -> None:
    """A district's trial is not for contacts without a known place."""
    service.activate("s1", Scope(districts=("norr",), channels=("phone",)))
    assert service.met(district="norr", channel="phone") == "s1"
    assert service.met(channel="phone") == ""
    assert service.met(district="soder", channel="phone") == ""
    assert service.met(district="norr", channel="chat") == ""


@given(st.text(min_size=1), st.integers(0, 100), st.integers(0, 100))
def test_widening_keeps_whoever_was_inside(key: str, one: int, other: int) -> None:
    """A person has one place for each version: a larger share holds everybody of a smaller one, whenever asked."""
    small, large = sorted((one, other))
    inside = Scope(share_pct=small).covers({}, key, "h")
    assert not inside or Scope(share_pct=large).covers({}, key, "h")
    assert not Scope(share_pct=0).covers({}, key, "h")
    assert Scope().covers({}, key, "h")


def test_a_share_is_the_share_of_persons() -> None:
    """A tenth is a tenth within a point, and another version draws other persons."""
    people = [f"person-{number}" for number in range(20_000)]
    drawn = {version: {each for each in people if TENTH.covers({}, each, version)} for version in ("a", "b")}
    for inside in drawn.values():
        assert abs(len(inside) / len(people) - 0.1) < 0.01
    assert abs(len(drawn["a"] & drawn["b"]) / len(people) - 0.01) < 0.005
    assert 0 <= part_of("x", "y") < 10_000


def test_what_must_be_at_hand(service: Service) -> None:
    """In force, about to be, or what one rollback brings back; not what was superseded long ago."""
    for version in ("s1", "s2", "s3"):
        service.activate(version)
    service.activate("crisis", until=NOW + HOUR_MS, begins_at=NOW + 1)
    assert {each.id for each in service.all.needed(NOW)} == {"crisis", "s3", "s2"}
    assert {each.id for each in service.all.needed(NOW + HOUR_MS)} == {"s3", "s2"}


def test_an_old_entry_changes_nothing(service: Service) -> None:
    """What was read from the store already holds more than the journal tells late."""
    service.activate("s1")
    early = Changed(service.all.number, tuple(service.all.all()))
    service.activate("s2")
    service.all.apply(early)
    assert service.states() == {"s2": "active", "s1": "superseded"}
