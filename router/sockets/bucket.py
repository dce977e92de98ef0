"""How much one caller may ask for in a time. Pure: time is handed in."""


class Bucket:
    """Token bucket: so many a second, and a burst."""

    __slots__ = ("_at", "_burst", "_per_ms", "_tokens")

    def __init__(self, per_s: float, burst: int, now_ms: int) -> None:
        self._per_ms = per_s / 1000
        self._burst = burst
        self._tokens = float(burst)
        self._at = now_ms

    def take(self, now_ms: int) -> float:
        """Take one; what is left is negative when there was none."""
        self._tokens = min(self._burst, self._tokens + (now_ms - self._at) * self._per_ms)
        self._at = now_ms
        self._tokens -= 1
        return self._tokens

    def is_full(self, now_ms: int) -> bool:
        """Whether nothing has been taken for so long that it need not be remembered."""
        return self._tokens + (now_ms - self._at) * self._per_ms >= self._burst
