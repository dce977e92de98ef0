"""Spoiled strategies: small mistakes put into the example city, each with the finding that must name it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.rules.spoiled_city import spoil

Spoil = Callable[[Path], None]
STRATEGY = "strategy.toml"
QUEUES, AGREEMENTS = "queues.toml", "agreements.toml"


class Spoiled(NamedTuple):
    """One mistake, the code of what must be found, and the rule that must be named."""

    code: str
    rule: str
    how: tuple[Spoil, ...]


def swap(file: str, old: str, new: str) -> Spoil:
    """Words put in place of others, wherever they stand."""
    return lambda folder: spoil(folder, file, old, new, everywhere=True)


def once(file: str, old: str, new: str) -> Spoil:
    """Words put in place of the first that are like them."""
    return lambda folder: spoil(folder, file, old, new)


def added(file: str, table: str) -> Spoil:
    """A table at the end of a file."""

    def do(folder: Path) -> None:
        with (folder / file).open("a", encoding="utf-8") as end:
            _ = end.write(f"\n{table}\n")

    return do


def rule(name: str, tier: str, when: str, then: str, more: str = "") -> str:
    """A rule as it is written."""
    return f'[[rule]]\nid = "{name}"\ntier = "{tier}"\nwhen = [{when}]\n{more}\nthen = {{ {then} }}\n'


def last(name: str, tier: str, when: str, then: str, more: str = "") -> Spoil:
    """A rule after all others of its tier."""
    return added(STRATEGY, rule(name, tier, when, then, more))


def first(name: str, tier: str, when: str, then: str, more: str = "") -> Spoil:
    """A rule before all others of its tier."""
    top = '[[rule]]\nid = "K09"'
    return lambda folder: spoil(folder, STRATEGY, top, f"{rule(name, tier, when, then, more)}\n{top}")


SKIP = 'unknown = "skip"'
TIB = 'warm_transfer = "duty"\nfallback = "tib"\n'
ALONE = (
    swap(STRATEGY, TIB, 'warm_transfer = "duty"\n'),
    swap(STRATEGY, 'hand_over = { duty = "vatten"', 'hand_over = { unit = "va_jour"'),
    swap("duty_chains.toml", 'unit = "va_jour"', 'unit = "fastighetsjour"'),
)
"""Whoever is on call for water has nobody behind: no fallback, and no duty chain that begins with them."""
GO = 'queue = "generalist"'
STOPS = 'queue = "generalist", stop = true'
NOT_SECRET = swap(
    STRATEGY,
    'safety rule decides"\nwhen = [{ topic_flag = "secret" }, { sensitive_detected = true }]',
    'safety rule decides"\nwhen = [{ topic_flag = "needs_id" }]',
)

REACH: Mapping[str, Spoiled] = {
    "a topic that has no such flag": Spoiled(
        "unreachable_rule", "X", (last("X", "E", '{ topic = "KUF.*", topic_flag = "p1_possible" }', GO),)
    ),
    "two calendars that are never open together": Spoiled(
        "unreachable_rule", "X", (last("X", "E", '{ calendar = { infrastruktur = "open", va_jour = "open" } }', GO),)
    ),
    "a range without numbers": Spoiled("unreachable_rule", "X", (last("X", "E", '{ loa = "3..2" }', GO),)),
    "a word wanted and refused": Spoiled(
        "unreachable_rule", "X", (last("X", "C", '{ language = ["fi", "!fi"] }', GO),)
    ),
    "a row that can't hold": Spoiled(
        "unreachable_row",
        "X",
        (last("X", "C", '{ business = true }, { topic = "SOC.ORB", topic_flag = "fault" }', "mask = true"),),
    ),
    "a narrower stop behind a wider one": Spoiled(
        "shadowed_rule", "X", (last("X", "A", '{ topic = "OMS.LAR", medium = "voice" }', STOPS, SKIP),)
    ),
    "a rule of the city behind a new stop": Spoiled(
        "shadowed_rule", "K05", (first("X", "A", '{ topic = "OMS.*" }', STOPS, SKIP),)
    ),
    "a rule covered by two stops together": Spoiled(
        "shadowed_rule",
        "X3",
        (
            last("X1", "F", '{ medium = ["voice", "messaging"] }', "stop = true"),
            last("X2", "F", '{ medium = ["!voice", "!messaging", "unknown"] }', "stop = true"),
            last("X3", "F", "{ crisis = true }", "mask = true"),
        ),
    ),
    "a default for topics that have rules": Spoiled(
        "shadowed_rule", "X", (last("X", "H", '{ topic = "BAR.*", topic_confidence = ">=50" }', GO),)
    ),
    "a stop that hits all that is unknown": Spoiled(
        "shadowed_rule", "K17", (first("X", "B", '{ language = ["fi", "unknown"] }', STOPS, SKIP),)
    ),
    "a row behind a stop": Spoiled(
        "shadowed_row",
        "K05",
        (swap(STRATEGY, 'when = [{ topic = "OMS.LAR" }]', 'when = [{ topic = "OMS.LAR" }, { topic = "SOC.ORB" }]'),),
    ),
}
ORDER: Mapping[str, Spoiled] = {
    "two stops that cross": Spoiled(
        "equal_stops",
        "X2",
        (
            last("X1", "C", "{ business = true }", 'queue = "naringsliv", stop = true'),
            last("X2", "C", "{ no_digital = true }", 'queue = "bygg", stop = true'),
        ),
    ),
    "two stops for the same": Spoiled(
        "equal_stops",
        "X2",
        (
            last("X1", "C", "{ business = true }", 'queue = "naringsliv", stop = true'),
            last("X2", "C", "{ business = true }", 'queue = "bygg", stop = true'),
        ),
    ),
    "a topic sent two ways": Spoiled(
        "conflicting_ways", "X", (last("X", "E", '{ topic = "BAR.SKV" }', 'queue = "gata"'),)
    ),
    "two facts, two ways": Spoiled(
        "conflicting_ways",
        "X2",
        (
            last("X1", "C", "{ business = true }", 'queue = "naringsliv"'),
            last("X2", "C", "{ no_digital = true }", 'hand_over = { unit = "kansli" }'),
        ),
    ),
    "two teams at first": Spoiled(
        "conflicting_teams",
        "X2",
        (
            last("X1", "C", "{ business = true }", 'team = "servicecenter"'),
            last("X2", "C", "{ no_digital = true }", 'team = "norrby"'),
        ),
    ),
    "a case that the rules do not give": Spoiled(
        "case_failed", "K08", (swap(STRATEGY, 'stopped_by = "K07", notices', 'stopped_by = "K08", notices'),)
    ),
    "a law rule without a case": Spoiled(
        "no_case", "X", (last("X", "B", '{ campaign = "valet" }', "mask = true", SKIP),)
    ),
}
UNKNOWN: Mapping[str, Spoiled] = {
    "a safety rule that hits everybody whose topic is unknown": Spoiled(
        "hits_on_nothing",
        "K05",
        (swap(STRATEGY, 'when = [{ topic = "OMS.LAR" }]\nunknown = "skip"', 'when = [{ topic = "OMS.LAR" }]'),),
    ),
    "a law rule that hits all who call": Spoiled(
        "hits_on_nothing", "X", (last("X", "B", '{ medium = "voice", business = true }', 'queue = "naringsliv"'),)
    ),
    "a safety rule that hits nobody": Spoiled(
        "known_too_late", "X", (last("X", "B", '{ point = "received", threat = true }', "mask = true", SKIP),)
    ),
}
HOURS: Mapping[str, Spoiled] = {
    "a duty that begins an hour late": Spoiled(
        "uncovered_hour",
        "K07",
        (
            *ALONE,
            swap("calendars.toml", 'mon = ["00:00-07:00", "16:00-24:00"]', 'mon = ["00:00-07:00", "17:00-24:00"]'),
        ),
    ),
    "a duty that is closed on holidays": Spoiled(
        "uncovered_hour",
        "K07",
        (
            *ALONE,
            swap("calendars.toml", 'holidays = ["00:00-24:00"]', 'holidays = "closed"'),
        ),
    ),
    "a duty that is closed on one day": Spoiled(
        "uncovered_hour",
        "K07",
        (
            *ALONE,
            swap(
                "calendars.toml",
                'holidays = ["00:00-24:00"]',
                'holidays = ["00:00-24:00"]\nexceptions = [{ date = "2027-01-20", name = "Flytt" }]',
            ),
        ),
    ),
    "a written concern at night": Spoiled(
        "uncovered_hour",
        "K04",
        (
            swap(STRATEGY, 'fallback = "112"\nnotices', 'fallback = "kansli"\nnotices'),
            swap("duty_chains.toml", 'unit = "socialtjanst_mottagning"', 'unit = "fastighetsjour"'),
        ),
    ),
    "an emergency handed to a closed door": Spoiled(
        "closed_without_fallback",
        "X",
        (
            first(
                "X",
                "A",
                '{ topic = "OMS.HTJ", severity = "P1" }',
                'emergency = true, hand_over = { unit = "vard_omsorg" }, stop = true',
                SKIP,
            ),
        ),
    ),
    "a queue without calls": Spoiled(
        "medium_not_taken",
        "K49",
        (
            once(
                QUEUES,
                'media = ["voice", "messaging", "written", "in_person"]\ncalendar = "servicecenter"\nreserve = 1',
                'media = ["messaging"]\ncalendar = "servicecenter"\nreserve = 1',
            ),
        ),
    ),
    "an e-mail to a queue for calls": Spoiled(
        "medium_not_taken", "X", (first("X", "E", '{ topic = "SOC.BUD" }', 'queue = "socialtjanst"'),)
    ),
}
MANDATE: Mapping[str, Spoiled] = {
    "a topic that no rule knows": Spoiled(
        "topic_without_rule",
        "",
        (added("topics.toml", '[[topic]]\ncode = "LUF.DRO"\nsv = "Drönare"\nen = "Drones"\nunit = "kansli"'),),
    ),
    "a topic that is never ours": Spoiled(
        "topic_without_mandate",
        "X",
        (first("X", "E", '{ topic = "KUF.BIB" }', 'hand_over = { unit = "responsible" }'),),
    ),
    "a hand-over nobody agreed about": Spoiled(
        "no_agreement", "K16", (swap(AGREEMENTS, 'topics = ["DEM.ALH"]', 'topics = ["DEM.SYN"]'),)
    ),
    "an expired agreement": Spoiled(
        "agreement_expired", "K07", (swap(AGREEMENTS, 'unit = "va_jour"', 'unit = "va_jour"\nvalid_to = "2025-12-31"'),)
    ),
    "an agreement that begins later": Spoiled(
        "agreement_not_yet",
        "K16",
        (swap(AGREEMENTS, 'unit = "registrator"', 'unit = "registrator"\nvalid_from = "2026-09-01"'),),
    ),
    "an agreement that ends within the year": Spoiled(
        "agreement_ends", "K07B", (swap(AGREEMENTS, 'unit = "gatujour"', 'unit = "gatujour"\nvalid_to = "2026-06-30"'),)
    ),
    "help in long queues under an agreement that is over": Spoiled(
        "agreement_expired", "", (swap(AGREEMENTS, 'valid_from = "2026-01-01"', 'valid_to = "2026-01-15"'),)
    ),
}
SECRECY: Mapping[str, Spoiled] = {
    "an sms about a secret topic": Spoiled("open_notice", "K07C", (NOT_SECRET,)),
    "a written receipt about a secret topic": Spoiled(
        "open_notice",
        "X",
        (NOT_SECRET, first("X", "A", '{ topic = "SOC.EKB" }', 'notices = ["received:email"], stop = true', SKIP)),
    ),
    "limits that share nothing": Spoiled(
        "limits_share_nothing", "X", (last("X", "C", '{ preference = "letter" }', 'limit = { notices = ["letter"] }'),)
    ),
    "an answer by a machine and self-service beside it": Spoiled(
        "self_service_alone",
        "K27",
        (swap(STRATEGY, 'answer = "follower", ', 'answer = "follower", offers = ["self_service"], '),),
    ),
    "self-service for who may not be called, at night": Spoiled(
        "self_service_alone",
        "K21",
        (swap(STRATEGY, 'then = { suppress = ["self_service"] }\n', "then = { mask = true }\n"),),
    ),
}
DEAD: Mapping[str, Spoiled] = {
    "queue": Spoiled("queue_never_named", "", (swap(STRATEGY, 'queue = "miljo"', 'queue = "bygg"'),)),
    "unit": Spoiled(
        "unit_never_named",
        "",
        (
            added(
                "units.toml", '[[unit]]\nid = "arkiv"\nname_sv = "Arkiv"\nkind = "department"\ncalendar = "kontorstid"'
            ),
        ),
    ),
    "skill": Spoiled(
        "skill_never_named", "", (added("skills.toml", '[[skill]]\nid = "arabiska"\nname_sv = "Arabiska"'),)
    ),
    "calendar": Spoiled(
        "calendar_never_named",
        "",
        (added("calendars.toml", '[[calendar]]\nid = "lunch"\nname_sv = "Lunch"\nweekly = { mon = ["11:00-12:00"] }'),),
    ),
    "team": Spoiled("team_never_named", "", (added("city.toml", '[[team]]\nid = "natt"\nname_sv = "Natt"'),)),
    "referral": Spoiled(
        "referral_never_named",
        "",
        (added("city.toml", '[[referral]]\nid = "hyresnamnden"\nname_sv = "Hyresnämnden"\nphone = "+46701740640"'),),
    ),
    "agreement": Spoiled(
        "agreement_never_named",
        "",
        (
            added(
                AGREEMENTS,
                '[[agreement]]\nid = "gammal"\ntopics = ["KUF.*"]\nunit = "arbetsmarknad"\n'
                "accept_s = 1\ncontact_s = 1\nfinish_s = 1",
            ),
        ),
    ),
}
CORPUS: Mapping[str, Spoiled] = {**REACH, **ORDER, **UNKNOWN, **HOURS, **MANDATE, **SECRECY}
