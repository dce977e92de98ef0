"""Families of words: which codes each family of the catalogue must have a word for, read from the code and the city."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import get_args, get_type_hints

import msgspec

from channels.registry import CHANNELS
from router import matching
from router.commands.plan_telling import LEFT, STEPS, TODAY
from router.config import example_city
from router.lifecycle import OFFER
from rules.cases import Difference
from rules.city import City, load_city
from rules.contributions import FIRST_WINS, STRONGEST, WAYS
from rules.decide import Decision, Outcome
from rules.plan_figures import MandateDepth
from rules.plan_here import Stays
from rules.proof.findings import CODES
from rules.replay.comparing import How
from rules.replay.guards import Limits
from rules.replay.intervals import Sample
from rules.replay.passing import Group
from rules.replay.report import FloorSide
from rules.strategy import FACTS, NOTICE_CHANNELS, NOTICE_MOMENTS, OFFERS, WORDS, Captured, Limit, Shown
from rules.supposing import UNTOLD
from rules.words import catalogue
from rules.words.telling import BY_PEOPLE

ROOT = Path(__file__).parent.parent.parent
PARTS = frozenset({*get_args(Captured), *get_args(Shown)})
WAYS_ON = ("queue", "hand_over", "answer")
REACHED = WORDS["preference"]
LISTED_SUGGESTIONS = frozenset({"ask", "book", "call_again", "checklist"})
"""Advice whose second half is a name of its own."""


@cache
def city() -> City:
    """The example city."""
    return load_city(example_city())


@cache
def families() -> dict[str, set[str]]:
    """The codes of each family; a key of the catalogue is its family, a hyphen and the code."""
    facts = {*FACTS}
    outcomes = _names(Outcome)
    decisions = _names(Decision) - UNTOLD - {"kind", "reason", "unit", "queue"}
    return {
        "known": facts | {"open", "closed", "other", "nothing"},
        "name": facts | {"calendar", "other"},
        "if": facts | {"calendar", "other"},
        **{f"value-{fact}": {*words} for fact, words in _values().items()},
        "reach": {*REACHED},
        "moment": {*NOTICE_MOMENTS},
        "by": {*NOTICE_CHANNELS},
        "offer": {*OFFERS},
        "part": {*PARTS},
        "answer": {rule.then.answer for rule in city().strategy.rules if rule.then.answer},
        "field": handed_over(),
        "holder": named("owner") - city().units.keys() - city().referrals.keys(),
        "checklist": {code for rule in city().strategy.rules for code in rule.then.checklist},
        "suggest": {_key(code) for code in suggestions()} | LISTED_SUGGESTIONS,
        "says": _said(outcomes),
        "what": {*STRONGEST, *FIRST_WINS},
        "had": decisions | {"queue", "hand_over", "answer", "other"},
        "step-exit": {"callback", "written", "unit"},
        "decided": {"queue", "hand_over", "answer", "by", "by-id", "by-nobody", "fallback", "version"},
        "way": {"queue", "unit", "answer", "emergency_number", "responsible", "duty", "owner_of_place"},
        "people": {*BY_PEOPLE, "stood", "none", "not_needed"},
        "section": {"decision", "known", "rules", "unknown", "changes", "people"},
        "chosen": chosen_reasons(),
        "loser": loser_reasons() | {"skill-any", "other"},
        "ended": {state for state in OFFER if state} | {"reason"},
        "reason": revoke_reasons() | {"not_responding", "busy_elsewhere"},
        "finding": {*CODES},
        "difference": {*_hows(), "nothing"},
        "list": {"and", "or", "more"},
        "plan-stays": {*get_args(Stays)} - {""},
        "plan-mandate": {*get_args(MandateDepth)} - {"none"},
        "plan-head": {head for heads in (TODAY, STEPS, LEFT) for head in heads},
        "covered": {"all", "cut", "none"},
        "replay": replayed(),
    }


def _hows() -> tuple[str, ...]:
    return get_args(get_type_hints(Difference)["how"])


def _names(struct: type[msgspec.Struct]) -> set[str]:
    return {field.name for field in msgspec.structs.fields(struct)}


def _said(outcomes: set[str]) -> set[str]:
    told_apart = {"limit", "capture", "route"}
    variants = {
        "require-returned",
        "too_late",
        "too_late-alone",
        "too_late-same",
        "offers-taken_away",
        "notices-moved",
        "covered",
        "warm_transfer-written",
        "warm_transfer-within",
        "priority-ahead",
        "require_fields-taken_away",
        "require_fields",
        "forbid_fields",
        "duty",
    }
    parts = {f"limit-{part}" for part in _names(Limit) | {"fields", "teams", "push"}}
    return (
        (outcomes - told_apart)
        | variants
        | parts
        | {"capture-forbid", "capture-allow", "capture-covered", "nothing", "because_unknown"}
        | {*WAYS}
    )


def _values() -> dict[str, Iterable[str]]:
    closed = {
        fact: words for fact, words in WORDS.items() if fact not in {"calendar", "preference", "declined_channel"}
    }
    return {
        **closed,
        "authority": named("authority"),
        "campaign": named("campaign"),
        "channel": {*CHANNELS, "social"},
    }


def suggestions() -> set[str]:
    """Every piece of advice of the city's rules."""
    return {code for rule in city().strategy.rules for code in rule.then.suggestions if not _is_listed(code)}


