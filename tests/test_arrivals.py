"""How many are ahead of somebody who waits: by arrival alone, and not known rather than wrong."""

import msgspec

from router.arrivals import MOST, STALE_MS, Arrivals, arrivals_of
from tests.floor_makers import Waiting, asks_of, floor_of

NOW = 1_000_000


def test_calls_and_chats_of_a_queue_are_counted_by_arrival() -> None:
    """Whatever they ask for, a head start aside; written work and other queues are no part of it."""
    ahead = msgspec.structs.replace(asks_of("phone"), head_start_s=100)
    floor = floor_of(
        [],
        [
            Waiting("a", asks_of("phone"), 100_000),
            Waiting("b", asks_of("phone", {"finnish": 1}), 200_000),
            Waiting("c", asks_of("chat"), 300_000),
            Waiting("d", ahead, 400_000 - 100_000),
            Waiting("e", asks_of("email"), 1),
            Waiting("f", asks_of("phone", queue="other"), 1),
        ],
    )
    found = arrivals_of(floor, NOW)
    assert found.by_queue == {"q": (100_000, 200_000, 300_000, 400_000), "other": (1,)}
    assert [found.ahead("q", at, NOW) for at in (100_000, 200_000, 300_000, 400_000, 500_000)] == [0, 1, 2, 3, 4]
    assert found.ahead("empty", 100_000, NOW) == 0


def test_what_is_not_known_is_not_told() -> None:
    """Before the first figures, by old ones, to whoever came since, and far back in the queue."""
    assert Arrivals().ahead("q", 1, NOW) is None
    known = Arrivals(NOW, {"q": tuple(range(MOST))})
    assert known.ahead("q", NOW + 1, NOW + 1) is None
    assert known.ahead("q", 5, NOW + STALE_MS + 1) is None
    assert known.ahead("q", MOST - 1, NOW) == MOST - 1
    assert known.ahead("q", MOST + 5, NOW) is None
    floor = floor_of([], [Waiting(f"c{i}", asks_of("phone"), i) for i in range(MOST + 50)])
    assert len(arrivals_of(floor, NOW).by_queue["q"]) == MOST
