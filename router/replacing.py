"""A place made from another place: for one agent alone, in another queue, further ahead. Pure.

What a contact has waited stays with it: `ready_at` is only set anew where a caller says so, when a park ends.
"""

import msgspec

from router.journal import Asks, Placement
from router.model import bucket_of
from router.store.contact_commands import QueuePlace

_encode = msgspec.json.Encoder().encode


def place_of(placed: Placement, asks: Asks, wait_until: int, *, score: int | None = None) -> QueuePlace:
    """The place with other asks, and until when it is left alone (epoch ms)."""
    bucket, asks_json = bucket_of(asks)
    new = msgspec.structs.replace(placed, bucket=bucket, asks=asks, score=placed.score if score is None else score)
    return QueuePlace(new, asks_json, _encode(new).decode(), wait_until)


def for_agent(placed: Placement, agent: str, wait_until: int, *, kept: frozenset[str] = frozenset()) -> QueuePlace:
    """The agent's own bucket, at the same place; of the required skills only `kept` ones still count."""
    asks = msgspec.structs.replace(
        placed.asks,
        agent=agent,
        require=tuple((skill, level) for skill, level in placed.asks.require if skill in kept),
        teams=(),
        rings=(),
        is_pulled=False,
    )
    return place_of(placed, asks, wait_until)


def in_hand(placed: Placement, agent: str, wait_until: int, *, kept: frozenset[str] = frozenset()) -> QueuePlace:
    """The agent's own bucket, from which they pull it themselves: nobody is offered it."""
    own = for_agent(placed, agent, wait_until, kept=kept).placed
    return place_of(own, msgspec.structs.replace(own.asks, is_pulled=True), wait_until)


def ready_again(placed: Placement, ready_at: int, due_at: int) -> Placement:
    """The place of somebody whose waiting begins anew: a park has ended, a question was answered."""
    start = due_at if placed.asks.medium == "written" else ready_at
    score = start - placed.asks.head_start_s * 1000
    return msgspec.structs.replace(placed, ready_at=ready_at, due_at=due_at, waits_from=ready_at, score=score)


def ahead(placed: Placement, head_start_s: int, wait_until: int) -> QueuePlace:
    """The place with another head start; the waiting itself is untouched."""
    score = placed.score + (placed.asks.head_start_s - head_start_s) * 1000
    asks = msgspec.structs.replace(placed.asks, head_start_s=head_start_s)
    return place_of(placed, asks, wait_until, score=score)
