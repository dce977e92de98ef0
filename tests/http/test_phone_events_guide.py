"""The page for switches that only post events works as it is written: its requests, its states, its words."""

import itertools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from router.http.asyncapi import asyncapi
from router.lifecycle import MACHINES
from tests.desktop_client import DesktopClient
from tests.http.service_client import Answer, ServiceClient
from tests.journeys.waiting import eventually

GUIDE = (Path(__file__).parents[2] / "docs/channels/phone-events.md").read_text(encoding="utf-8")


def requests() -> Iterator[list[str]]:
    """The words of every curl command, in order."""
    for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL):
        joined = block.replace("\\\n", " ")
        for command in re.findall(r"^curl .*?(?=^curl |^[A-Z]+=|\Z)", joined, re.DOTALL | re.MULTILINE):
            yield shlex.split(command)


async def send(service: ServiceClient, words: list[str], contact: str) -> Answer:
    """One command of the page."""
    path = next(word for word in words if word.startswith("$URL")).removeprefix("$URL").replace("$CONTACT", contact)
    headers = dict(word.split(": ", 1) for flag, word in itertools.pairwise(words) if flag == "-H")
    assert headers.pop("Authorization") == "Bearer $INTEGRATION"
    body = words[words.index("-d") + 1].encode() if "-d" in words else None
    token = service.token("integration", "switch")
    return await service.call("POST" if body else "GET", path, token=token, body=body, headers=headers)


async def test_a_switch_that_posts_events(service: ServiceClient, desk: DesktopClient, name: str) -> None:
    """A call is posted, the switch sees which agent has it, its end begins the wrap-up; a call beside it is counted."""
    received, look, ended, observed = requests()
    contact = (await send(service, received, "")).contact
    offer = await desk.wait_event("offer.issued", lambda told: told["contact_id"] == contact)
    assert (await send(service, look, contact)).body["state"] in {"queued", "offered"}
    await desk.command("offer.accept", {"offer_id": offer["offer_id"], "rev": offer["rev"]})

    async def has_it() -> bool:
        found = (await send(service, look, contact)).body
        return (found["state"], found["agent_id"]) == ("with_agent", name)

    await eventually(has_it)
    assert (await send(service, ended, contact)).contact == contact
    await desk.wait_event("leg.wrapping_up", lambda told: told["contact_id"] == contact)
    await desk.command("work.finish", {"contact_id": contact, "outcomes": [{"resolution": "answered"}]})
    assert (await send(service, observed, contact)).status == 202


def test_the_page_names_states_and_events_that_exist() -> None:
    """Every state of its first table is one of a contact's, every event of its second one of the desktop's."""
    document: Any = asyncapi()
    rows: list[set[str]] = [
        set(re.findall(r"`([a-z_.]+)`", row)) for row in re.findall(r"^\| (`[^|]*) \|", GUIDE, re.MULTILINE)
    ]
    names = {name for row in rows for name in row} - {"state"}
    events = {name for name in names if "." in name}
    told = set[str](document["components"]["messages"])
    assert len(events) >= 5
    assert not {f"ev.{event}" for event in events} - told
    assert len(names - events) >= 5
    assert not names - events - set(MACHINES["contact"])
