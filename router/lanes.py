"""Sorted lanes of numbered things: what the floor uses of `SortedList`, which has no types of its own."""

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar, cast

from sortedcontainers import SortedList

T = TypeVar("T")


class SortedLane(Protocol[T]):
    """Things in order."""

    def add(self, value: T) -> None:
        """Put a thing into its place."""
        ...

    def discard(self, value: T) -> None:
        """Take a thing out, if it is there."""
        ...

    def __iter__(self) -> Iterator[T]:
        """In order."""
        ...

    def __len__(self) -> int:
        """How many."""
        ...

    def __getitem__(self, index: int) -> T:
        """The thing at a place."""
        ...

    def bisect_left(self, value: T) -> int:
        """How many things come before."""
        ...


Lane = SortedLane[tuple[int, str]]
"""Contacts by score, or agents by since when they are idle."""
Row = SortedLane[tuple[int, str, str]]
"""Buckets by their first contact: score, contact, bucket."""
new_lane = cast("Callable[[], Lane]", SortedList)
new_row = cast("Callable[[], Row]", SortedList)
