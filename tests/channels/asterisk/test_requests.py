"""What may be asked of Asterisk: a list, and nothing that records or listens in."""

import inspect
import re
from typing import Any

import pytest

from channels.asterisk import requests
from channels.asterisk.requests import ALLOWED, Ask
from channels.numbers import e164

FORBIDDEN = re.compile(
    r"record|snoop|monitor|externalMedia|dial/|variable|userEvents|modules|logging|config|mailbox|sounds", re.IGNORECASE
)


def made_by_the_module() -> list[Ask]:
    """One request from each function of the module that makes one."""
    found: list[Ask] = []
    for _, make in inspect.getmembers(requests, inspect.isfunction):
        if inspect.signature(make).return_annotation is Ask:
            needed = [p for p in inspect.signature(make).parameters.values() if p.default is p.empty]
            words: dict[str, Any] = {
                p.name: 20 if p.name.endswith("_s") else {} if p.name == "allowed" else "a"
                for p in needed
                if p.kind is not p.VAR_POSITIONAL
            }
            found.append(make(**words))
    return found


def test_nothing_records_or_listens_in() -> None:
    """No address on the list records, snoops, or reads or changes the PBX itself; every request made is on it."""
    assert not [template for _, template in ALLOWED if FORBIDDEN.search(template)]
    made = made_by_the_module()
    assert {(each.method, each.template) for each in made} == ALLOWED


@pytest.mark.parametrize(
    ("method", "template"),
    [
        ("POST", "/channels/{channel}/record"),
        ("POST", "/channels/{channel}/snoop"),
        ("POST", "/bridges/{bridge}/record"),
        ("PATCH", "/channels/{channel}"),
        ("DELETE", "/bridges"),
        ("GET", "/recordings/stored"),
    ],
)
def test_what_is_not_on_the_list_can_not_be_made(method: str, template: str) -> None:
    """Whoever tries gets an error before anything is sent."""
    with pytest.raises(ValueError, match="not allowed"):
        Ask(method, template)


@pytest.mark.parametrize("name", ["../../recordings", "a/record", "a?x=1", "ä", "a%2Frecord", "", "a#b"])
def test_ids_can_not_leave_their_place(name: str) -> None:
    """An id with anything in it stays one segment of the path."""
    path = requests.answer(name).path
    assert re.fullmatch(r"/channels/[A-Za-z0-9%._~-]*/answer", path)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0701740605", "+46701740605"),
        ("+46 70 174 06 05", "+46701740605"),
        ("0046701740605", "+46701740605"),
        ("anonymous", ""),
        ("Restricted", ""),
        ("", ""),
        ("1", ""),
        ("x" * 500, ""),
        ("+" + "9" * 500, ""),
    ],
)
def test_numbers_are_normalised(text: str, number: str) -> None:
    """E.164, or nobody's."""
    assert e164(text, "SE") == number
