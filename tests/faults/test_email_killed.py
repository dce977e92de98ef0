"""Mail servers and a router that dies at every point of the dialogue: each mail is one contact in the end."""

import asyncio
import random
from collections.abc import Callable

import pytest

from tests.channels.email.postbox import BOX, RESIDENT, letter, wired
from tests.faults.evidence import broken, journal, received, standing
from tests.faults.mailed import Mailed

POINTS = ("greeting", "EHLO", "MAIL", "RCPT", "DATA", "half", "dot", "answered")
PATIENCE = 60


def mail_of(number: int) -> bytes:
    """One of many: its own message id and words, some with a file."""
    mail = letter(f"Fråga nummer {number}: när öppnar biblioteket?", Message_ID=f"<{number}@resident.example.se>")
    if number % 3 == 0:
        mail.add_attachment(b"%PDF-1.4 " + bytes(number % 256) * 1000, maintype="application", subtype="pdf")
    return mail.as_bytes()


async def deliver(port: int, raw: bytes, *, until: str = "answered", verb: str = "EHLO") -> str:
    """The dialogue up to a point; the answer to the mail when it comes that far."""
    async with wired(port) as wire:
        lines = [f"{verb} mx.example.se", f"MAIL FROM:<{RESIDENT}>", f"RCPT TO:<{BOX}>", "DATA"]
        assert (await wire.heard()).startswith("220")
        if until == "greeting":
            return ""
        for point, line in zip(POINTS[1:], lines, strict=False):
            assert (await wire.ask(line))[:3] in {"250", "354"}, line
            if until == point:
                return ""
        await wire.say(raw[: len(raw) // 2])
        if until == "half":
            return ""
        await wire.say(raw[len(raw) // 2 :] + b"\r\n.\r\n")
        return "" if until == "dot" else await wire.heard()


async def insist(port: int, raw: bytes, verb: str = "EHLO") -> str:
    """As a mail server does: again and again until the mail is taken."""
    for _ in range(PATIENCE * 10):
        try:
            answer = await deliver(port, raw, verb=verb)
        except (OSError, AssertionError, TimeoutError):
            answer = ""
        if answer.startswith("250"):
            return answer
        assert not answer.startswith("5"), answer
        await asyncio.wait({asyncio.get_running_loop().create_future()}, timeout=0.1)
    raise AssertionError("never taken")


@pytest.mark.parametrize("is_lmtp", [False, True])
async def test_a_router_that_dies_at_each_point_of_the_dialogue(mailed: Callable[..., Mailed], is_lmtp: bool) -> None:
    """Killed after the greeting, each command, half of the mail, its dot, its answer: sent again, it is one contact."""
    box = await asyncio.to_thread(mailed, is_lmtp=is_lmtp)
    verb = "LHLO" if is_lmtp else "EHLO"
    answers: dict[int, str] = {}
    for number, point in enumerate(POINTS):
        answers[number] = await deliver(box.port, mail_of(number), until=point, verb=verb)
        await asyncio.to_thread(box.again)
        told = await insist(box.port, mail_of(number), verb)
        assert answers[number] in {"", told}
    entries = await journal(box.service.store_url)
    assert len(received(entries)) == len(POINTS)
    assert broken(entries) == []
    assert await standing(box.service.store_url) == []


async def test_a_storm_of_mail_and_kills(mailed: Callable[..., Mailed]) -> None:
    """Sixty mails by six servers at once while the router is killed again and again: sixty contacts, none twice."""
    box = await asyncio.to_thread(mailed)
    waiting = iter(range(60))
    dice = random.Random(7)  # noqa: S311 # the moments of the kills, the same each time

    async def server() -> None:
        for number in waiting:
            await insist(box.port, mail_of(number))

    servers = [asyncio.create_task(server()) for _ in range(6)]
    for _ in range(4):
        await asyncio.wait(servers, timeout=dice.uniform(0.05, 0.4))
        await asyncio.to_thread(box.again)
    await asyncio.gather(*servers)
    entries = await journal(box.service.store_url)
    assert len(received(entries)) == 60
    assert len(set(received(entries).values())) == 60
    assert broken(entries) == []
    assert RESIDENT not in box.service.said()
