"""The clock that tests move. Nothing else in a test tells time."""

MONDAY_MS = 1_760_335_200_000
"""Monday 13 October 2025, 08:00 in Stockholm."""


class ManualClock:
    """A clock that a test moves."""

    def __init__(self, now_ms: int = MONDAY_MS) -> None:
        self.time_ms = now_ms
        self.tick_ms = 0
        """So much passes with every look at it: whoever looks twice sees two times."""

    def now_ms(self) -> int:
        """Epoch milliseconds."""
        self.time_ms += self.tick_ms
        return self.time_ms

    def advance_s(self, seconds: float) -> None:
        """Let time pass."""
        self.time_ms += round(seconds * 1000)
