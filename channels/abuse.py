"""Guards of forms that anybody may post, without third parties: buckets for each address, stamps, a trap. Pure.

Owns when a post is held back. Never drops one in silence: whoever is held back is told, and a person can go on.
Keeps addresses in memory alone, the last ones, and names them to nobody.
"""

import hmac
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Literal

MOST_ADDRESSES = 20_000
STAMP_PARTS = 3
Sign = Callable[..., str]
Verdict = Literal["fine", "forged", "too_fast", "too_old"]


class Buckets:
    """A bucket for each address: so many posts at once, then one each so many seconds."""

    def __init__(self, size: int, refill_s: float, most: int = MOST_ADDRESSES) -> None:
        self._size = size
        self._refill_ms = refill_s * 1000
        self._most = most
        self._buckets: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def take(self, address: str, now_ms: int) -> bool:
        """Whether one more may come from there now."""
        who = network_of(address)
        left, at_ms = self._buckets.pop(who, (float(self._size), now_ms))
        left = min(self._size, left + max(0, now_ms - at_ms) / self._refill_ms)
        allowed = left >= 1
        self._buckets[who] = (left - 1 if allowed else left), now_ms
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return allowed

    def wait_s(self) -> int:
        """After how many seconds whoever was held back may come again."""
        return max(1, round(self._refill_ms / 1000))


def network_of(address: str) -> str:
    """What one household or office has: an IPv4 address, the first half of an IPv6 address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return "-"
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped) if found.ipv4_mapped else found.exploded[:19]
    return str(found)


def stamp(sign: Sign, form: str, now_ms: int, once: str) -> str:
    """What a form carries to say when it was given out; `once` makes it the only one of its kind."""
    return f"{now_ms}.{once}.{sign('form', form, str(now_ms), once)}"


def check_stamp(sign: Sign, form: str, given: str, now_ms: int, *, at_least_s: float, at_most_s: float) -> Verdict:
    """Whether a form was given out by us, and filled in at the pace of a person."""
    parts = given.split(".")
    if len(parts) != STAMP_PARTS or not (parts[0].isascii() and parts[0].isdigit()) or len(parts[0]) > 15:  # noqa: PLR2004 # epoch ms have thirteen digits
        return "forged"
    if not same(parts[2], sign("form", form, parts[0], parts[1])):
        return "forged"
    age_ms = now_ms - int(parts[0])
    if age_ms < at_least_s * 1000:
        return "too_fast"
    return "too_old" if age_ms > at_most_s * 1000 else "fine"


def same(given: str, ours: str) -> bool:
    """Whether two secrets are the same, in a time that does not tell how much of them is."""
    return hmac.compare_digest(given.encode(errors="replace"), ours.encode())
