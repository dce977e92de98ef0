"""A replay: contacts decided by both strategies a second, the command on a year of requests, the simulated floor.

The history is made up: a year of requests by day and hour as a city gets them, in a file for the reader of real ones.
The draft hands one topic over.
"""

import csv
import gc
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from router.bench.figures import Figure, at_least, at_most, told
from router.clock import elapsed_s
from router.config import Config
from router.strategy_replay.floor_crew import made_crew, needed
from router.strategy_replay.floor_plan import Plans
from router.strategy_replay.floor_run import run_floor
from router.strategy_replay.history_files import read_history
from router.strategy_replay.noting import Noted
from rules.city import City, load_city
from rules.replay.history import Recorded
from rules.replay.passing import Passed

CONTACTS, QUICK_CONTACTS = 80_000, 8_000
DECIDED_PER_S, FLOOR_PER_S, COMMAND_S = 100_000, 10_000, 5.0
DAYS = 365
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
HOURS = (1, 1, 1, 1, 1, 2, 5, 12, 20, 22, 21, 19, 16, 18, 17, 15, 12, 9, 6, 5, 4, 3, 2, 1)
"""How many of a day's requests come in each hour."""
SOURCES = {"Constituent Call": 52, "Citizens Connect App": 16, "Self Service": 10, "City Worker App": 22}
AREAS = ("Norr", "Söder", "Öster", "Väster", "Centrum", "")
HEADER = (
    *("CASE_ENQUIRY_ID", "OPEN_DT", "CLOSURE_REASON", "CASE_TITLE", "SUBJECT", "REASON", "TYPE", "neighborhood"),
    *("LATITUDE", "LONGITUDE", "Source"),
)
FILLER = "Looked at by the crew of the area, and closed. " * 6
RULE = """[[rule]]
id = "BENCH"
tier = "E"
title = "Belysning lämnas över"
why = "Mätning."
when = [{ topic = "GAT.BEL" }]
then = { hand_over = { unit = "responsible" } }

"""


def write_requests(path: Path, city: City, contacts: int) -> None:
    """A year of requests."""
    dice = random.Random(1)  # noqa: S311 # repeatable, no secret
    words = [(topic.words[0].rstrip("$"), topic.en) for topic in city.topics.topics if topic.words]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        moments = sorted(
            FIRST_DAY
            + timedelta(
                days=dice.randrange(DAYS), hours=dice.choices(range(24), HOURS)[0], seconds=dice.randrange(3600)
            )
            for _ in range(contacts)
        )
        for number, at in enumerate(moments):
            kind, title = words[min(int(dice.expovariate(0.12)), len(words) - 1)]
            writer.writerow(
                (
                    str(100_000_000 + number), at.strftime("%m/%d/%Y %I:%M:%S %p"), FILLER, title, "Ekeby", kind, kind,
                    dice.choice(AREAS), "59.33", "18.06", dice.choices([*SOURCES], [*SOURCES.values()])[0],
                )
            )  # fmt: skip


def write_draft(folder: Path) -> Path:
    """The configured city with one rule more."""
    draft = folder / "draft"
    shutil.copytree(Config().city_path, draft)
    strategy = draft / "strategy.toml"
    text = strategy.read_text(encoding="utf-8")
    _ = strategy.write_text(text.replace("[[rule]]", RULE + "[[rule]]", 1), encoding="utf-8")
    return draft


def bench_replay(*, is_quick: bool = False) -> list[Figure]:
    """Decisions only, the command as a whole, and with the simulated floor."""
    contacts = QUICK_CONTACTS if is_quick else CONTACTS
    with tempfile.TemporaryDirectory(prefix="sc-bench-") as name:
        folder = Path(name)
        draft, requests = write_draft(folder), folder / "requests.csv"
        cities = (load_city(Config().city_path), load_city(draft))
        write_requests(requests, cities[0], contacts)
        began = elapsed_s()
        history = list(read_history(requests, cities[0], Noted()))
        read_s = elapsed_s() - began
        return [
            at_least("replay, decisions only", _decided(cities, history), "contacts/s", DECIDED_PER_S),
            told("replay, requests read", len(history) / read_s, "contacts/s"),
            at_most(f"replay, {contacts:,} requests by the command", _command_s(draft, requests), "s", COMMAND_S),
            at_least(
                f"replay, simulated floor, {os.cpu_count()} cores",
                _floor(cities, draft, history),
                "contacts/s",
                FLOOR_PER_S,
            ),
        ]


def _decided(cities: tuple[City, City], history: Sequence[Recorded]) -> float:
    """Contacts a second through both strategies, counted."""
    gc.collect()
    gc.disable()
    began = elapsed_s()
    _ = Passed(*cities, 1).run(history)
    seconds = elapsed_s() - began
    gc.enable()
    return len(history) / seconds


def _command_s(draft: Path, requests: Path) -> float:
    """Seconds of the whole command, its start included."""
    program = (sys.executable, "-m", "router", "rules", "replay", str(draft), str(requests), "--json")
    began = elapsed_s()
    # Status 1 only says that a guard blocks.
    _ = subprocess.run(program, check=False, capture_output=True)  # noqa: S603 # our own program
    return elapsed_s() - began


def _floor(cities: tuple[City, City], draft: Path, history: Sequence[Recorded]) -> float:
    """Simulated contacts a second, of both strategies."""
    plans = Plans(cities[0], 1)
    _ = Passed(*cities, 1, plans.follow).run(history)
    crew = made_crew(max(1, needed(plans.before)), "erlang", cities[0], (plans.before, plans.after))
    began = elapsed_s()
    floor = run_floor((str(Config().city_path), str(draft)), cities, plans, crew, lambda _done, _total: None)
    return (floor.before.contacts + floor.after.contacts) / (elapsed_s() - began)
