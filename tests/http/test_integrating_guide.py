"""The guide for strangers works as it is written: its requests are taken, its desktop answers contacts."""

import asyncio
import itertools
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.desktop_client import DesktopClient
from tests.http.service_client import ServiceClient

GUIDE = (Path(__file__).parents[2] / "docs" / "integrating.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The code blocks of the guide in a language."""
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


def requests() -> Iterator[list[str]]:
    """The words of every curl command."""
    for block in blocks("sh"):
        joined = block.replace("\\\n", " ")
        for command in re.findall(r"^curl .*?(?=^curl |^[A-Z]+=|\Z)", joined, re.DOTALL | re.MULTILINE):
            yield shlex.split(command)


async def test_the_requests_are_taken(service: ServiceClient) -> None:
    """Each curl command, with its own headers and body, is answered 2xx; the handover is the first one made."""
    names = {
        "$INTEGRATION": service.token("integration", "web-forms"),
        "$UNIT": service.token("department", "gata-desk", unit="gata"),
        "$SUPERVISOR": service.token("supervisor", "lead"),
    }
    sent, handover = 0, ""
    for words in requests():
        path = (
            next(word for word in words if word.startswith("$URL")).removeprefix("$URL").replace("$HANDOVER", handover)
        )
        headers = dict(word.split(": ", 1) for flag, word in itertools.pairwise(words) if flag == "-H")
        token = names[headers.pop("Authorization").removeprefix("Bearer ")]
        body = words[words.index("-d") + 1].encode() if "-d" in words else None
        method = words[words.index("-X") + 1] if "-X" in words else "POST" if body else "GET"
        answer = await service.call(method, path, token=token, body=body, headers=headers)
        assert answer.status < 300, (words, answer)
        if answer.status == 202 and not handover:
            handover = f"{answer.contact}.h1"
        sent += 1
    assert sent >= 6


async def test_the_desktop_answers_contacts(service: ServiceClient, tmp_path: Path) -> None:
    """The desktop of the guide takes calls and finishes them; replaced by another one it ends by itself."""
    program = tmp_path / "desktop.py"
    program.write_text(next(block for block in blocks("python") if "async def desktop" in block), encoding="utf-8")
    running = await asyncio.create_subprocess_exec(
        sys.executable, str(program), service.url, service.token("agent", "guide", agent="guide"),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        for _ in range(3):
            assert await service.resolutions(await service.receive()) == ["answered"]
        async with service.desktop("guide"), asyncio.timeout(20):
            said, _ = await running.communicate()
        assert (running.returncode, said) == (0, b"")
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()


async def test_the_floor_is_shown(service: ServiceClient, tmp_path: Path) -> None:
    """The supervisor's program of the guide prints the floor, and the alarm when nobody can ever take a contact."""
    program = tmp_path / "floor.py"
    program.write_text(next(block for block in blocks("python") if "async def floor" in block), encoding="utf-8")
    running = await asyncio.create_subprocess_exec(
        sys.executable, str(program), service.url, service.token("supervisor", "guide-lead"),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert running.stdout
    try:
        token = service.token("agent", "guide-swedish", agent="guide-swedish")
        async with await DesktopClient.connect(service.url, token) as desk, asyncio.timeout(30):
            await desk.command("presence.set", {"state": "available"})
            assert (await running.stdout.readline()).startswith(b"waiting ")
            await service.receive("chat", "guide-finnish", person={"language": "fi"}, text="Hei")
            while b"alarm.raised no_one_possible finska" not in await running.stdout.readline():
                pass
        await service.event("contact.ended", {"reason": "left"}, subject="guide-finnish")
    finally:
        running.kill()
        await running.communicate()


def test_signing_as_the_guide_does(service: ServiceClient) -> None:
    """The guide's signature is one that the service takes."""
    namespace: dict[str, Any] = {}
    exec(next(block for block in blocks("python") if "Webhook" in block), namespace)  # noqa: S102 # the guide's own code
    tokens = service.run.tokens
    headers = namespace["headers"](tokens.webhook_secret("web-forms"), "e-1", "{}")
    assert tokens.check_signature(headers, b"{}").name == "web-forms"
