"""Reads, decides and writes again when somebody else was quicker: for callers who bring no revision of their own."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from router.errors import StaleRevision

TRIES = 8
Result = TypeVar("Result")


async def on_fresh(attempt: Callable[[], Awaitable[Result]]) -> Result:
    """The result of the first attempt that nobody overtook.

    Raises:
        StaleRevision: it was overtaken every time.
    """
    for _ in range(TRIES - 1):
        try:
            return await attempt()
        except StaleRevision:
            continue
    return await attempt()
