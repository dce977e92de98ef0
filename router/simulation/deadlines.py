"""Deadlines in order, as the store's sorted set keeps them: a name has one moment, the oldest comes first. Pure."""

from heapq import heappop, heappush


class Deadlines:
    """Names and when they are due (epoch ms); equal moments come in the order of the names."""

    def __init__(self) -> None:
        self._due: dict[str, int] = {}
        self._heap: list[tuple[int, str]] = []

    def __len__(self) -> int:
        """How many stand."""
        return len(self._due)

    def set(self, name: str, at_ms: int) -> None:
        """Let a name be due then, instead of whenever it was before."""
        if self._due.get(name) != at_ms:
            self._due[name] = at_ms
            heappush(self._heap, (at_ms, name))

    def drop(self, *names: str) -> None:
        """Let names be due no more."""
        for name in names:
            self._due.pop(name, None)

    def due_at(self, name: str) -> int | None:
        """When a name is due."""
        return self._due.get(name)

    @property
    def first_at(self) -> int | None:
        """When the first of them is due."""
        self._forget_old()
        return self._heap[0][0] if self._heap else None

    def due(self, now_ms: int, limit: int) -> list[tuple[str, int]]:
        """Those due by now, oldest first; they stand until they are dropped or set anew."""
        heap, found = self._heap, list[tuple[int, str]]()
        while len(found) < limit and heap and heap[0][0] <= now_ms:
            at, name = heappop(heap)
            if self._due.get(name) == at and (at, name) not in found[-1:]:
                found.append((at, name))
        for each in found:
            heappush(heap, each)
        return [(name, at) for at, name in found]

    def _forget_old(self) -> None:
        """Whatever was dropped or moved still stands in the heap until it comes first."""
        heap, due = self._heap, self._due
        while heap and due.get(heap[0][1]) != heap[0][0]:
            heappop(heap)
