"""What the socket's description says of each command in words, held against what there is."""

import re
from typing import cast

import pytest

from router.http.asyncapi import COMMANDS, EFFECTS, TOLD, asyncapi
from router.http.description_desktop import EVERY_COMMAND
from router.http.description_floor import ALARMS
from router.http.description_start import DESKTOP_START
from router.http.desktop_events import event_types
from router.store.scripts import load_scripts
from tests.http.service_client import Json

UNDONE = {"work.finish", "wrap_up.end", "handover.create", "work.park", "work.transfer"}
CODE = re.compile(r"`([a-z_.-]+)`")


def test_every_command_is_told_in_words() -> None:
    """Neither more nor less than the commands that there are."""
    assert EFFECTS.keys() == COMMANDS.keys()


@pytest.mark.parametrize("name", sorted(EFFECTS))
def test_the_words_name_what_there_is(name: str) -> None:
    """Events told are events, problems explained are problems that the command's answer lists."""
    effect = EFFECTS[name]
    dotted = {word for word in CODE.findall(effect.told) if "." in word}
    assert dotted <= {*event_types(), *ALARMS, *COMMANDS}
    slugs = {word for word in CODE.findall(effect.refused) if "-" in word}
    assert slugs <= {*TOLD[name].problems.split(), *EVERY_COMMAND.split()}


def test_what_can_be_undone_is_what_the_store_undoes() -> None:
    """The commands that leave a mark for `work.undo`: finishing, handing over, parking, passing on."""
    assert {name for name, effect in EFFECTS.items() if effect.can_undo} == UNDONE
    marks = re.compile(r"'undo', (?!'')")
    marking = {name for name, script in load_scripts().items() if marks.search(script.text)}
    marking.discard("undo_work")
    assert marking == {"finish_work", "end_wrap_up", "hand_over_contact", "park_contact", "transfer_contact"}


def test_each_operation_says_who_may_send_it() -> None:
    """Roles, a description and the seconds of undo stand beside every command."""
    operations = cast("Json", asyncapi()["operations"])
    for name in COMMANDS:
        assert operations[name]["x-roles"][-1] == "supervisor"
        assert "**Told:**" in operations[name]["description"]
        assert (operations[name]["x-undo-s"] > 0) == (name in UNDONE)


def test_the_first_page_names_every_command() -> None:
    """Whoever reads only the introduction has met all commands."""
    met = set(CODE.findall(DESKTOP_START)) | set(re.findall(r"cmd ([a-z_.]+)", DESKTOP_START))
    named = {word.split(" ")[0] for word in re.findall(r"`([^`]+)`", DESKTOP_START)}
    assert set(COMMANDS) - met - named == set()
