"""The figures that the made-up city lives by, each with its source. Figures only: no recorded data is kept here.

"bank" is the Technion "Anonymous Bank" call centre, January and October 1999, 41,360 calls; "311" is 80,161 requests to
Boston's 311 in 2015; "plan" are planning defaults of a Swedish municipality of 155,000 inhabitants.
"""

import math
import random
from collections.abc import Mapping

import msgspec

CONTACTS_PER_YEAR = 186_000
"""plan: 1,200 contacts for 1,000 inhabitants."""
WORKING_DAYS = 250
OPENS_S, CLOSES_S = 8 * 3600, 17 * 3600
OPEN_S = CLOSES_S - OPENS_S

HOURLY: Mapping[int, float] = {8: 0.93, 9: 1.19, 10: 1.22, 11: 1.11, 12: 0.97, 13: 0.95, 14: 1.03, 15: 0.95, 16: 0.65}
"""311: requests by hour of opening, 8 to 17, over their mean (6,784 an hour in the set)."""
DAILY = (1.17, 1.05, 0.89, 0.87, 1.01)
"""bank: calls by working day from the first of the week on, over their mean (1,422 a day)."""

CHANNEL_MIX: Mapping[str, float] = {
    "phone": 0.62, "email": 0.12, "letter": 0.01, "web": 0.06, "app": 0.08, "visit": 0.05, "chat": 0.06,
}  # fmt: skip
"""plan: phone 62, e-mail and letter 13, form and app 14, visit 5, chat 4; social media's 2 are counted with chat."""


class Lognormal(msgspec.Struct, frozen=True):
    """A duration in seconds by the mean and the spread of its logarithm."""

    mean_s: float
    sigma: float

    def draw_s(self, dice: random.Random) -> float:
        """One duration."""
        return dice.lognormvariate(math.log(self.mean_s) - self.sigma**2 / 2, self.sigma)


SERVICE_SIGMA = 0.92
"""bank: 34,014 services of 10 s to an hour, lognormal with mu 4.81 and sigma 0.92 (mean 192 s, median 117 s)."""
HANDLING: Mapping[str, Lognormal] = {
    "phone": Lognormal(210, SERVICE_SIGMA),
    "chat": Lognormal(420, 0.7),
    "visit": Lognormal(480, 0.7),
    "email": Lognormal(330, 0.8),
    "letter": Lognormal(420, 0.8),
    "web": Lognormal(150, 0.8),
    "app": Lognormal(90, 0.6),
}
"""plan: mean handling by channel less wrap-up, phone 210 s of talk; the spread of talk is the bank's."""
WRAP_UP = Lognormal(40, 0.5)
HUMAN_DELAY = Lognormal(4, 0.5)
"""From an offer on the screen to the click."""

PATIENCE_MEAN_S = 394.0
"""bank: 19,094 calls that queued, 18.4 % hung up; censored exponential fit (a Weibull fit has shape 0.95: nearly so).
Kaplan-Meier quartiles 112, 346, 714 s."""
PATIENCE_FACTOR: Mapping[str, float] = {"phone": 1.0, "chat": 1.0, "visit": 4.0}
"""Who has come in person waits longer; written contacts wait for ever."""

DECLINE_SHARE = 0.02
IGNORE_SHARE = 0.006
HOLD_SHARE = 0.12
REPEAT_SHARE = 0.10
FINNISH_SHARE = 0.025
PROTECTED_SHARE = 0.006
OBSERVED_SHARE = 0.10
"""Contacts that go straight to a unit and are only counted, over all others."""
FOLLOW_UP_SHARE = 0.08
"""Written contacts that get a further message."""


def patience_s(channel: str, dice: random.Random) -> float | None:
    """How long this resident waits before leaving; None: no end."""
    factor = PATIENCE_FACTOR.get(channel)
    return None if factor is None else dice.expovariate(1 / (PATIENCE_MEAN_S * factor))


def mean_per_s(speed: float) -> float:
    """Contacts a second of real time in opening hours, when the city runs `speed` times as fast."""
    return CONTACTS_PER_YEAR / WORKING_DAYS / OPEN_S * speed


def agents_for(per_s: float, speed: float) -> int:
    """A crew for so many contacts a second: the mean load, the day's peak, breaks and the small queues."""
    load = sum(share * (HANDLING[channel].mean_s + WRAP_UP.mean_s) for channel, share in CHANNEL_MIX.items())
    return max(10, math.ceil(per_s / speed * load * 1.35) + 6)
