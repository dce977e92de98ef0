"""Waiting for what another process does: asked again and again, never longer than said."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Found = TypeVar("Found")
ASK_EVERY_S = 0.03
PATIENCE_S = 30.0


async def eventually(probe: Callable[[], Awaitable[Found | None]], timeout_s: float = PATIENCE_S) -> Found:
    """The first true answer of `probe`; an assertion that fails inside it counts as not yet.

    Raises:
        AssertionError: time is up; the probe's own last assertion, if it had one.
    """
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + timeout_s
    while True:
        try:
            found = await probe()
        except AssertionError:
            if loop.time() > give_up_at:
                raise
        else:
            if found:
                return found
            assert loop.time() <= give_up_at, f"not within {timeout_s} s"
        await pause(ASK_EVERY_S)


async def pause(seconds: float) -> None:
    """Leave the loop to others for a moment between two questions."""
    await asyncio.wait({asyncio.get_running_loop().create_future()}, timeout=seconds)
