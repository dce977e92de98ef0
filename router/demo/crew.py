"""The made-up agents' profiles: uneven, as in a real crew, and so that every queue of the city has somebody. Pure."""

import random

import msgspec

SPECIAL = frozenset({"senior", "finska", "skyddad_id", "soc_mottagning"})
"""Skills that are given by name; all others are spread over the crew."""
FIRST_NAMES = (
    "Aino", "Björn", "Cecilia", "David", "Elin", "Farid", "Gunilla", "Hassan", "Ingrid", "Johan", "Karin", "Leila",
    "Mikko", "Nadia", "Oskar", "Pia", "Ranja", "Stefan", "Tove", "Ulf", "Vera", "William", "Ylva", "Zahra",
)  # fmt: skip
FORMS = ("both", "both", "both", "live", "both", "written", "both", "both")


class Profile(msgspec.Struct, frozen=True):
    """One agent, as `PUT /v1/agents/{id}` wants them, and the form they work in."""

    agent_id: str
    name: str
    team: str
    skills: dict[str, int]
    capacity: dict[str, int]
    form: str


def crew(size: int, skills: list[str], seed: int) -> list[Profile]:
    """So many agents. The first ones carry what is rare; every ordinary skill has at least two who know it well."""
    dice = random.Random(seed)  # noqa: S311 # a show, not a secret
    ordinary = [skill for skill in skills if skill not in SPECIAL]
    known: list[dict[str, int]] = [{} for _ in range(size)]
    for number, skill in enumerate(ordinary * 2):
        known[number % size][skill] = 4 if number < len(ordinary) else 3
    for each in known:
        for skill in dice.sample(ordinary, k=min(len(ordinary), dice.choice((1, 2, 2, 3)))):
            each.setdefault(skill, dice.choice((1, 2, 2, 3)))
    _give_special(known, skills)
    return [_profile(number, each) for number, each in enumerate(known)]


def _give_special(known: list[dict[str, int]], skills: list[str]) -> None:
    """Two of each rare skill, on different desks as far as there are any."""
    given = {"finska": (0, 4), "skyddad_id": (1, 3), "soc_mottagning": (2, 5), "senior": (1, 2, 6)}
    for skill, numbers in given.items():
        for number in numbers:
            if skill in skills:
                known[number % len(known)][skill] = 3


def _profile(number: int, skills: dict[str, int]) -> Profile:
    capacity = {"phone": 1, "chat": 2 if number % 3 else 1, "email": 1, "web": 1, "app": 1, "letter": 1}
    capacity["visit"] = 1 if number % 2 == 0 else 0
    name = f"{FIRST_NAMES[number % len(FIRST_NAMES)]} {chr(ord('A') + number // len(FIRST_NAMES) % 26)}."
    form = "both" if number < 8 and number % 8 != 5 else FORMS[number % len(FORMS)]  # noqa: PLR2004 # the rare ones take all
    return Profile(f"agent-{number + 1:03}", name, "servicecenter", skills, capacity, form)
