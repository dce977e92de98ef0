"""How many agents, and what they give: Erlang B, C and A, and the smallest crew that keeps a goal. Pure arithmetic.

Arrivals are Poisson, handling and patience exponential, everybody can do everything: a bound for one group of agents
with one skill. More skills than one are simulated (`router.simulation`), never computed here.
"""

import math

import msgspec

from router.errors import InputError

MOST_AGENTS = 100_000
_TAIL = 1e-15


class Offered(msgspec.Struct, frozen=True):
    """What one group of agents is offered."""

    arrivals_per_s: float
    handling_s: float
    """Mean time that a contact takes an agent, wrap-up included."""
    patience_s: float | None = None
    """Mean time after which a waiting resident leaves; None: nobody ever leaves (Erlang C)."""

    @property
    def load(self) -> float:
        """Erlang: the agents that are busy on average when everybody is served."""
        return self.arrivals_per_s * self.handling_s


class Expected(msgspec.Struct, frozen=True):
    """What a crew gives; without a limit (more work than agents, nobody leaves) the wait is infinite."""

    agents: int
    wait_probability: float
    service_level: float
    """Served within the threshold ÷ offered."""
    mean_wait_s: float
    """Of all, also of those who leave."""
    occupancy: float
    """Share of their time that agents are busy."""
    abandonment: float


class Goal(msgspec.Struct, frozen=True):
    """What a crew must keep."""

    service_level: float = 0.8
    within_s: float = 20.0
    occupancy: float = 0.85
    """Agents are busy for no larger share of their time."""
    shrinkage: float = 0.0
    """Share of paid time in which nobody can take a contact: breaks, meetings, illness, training."""


class Crew(msgspec.Struct, frozen=True):
    """The smallest crew that keeps a goal."""

    agents: int
    """At work at the same time."""
    scheduled: int
    """On the schedule, so that so many are at work."""
    expected: Expected


def erlang_b(load: float, agents: int) -> float:
    """The share that finds all agents busy where nobody can wait.

    Stable recursion over agents: B(0) = 1, B(k) = A B(k-1) / (k + A B(k-1)) (A. K. Erlang 1917; recursion as in
    Cooper, Introduction to Queueing Theory, 1981).

    Raises:
        InputError: a negative or endless load, a negative number of agents.
    """
    _check("load", load)
    _check_agents(agents)
    blocked = 1.0
    for busy in range(1, agents + 1):
        blocked = load * blocked / (busy + load * blocked)
    return blocked


def erlang_c(offered: Offered, agents: int, within_s: float = 20.0) -> Expected:
    """What agents give when everybody waits until served (M/M/n).

    C = B / (1 - (A/n)(1 - B)); service level 1 - C exp(-(n - A) T / AHT); mean wait C AHT / (n - A); occupancy A/n
    (Cooper 1981; Gans, Koole and Mandelbaum, Telephone Call Centers, 2003). With n <= A the queue grows for ever:
    everybody waits, infinitely long.

    Raises:
        InputError: a figure that is negative, endless or no number.
    """
    _check_offered(offered)
    _check("within_s", within_s)
    load = offered.load
    blocked = erlang_b(load, agents)
    if load == 0 and agents:
        return Expected(agents, 0.0, 1.0, 0.0, 0.0, 0.0)
    if agents <= load:
        return Expected(agents, 1.0, 0.0, math.inf, 1.0, 0.0)
    waits = blocked / (1 - load / agents * (1 - blocked))
    spare = agents - load
    return Expected(
        agents=agents,
        wait_probability=waits,
        service_level=1 - waits * math.exp(-spare * within_s / offered.handling_s),
        mean_wait_s=waits * offered.handling_s / spare,
        occupancy=load / agents,
        abandonment=0.0,
    )


def erlang_a(offered: Offered, agents: int, within_s: float = 20.0) -> Expected:
    """What agents give when waiting residents leave after an exponential patience (M/M/n+M).

    Stationary p(k) ~ lambda^k / prod(d_i), d_i = min(i, n) mu + max(i - n, 0) theta, summed in logarithms; P(W>0) is
    the mass from n on, Lq = sum (k - n) p(k), P(Ab) = theta Lq / lambda, E[W] = Lq / lambda (C. Palm 1957; Garnett,
    Mandelbaum and Reiman 2002). There is no unstable crew: those who are too many leave.

    Raises:
        InputError: no patience, or a figure that is negative, endless or no number.
    """
    _check_offered(offered)
    _check("within_s", within_s)
    _check_agents(agents)
    if offered.patience_s is None:
        raise InputError("expected a mean patience", field="patience_s")
    if offered.arrivals_per_s == 0:
        return Expected(agents, 0.0 if agents else 1.0, 1.0 if agents else 0.0, 0.0, 0.0, 0.0)
    mu, theta = 1 / offered.handling_s, 1 / offered.patience_s
    shares = _stationary(offered.arrivals_per_s, mu, theta, agents)
    waiting = shares[agents:]
    queue = math.fsum(place * share for place, share in enumerate(waiting))
    busy = math.fsum(min(number, agents) * share for number, share in enumerate(shares))
    in_time = _served_within(within_s, agents * mu, theta, len(waiting)) if agents else [0.0] * len(waiting)
    level = math.fsum(shares[:agents]) + math.fsum(
        share * served for share, served in zip(waiting, in_time, strict=True)
    )
    return Expected(
        agents=agents,
        wait_probability=math.fsum(waiting),
        service_level=min(1.0, level),
        mean_wait_s=queue / offered.arrivals_per_s,
        occupancy=busy / agents if agents else 1.0,
        abandonment=min(1.0, theta * queue / offered.arrivals_per_s),
    )


