"""A strategy of a few rules that a check finds nothing wrong with, for a city whose doors never close."""

from pathlib import Path

from router.demo.fast_city import emit

Table = dict[str, object]
ANY_STRATEGY = str(Path(__file__).parent / "any_strategy.toml")
"""Limits that block no such strategy, though it knows no emergency and protects nobody."""
FAULT_AT = "2026-02-03 10:00"
"""The local time of the case that does not hold."""


def small_strategy(meta: Table, *, queue: str = "", fault: str = "") -> str:
    """Its TOML; with a queue for questions about the library, or with a case that does not hold."""
    why: Table = {"title": "Prov", "why": "Prov."}
    hole: Table = {"when": [{"topic": "GAT.HÅL"}], "then": {"hand_over": {"unit": "gata"}}}
    library: Table = {"when": [{"topic": "KUF.BIB"}], "then": {"queue": queue, "stop": True}}
    rules: list[Table] = [
        {"id": "Y-1", "tier": "E", **why, **hole},
        {"id": "Z-1", "tier": "H", **why, "then": {"queue": "generalist"}},
    ]
    if queue:
        rules.insert(0, {"id": "X-1", "tier": "E", **why, **library})
    cases: list[Table] = [{"title": "Fel", "at": FAULT_AT, "expect": {"queue": fault}}] if fault else []
    return emit({"meta": meta, "rule": rules, "case": cases})
