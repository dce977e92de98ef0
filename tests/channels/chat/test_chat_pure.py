"""What needs no socket: bands, how a contact stands for its resident, what a snapshot holds, words in two languages."""

import re
from pathlib import Path

import pytest

from channels.base import Said, Seen
from channels.chat import words
from channels.chat.settings import LANGS
from channels.chat.transcript import written
from channels.chat.wire import Message, band_of, newest, phase_of
from channels.inbound import Attachment
from router.lifecycle import MACHINES
from tests.manual_clock import MONDAY_MS


@pytest.mark.parametrize(
    ("wait_s", "band"),
    [(None, None), (0, (0, 2)), (120, (0, 2)), (121, (2, 5)), (3_600, (45, 60)), (3_601, (60, 0)), (10**9, (60, 0))],
)
def test_a_wait_is_told_as_a_band(wait_s: int | None, band: tuple[int, int] | None) -> None:
    """Nobody is told a wait to the second; an unknown one is not told."""
    assert band_of(wait_s) == band


def test_every_state_of_a_contact_means_something_to_its_resident() -> None:
    """Each state of the table has a phase, and only those in which nobody can answer any more are over."""
    states = {state for state in MACHINES["contact"] if state != "new"}
    over = {state for state in states if phase_of(Seen("c", str(state), "", ""))[0] == "ended"}

    assert over == {"callback", "handed_over", "closed", "abandoned", "cancelled"}
    assert phase_of(Seen("c", "with_agent", "", "", leg_state="wrapping_up")) == ("ended", "agent")
    assert phase_of(None)[0] == "ended"


def test_a_snapshot_holds_the_newest_words() -> None:
    """What does not fit is left out at the beginning, never in the middle, and nothing when all fits."""
    messages = tuple(Message(n, "agent", "x" * 100) for n in range(1, 11))

    assert newest(messages, 1_000) == messages[-3:]
    assert newest(messages) == messages
    assert newest(messages, 10) == ()


@pytest.mark.parametrize("lang", LANGS)
def test_a_transcript_says_who_said_what_and_when(lang: words.Lang) -> None:
    """Each line has its time in Sweden and who wrote it; files are named, an empty text makes no line."""
    said = [
        Said(1, "resident", "Hej", MONDAY_MS),
        Said(2, "agent", "", 0, (Attachment("karta.pdf", blob="b"),)),
        Said(3, "service", "Klart", 0),
    ]
    title, text = written(said, lang, "Ekeby stad", "Europe/Stockholm")

    assert "Ekeby stad" in title
    assert "2025-10-13 08:00" in text
    assert text.count("karta.pdf") == 1
    assert len(text.splitlines()) == 5


def test_both_catalogues_say_the_same_things() -> None:
    """Every sentence is there in Swedish and in English, with the same arguments."""
    folder = Path(words.__file__).parent
    keys = {
        lang: {
            (line.partition(" = ")[0], tuple(sorted(re.findall(r"\$(\w+)", line))))
            for line in (folder / f"{lang}.ftl").read_text(encoding="utf-8").splitlines()
            if " = " in line and not line.startswith("#")
        }
        for lang in LANGS
    }

    assert keys["sv"]
    assert keys["sv"] == keys["en"]
    with pytest.raises(words.MissingWordError):
        words.say("sv", "no-such-sentence")


def test_a_transcript_has_the_city_s_time() -> None:
    """The same moment is another hour elsewhere: what counts is the clock in the city."""
    said = (Said(1, "resident", "Hej", 1_760_335_200_000),)
    for zone, hour in (("Europe/Stockholm", "2025-10-13 08:00"), ("Europe/Helsinki", "2025-10-13 09:00")):
        assert hour in written(said, "sv", "Ekeby stad", zone)[1]
