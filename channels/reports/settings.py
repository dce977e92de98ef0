"""`[channels.reports]`: what may be reported, what stands around the form, how much one address may send."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Address = Annotated[str, Meta(pattern=r"^(https?|mailto|tel):[^\s]+$", max_length=500)]
Line = Annotated[str, Meta(max_length=200)]


class ReportsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All of it."""

    topics: tuple[Annotated[str, Meta(min_length=1, max_length=60)], ...] = ()
    """Codes in the order in which they are offered; empty: every fault topic of the city."""
    urgent_phone: Line = ""
    """Number for what can't wait, shown above the form."""
    privacy_url: Address | Literal[""] = ""
    """Page on how personal data are handled."""
    accessibility_url: Address | Literal[""] = ""
    """The accessibility statement."""
    home_url: Address | Literal[""] = ""
    """Where whoever need not report goes on."""
    at_least_s: Annotated[float, Meta(ge=0, le=60)] = 3.0
    """Fastest that a person fills it in."""
    burst: Annotated[int, Meta(ge=1)] = 5
    """Reports at once from one address."""
    refill_s: Annotated[float, Meta(gt=0)] = 120.0
    """Seconds after which one more may come."""
    proxies: Annotated[int, Meta(ge=0, le=9)] = 0
    """How many proxies stand in front and add to `X-Forwarded-For`."""
    max_body_bytes: Annotated[int, Meta(ge=4096)] = 32 * 1_048_576