def expect(offered: Offered, agents: int, within_s: float = 20.0) -> Expected:
    """Erlang A where a patience is known, Erlang C otherwise."""
    return (erlang_c if offered.patience_s is None else erlang_a)(offered, agents, within_s)


def staff(offered: Offered, goal: Goal | None = None) -> Crew:
    """The smallest crew with the service level and below the occupancy; scheduled = n / (1 - shrinkage), rounded up.

    Both grow better with every agent, so the search starts at the occupancy's own bound and doubles, then halves.

    Raises:
        InputError: a goal that no crew keeps, or a load beyond what is computed.
    """
    goal = goal or Goal()
    _check_goal(goal)
    _check_offered(offered)

    def keeps(agents: int) -> bool:
        found = expect(offered, agents, goal.within_s)
        return found.service_level >= goal.service_level and found.occupancy <= goal.occupancy

    least, most = 0, max(1, math.ceil(offered.load))
    while not keeps(most):
        least, most = most, most * 2
        if most > MOST_AGENTS:
            raise InputError(f"no crew of up to {MOST_AGENTS} agents keeps this goal", field="goal")
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (least, middle) if keeps(middle) else (middle, most)
    scheduled = math.ceil(most / (1 - goal.shrinkage) - 1e-9)
    return Crew(most, scheduled, expect(offered, most, goal.within_s))


def _stationary(arrivals: float, mu: float, theta: float, agents: int) -> list[float]:
    """The shares of time with k contacts in the system, k = 0, 1, ... until they no longer count."""
    logs = [0.0]
    rising = math.log(arrivals)
    top = 0.0
    while True:
        number = len(logs)
        drain = min(number, agents) * mu + max(number - agents, 0) * theta
        logs.append(logs[-1] + rising - math.log(drain))
        top = max(top, logs[-1])
        if number > agents and drain > arrivals and logs[-1] < top + math.log(_TAIL):
            break
    weights = [math.exp(each - top) for each in logs]
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def _served_within(within_s: float, serving: float, theta: float, places: int) -> list[float]:
    """For each number of contacts ahead: the chance to be served within the time, before losing patience.

    The tagged customer with j ahead walks the states j ... 0, served: from state i the rate down is serving + i theta,
    the own leaving theta. Uniformised: one step of a chain at each event of a Poisson process with the largest rate.
    """
    rate = serving + places * theta
    steps = rate * within_s
    downs = [(serving + ahead * theta) / rate for ahead in range(places)]
    stays = [1 - down - theta / rate for down in downs]
    served = [0.0] * places
    found = [0.0] * places
    for step in range(int(steps + 12 * math.sqrt(steps + 1)) + 40):
        weight = math.exp(step * math.log(steps) - steps - math.lgamma(step + 1)) if steps else float(step == 0)
        found = [sum_ + weight * now for sum_, now in zip(found, served, strict=True)]
        nearer = [1.0, *served[:-1]]
        served = [
            down * near + stay * here for down, near, stay, here in zip(downs, nearer, stays, served, strict=True)
        ]
    return found


def _check(name: str, value: float) -> None:
    if not (math.isfinite(value) and value >= 0):
        raise InputError("expected a number from 0 up", field=name)


def _check_agents(agents: int) -> None:
    if not 0 <= agents <= MOST_AGENTS:
        raise InputError(f"expected 0 to {MOST_AGENTS} agents", field="agents")


def _check_offered(offered: Offered) -> None:
    _check("arrivals_per_s", offered.arrivals_per_s)
    for name, value in (("handling_s", offered.handling_s), ("patience_s", offered.patience_s)):
        if value is not None and not (math.isfinite(value) and value > 0):
            raise InputError("expected a number of seconds above 0", field=name)


def _check_goal(goal: Goal) -> None:
    _check("within_s", goal.within_s)
    if not 0 <= goal.service_level < 1:
        raise InputError("expected a share from 0 to below 1", field="service_level")
    if not 0 < goal.occupancy <= 1:
        raise InputError("expected a share above 0, at most 1", field="occupancy")
    if not 0 <= goal.shrinkage < 1:
        raise InputError("expected a share from 0 to below 1", field="shrinkage")
