"""Time on a floor that is played: moved by hand, from one moment at which something is due to the next."""

from collections.abc import Sequence
from typing import Protocol

from router.floor import FloorState
from router.journal import Entry

LOOK_MS, SOME_MS, IDLE_MS = 1_000, 10_000, 60_000
"""How often those who wait are looked at: soon after something has happened, while somebody is on the line, else."""
SWEEPS = 50
"""So many turns at one moment must be enough for everything that is due then."""


class MovedClock:
    """A clock that its owner moves."""

    def __init__(self, now_ms: int) -> None:
        self.time_ms = now_ms

    def now_ms(self) -> int:
        """Epoch milliseconds."""
        return self.time_ms


class Steered(Protocol):
    """A service whose clock is moved."""

    seen: list[Entry]

    @property
    def floor(self) -> FloorState:
        """The floor as its dispatcher sees it."""
        ...

    async def first_deadline(self) -> int | None:
        """When the first deadline is due (epoch ms)."""
        ...

    async def turn(self) -> int:
        """Do once what time asks for now, with everything that follows; how many deadlines were seen."""
        ...


async def steer(service: Steered, clock: MovedClock, to_ms: int) -> None:
    """Let time pass up to then.

    Raises:
        TimeoutError: something stays due however often it is acted on.
    """
    looked_at = clock.time_ms
    while True:
        deadline = await service.first_deadline()
        look = _next_look(service.floor, service.seen, looked_at)
        at = min(each for each in (look, service.floor.next_wake, deadline) if each is not None)
        if at > to_ms:
            break
        clock.time_ms = looked_at = max(at, clock.time_ms)
        for _ in range(SWEEPS):
            if not await service.turn():
                break
        else:
            raise TimeoutError(f"still due after {SWEEPS} turns at {clock.time_ms}")
    clock.time_ms = max(to_ms, clock.time_ms)


def _next_look(floor: FloorState, seen: Sequence[Entry], looked_at: int) -> int:
    """At whole seconds for a while after an entry; hours end at whole minutes, so rarely otherwise."""
    if seen and looked_at - seen[-1].at <= SOME_MS:
        every = LOOK_MS
    else:
        is_live = floor.is_written_held or floor.held_queues or any(asks.is_live for asks, _ in floor.queue_lengths())
        every = SOME_MS if is_live else IDLE_MS
    return (looked_at // every + 1) * every