def named(fact: str) -> set[str]:
    """Every word that the city's rules ask for in a fact."""
    cells = [cell for row in city().strategy.rows for cell in row.cells if cell.fact == fact]
    return {word for cell in cells for word in cell.wanted | cell.refused}


def handed_over() -> set[str]:
    """Every field of a handover that the city's rules name."""
    given = [rule.then.hand_over for rule in city().strategy.rules if rule.then.hand_over]
    return {field for each in given for field in (*each.require_fields, *each.forbid_fields)}


def _is_listed(code: str) -> bool:
    verb, _, what = code.partition(":")
    return verb in LISTED_SUGGESTIONS and (verb != "ask" or what in FACTS) and what != "bygglov"


def _key(code: str) -> str:
    return code.replace(":", "-")


# Reports of replays --------------------------------------------------------------------------------------------------


@cache
def replayed() -> set[str]:
    """Every word of a replay's report: those that its files name, and those of the codes that it shows."""
    files = sorted((ROOT / "router/strategy_replay").glob("*.py"))
    literals = {
        node.value
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    known = {line.partition(" = ")[0].removeprefix("replay-") for line in catalogue("sv").splitlines()
             if line.startswith("replay-")}  # fmt: skip
    guards = {re.sub("_(points|percent|s)$", "", name) for name in _names(Limits)} - {"unit_growth_from"}
    coded = {
        "field": _names(Decision) - {"trace"},
        "how": {*get_args(How)},
        "kind": {*WAYS_ON},
        "way": {*WAYS_ON},
        "guard": guards,
        "measure": {"points", "percent", "contacts", "seconds"},
        "crew": {"erlang", "number", "register"},
        "sample": {*get_args(Sample)},
        "by": {*Group._fields},
        "assumed": {"facts", "calendars", "people", "definitions"},
        "floor": _names(FloorSide) - {"queues", "answered"},
        "channel": {*CHANNELS},
    }
    return (literals & known) | {f"{group}_{code}" for group, codes in coded.items() for code in codes}


# Reasons, from the code that gives them ------------------------------------------------------------------------------


@cache
def loser_reasons() -> set[str]:
    """Every reason by which matching may pass an agent over."""
    found = {name for _, name in matching._BY_RANK}
    found |= {*_strings("router/matching.py", {"_lost_by", "_losers", "_passed", "_cannot", "_unable_pools"})}
    found |= {*_strings("router/eligibility.py", {"standing"})} | {*_strings("router/planned_floor.py", {"blocked"})}
    return found - {""}


@cache
def chosen_reasons() -> set[str]:
    """Every reason by which matching may choose an agent."""
    found = {name for name, _ in matching._BY_RANK}
    return found | {*_strings("router/matching.py", {"_reason"})} | {"nobody_else"}


@cache
def revoke_reasons() -> set[str]:
    """Every reason that the service itself gives for taking an offer back."""
    calls = {"revoke_offer", "return_offers"}
    found = {"superseded"}
    for path in (ROOT / "router").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in calls:
                words = [each.value for each in node.args if isinstance(each, ast.Constant)]
                found |= {word for word in words if isinstance(word, str)}
    return found


def _strings(path: str, functions: set[str]) -> Iterator[str]:
    """The words in these functions of a file, docstrings left out."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name in functions:
            for part in ast.walk(ast.Module(node.body[1:], [])):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value
