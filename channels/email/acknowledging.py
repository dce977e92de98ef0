"""The answer that says a mail has arrived: with which words, how often. Pure.

Never says more than the service knows: an estimate is a band, and without one there is none.
"""

import hashlib
from collections import OrderedDict, deque

from channels.base import Taken
from channels.email.headers import domain_of
from channels.email.settings import Acknowledgement
from channels.email.words import Lang, say

HOUR_MS = 3_600_000
HOUR_S = 3_600
WORKING_DAY_S = 8 * HOUR_S
HOURS_BANDS = (2, 4)
DAYS_BANDS = (2, 3, 5)
REMEMBERED = 100_000


class Guard:
    """How often automatic answers may go where: in this process's memory, addresses as hashes."""

    def __init__(self, settings: Acknowledgement) -> None:
        self._gap_ms = int(settings.hours_per_sender * HOUR_MS)
        self._per_domain = settings.per_domain_and_hour
        self._senders: OrderedDict[bytes, int] = OrderedDict()
        self._domains: OrderedDict[bytes, deque[int]] = OrderedDict()

    def admits(self, address: str, now_ms: int) -> bool:
        """Whether one may go to this address now; it then counts as sent."""
        sender, domain = _hash(address.lower()), _hash(domain_of(address))
        last = self._senders.get(sender)
        if last is not None and now_ms - last < self._gap_ms:
            return False
        sent = self._domains.setdefault(domain, deque())
        while sent and now_ms - sent[0] >= HOUR_MS:
            sent.popleft()
        if len(sent) >= self._per_domain:
            return False
        sent.append(now_ms)
        self._remember(sender, domain, now_ms)
        return True

    def forget(self, address: str) -> None:
        """It was not sent after all."""
        self._senders.pop(_hash(address.lower()), None)
        if sent := self._domains.get(_hash(domain_of(address))):
            sent.pop()

    def _remember(self, sender: bytes, domain: bytes, now_ms: int) -> None:
        self._senders[sender] = now_ms
        self._senders.move_to_end(sender)
        self._domains.move_to_end(domain)
        while len(self._senders) > REMEMBERED:
            self._senders.popitem(last=False)
        while len(self._domains) > REMEMBERED:
            self._domains.popitem(last=False)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()[:16]


def acknowledgement(lang: Lang, taken: Taken, signature: str) -> str:
    """The words: the number, what the strategy says at once, when an answer can be expected, how to add more."""
    parts = [
        say(lang, "hello"),
        say(lang, "received", number=taken.contact),
        taken.answer or expected(lang, taken.wait_s),
        say(lang, "add-more"),
        say(lang, "automatic"),
        f"{say(lang, 'greeting')}\n{signature}",
    ]
    return "\n\n".join(parts) + "\n"


def expected(lang: Lang, wait_s: int | None) -> str:
    """When an answer can be expected, as the next wider band."""
    if wait_s is None:
        return say(lang, "answer-as-soon")
    if wait_s <= HOUR_S:
        return say(lang, "answer-within-hour")
    for hours in HOURS_BANDS:
        if wait_s <= hours * HOUR_S:
            return say(lang, "answer-within-hours", hours=hours)
    if wait_s <= WORKING_DAY_S:
        return say(lang, "answer-within-day")
    for days in DAYS_BANDS:
        if wait_s <= days * WORKING_DAY_S:
            return say(lang, "answer-within-days", days=days)
    return say(lang, "answer-as-soon")
