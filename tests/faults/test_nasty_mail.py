"""A thousand mails that nobody has seen, over real SMTP, and a router that is killed: nothing is lost or hangs."""

import asyncio
import json
import os
import random
import re
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from channels.email.limits import HEADERS_S, WHOLE_S
from router.clock import elapsed_s
from tests.channels.email.nasty_mails import BOX, KINDS, Nasty, nasty
from tests.channels.email.postbox import wired
from tests.faults.evidence import broken, journal, received, standing
from tests.faults.mailed import Mailed
from tests.journeys.waiting import eventually

SERVERS = 6
MOST_S = WHOLE_S + HEADERS_S + 8
"""From a mail's dot to its answer: both limits of reading it, and room for a busy machine."""
MOST_ROUTER_KB, MOST_READER_KB = 500_000, 700_000
NAMED = {"unknown-mailbox", "automatic-mail", "mail-loop", "too-large", "forbidden"}
SLUG = re.compile(r"\(([a-z-]+)\)")


@dataclass
class Sent:
    """What became of the mails so far, and what it cost."""

    taken: dict[int, str] = field(default_factory=dict[int, str])
    refused: dict[int, str] = field(default_factory=dict[int, str])
    again: Counter[str] = field(default_factory=Counter[str])
    slowest: tuple[float, str] = (0.0, "")
    router_kb: int = 0
    readers_kb: int = 0


async def offer(port: int, mail: Nasty, sent: Sent) -> str:
    """The dialogue once: the answer to the mail, '' when the line broke."""
    async with wired(port) as wire:
        await wire.greeted()
        assert (await wire.ask(f"MAIL FROM:<{mail.sender}>")).startswith("250")
        assert (await wire.ask(f"RCPT TO:<{BOX.decode()}>")).startswith("250")
        assert (await wire.ask("DATA")).startswith("354")
        lines = mail.raw.split(b"\r\n")
        await wire.say(b"\r\n".join((b"." if each.startswith(b".") else b"") + each for each in lines))
        started = elapsed_s()
        await wire.say(b"\r\n.\r\n")
        answer = await wire.heard()
        if answer:
            sent.slowest = max(sent.slowest, (elapsed_s() - started, f"{mail.kind} {mail.number}"))
        return answer


async def insist(port: int, mail: Nasty, sent: Sent) -> None:
    """As a mail server does: until it is taken, or refused for good."""
    while True:
        try:
            answer = await offer(port, mail, sent)
        except (OSError, AssertionError, TimeoutError):
            answer = ""
        if answer.startswith("250"):
            sent.taken[mail.number] = answer.rpartition(" ")[2]
            return
        if answer.startswith("5"):
            found = SLUG.search(answer)
            sent.refused[mail.number] = found[1] if found else answer
            return
        sent.again[answer[:3]] += 1
        await asyncio.wait({asyncio.get_running_loop().create_future()}, timeout=0.3)


def resident_kb(pid: int) -> int:
    """The most memory that a process has had."""
    try:
        said = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = re.search(r"VmHWM:\s+(\d+)", said)
    return int(found[1]) if found else 0


def weigh(box: Mailed, sent: Sent) -> None:
    """Look at the router and those who read mail for it."""
    sent.router_kb = max(sent.router_kb, resident_kb(box.service.pid))
    readers = [pid for pid, line in box.service.children().items() if "email" in line]
    sent.readers_kb = max([sent.readers_kb, *map(resident_kb, readers)])


async def storm(box: Mailed, mails: int, kills: int) -> Sent:
    """All mails by several servers at once, the router killed at moments of its own."""
    sent, dice = Sent(), random.Random(mails)  # noqa: S311 # the moments of the kills, the same each time
    waiting = iter([nasty(number) for number in range(mails)])
    at = sorted(dice.sample(range(mails // 10, mails // 2), kills))

    async def server() -> None:
        for mail in waiting:
            await insist(box.port, mail, sent)

    servers = [asyncio.create_task(server()) for _ in range(SERVERS)]
    while not all(each.done() for each in servers):
        await asyncio.wait(servers, timeout=0.05)
        weigh(box, sent)
        if at and len(sent.taken) + len(sent.refused) >= at[0]:
            at.pop(0)
            await asyncio.wait(servers, timeout=dice.uniform(0, 0.2))
            await asyncio.to_thread(box.again)
    await asyncio.gather(*servers)
    assert not at, "not every kill happened"
    return sent


def registered(box: Mailed) -> set[str]:
    """The contacts in the register."""
    with closing(sqlite3.connect(f"file:{box.service.data_dir / 'register.db'}?mode=ro", uri=True)) as database:
        return {str(row[0]) for row in database.execute("select id from contacts")}


def write_report(sent: Sent) -> None:
    """Counts and costs, into the file that `NASTY_REPORT` names."""
    report = vars(sent) | {"taken": len(sent.taken), "refused": Counter(sent.refused.values())}
    Path(os.environ.get("NASTY_REPORT", os.devnull)).write_text(json.dumps(report), encoding="utf-8")


@pytest.mark.parametrize(
    ("mails", "kills"), [(76, 2), pytest.param(1026, 12, marks=[pytest.mark.thousand, pytest.mark.timeout(3600)])]
)
async def test_nasty_mails_and_kills(mailed: Callable[..., Mailed], mails: int, kills: int) -> None:
    """Each mail is answered 250 and is a contact, once, or is refused by name; reading none takes long or much."""
    box = await asyncio.to_thread(mailed)
    sent = await storm(box, mails, kills)
    assert sorted([*sent.taken, *sent.refused]) == list(range(mails))
    assert set(sent.refused.values()) <= NAMED
    entries = await journal(box.service.store_url)
    contacts = received(entries)
    assert set(sent.taken.values()) == set(contacts.values())
    assert len(contacts) == len(set(contacts.values())) == len(sent.taken)
    assert broken(entries) == []
    assert await standing(box.service.store_url) == []

    async def is_registered() -> bool:
        return registered(box) >= set(contacts.values())

    assert await eventually(is_registered, 60)
    write_report(sent)
    assert sent.slowest[0] < MOST_S, sent.slowest
    assert sent.router_kb < MOST_ROUTER_KB
    assert 0 < sent.readers_kb < MOST_READER_KB
    assert "Traceback" not in box.service.said()


def test_no_two_mails_are_the_same() -> None:
    """Every kind is there, each mail is made the same again, and no two have the same bytes."""
    made = [nasty(number) for number in range(1026)]
    assert {mail.kind for mail in made} == {kind.__name__ for kind in KINDS}
    assert len({mail.raw for mail in made}) == len(made)
    assert nasty(77) == made[77]
