"""How evenly work falls to agents who can do the same: one figure over the last hour. Pure; time is handed in.

Never looks at what a contact is about, and never tells of a single agent.
"""

from collections import deque
from collections.abc import Iterable, Sequence

WINDOW_MS = 3_600_000
LEAST_MS = 900_000
"""Agents who were available for less than a quarter of an hour say nothing about fairness."""


class Fairness:
    """What was given to whom, and how long each was available, over the last hour."""

    def __init__(self) -> None:
        self._given: dict[str, deque[int]] = {}
        self._spans: dict[str, deque[tuple[int, int]]] = {}
        self._here: dict[str, int] = {}
        self._from = 0

    def observe_from(self, at: int) -> None:
        """Nothing before this moment (epoch ms) was seen; the first call counts."""
        self._from = self._from or at

    def give(self, agent: str, at: int) -> None:
        """The agent has got a contact: an offer taken, or one pulled."""
        given = self._given.setdefault(agent, deque())
        given.append(at)
        while given[0] <= at - WINDOW_MS:
            given.popleft()

    def show(self, agent: str, at: int, *, is_available: bool) -> None:
        """The agent is, or is not, available from now on (epoch ms); repeating it changes nothing."""
        if is_available:
            self._here.setdefault(agent, at)
            return
        since = self._here.pop(agent, None)
        if since is not None:
            spans = self._spans.setdefault(agent, deque())
            spans.append((since, at))
            while spans[0][1] <= at - WINDOW_MS:
                spans.popleft()

    def index(self, classes: Iterable[Sequence[str]], now_ms: int) -> float | None:
        """Jain's index of work per time available, from 1 / n (one agent gets all) to 1 (all get alike).

        For the agents i = 1..n of one profile class let x_i = contacts given / time available, both within the last
        hour. J = (x_1 + ... + x_n)^2 / (n * (x_1^2 + ... + x_n^2)). The figure is the mean of J over the classes with
        two agents or more and anything given, weighted by n; None when there is no such class.
        """
        total, agents = 0.0, 0
        for members in classes:
            rates = [rate for agent in members if (rate := self._rate(agent, now_ms)) is not None]
            squares = sum(rate * rate for rate in rates)
            if len(rates) > 1 and squares:
                total += sum(rates) ** 2 / squares
                agents += len(rates)
        return total / agents if agents else None

    def _rate(self, agent: str, now_ms: int) -> float | None:
        start = max(self._from, now_ms - WINDOW_MS)
        spans = [*self._spans.get(agent, ()), *([(self._here[agent], now_ms)] if agent in self._here else [])]
        available_ms = sum(max(0, ends - max(begins, start)) for begins, ends in spans)
        if available_ms < LEAST_MS:
            return None
        return sum(at > start for at in self._given.get(agent, ())) / available_ms
