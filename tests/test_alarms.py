"""Alarms are raised once and cleared once, at once from the journal and for certain from the figures."""

from router.alarms import CLEARED, RAISED, AlarmBoard, alarms_of
from router.floor_figures import AgentFigure, Alarm, QueueFigure
from router.journal import EntryData
from tests.register.register_journals import START_MS, Journal

NOW = START_MS
STRANDED = QueueFigure("finska", "voice", 2, no_one_possible=2, stranded_at=NOW - 3_000)
LATE = QueueFigure("bygg", "written", 5, overdue=3, next_due_at=NOW - 60_000)
DEAF = AgentFigure("anna", "Anna", "not_responding", NOW - 1_000, "away")


def test_the_figures_say_what_stands() -> None:
    """One alarm for each queue and medium, however many contacts; one for each agent; the oldest first."""
    found = alarms_of([STRANDED, LATE, QueueFigure("gata", "voice", 4)], [DEAF], [])

    assert [(alarm.kind, alarm.queue, alarm.agent, alarm.contacts) for alarm in found] == [
        ("overdue", "bygg", "", 3),
        ("no_one_possible", "finska", "", 2),
        ("not_responding", "", "anna", 0),
    ]


def test_an_alarm_keeps_its_beginning_and_its_contact() -> None:
    """What stood before goes on with the time and the contact that raised it."""
    before = Alarm("no_one_possible", NOW - 9_000, "finska", "voice", contact_id="c1", contacts=1)

    found = alarms_of([STRANDED], [], [before])

    assert found == [Alarm("no_one_possible", NOW - 9_000, "finska", "voice", contact_id="c1", contacts=2)]


def test_the_journal_raises_at_once_and_the_figures_not_again() -> None:
    """Raised by the entry; the figures that follow change nothing but the count, and clear it when it is over."""
    journal, board = Journal(NOW), AlarmBoard()
    journal.receive("c1")
    entry = journal.write(
        "no_one_possible",
        [("contact", "c1", "no_one_possible")],
        EntryData(contact="c1", queue="finska", medium="voice"),
    )

    assert [(news.event, news.alarm.contact_id) for news in board.follow(entry)] == [(RAISED, "c1")]
    assert not list(board.see([], entry.at)), "figures of the same moment may not know it yet"
    assert not list(board.see(alarms_of([STRANDED], [], []), entry.at + 500))
    assert [news.event for news in board.see([], entry.at + 1_000)] == [CLEARED]
    assert not board.standing()


def test_who_does_not_answer_raises_and_returning_clears() -> None:
    """An unanswered live offer raises; the agent's next word clears, before any figures; a break is no alarm."""
    journal, board = Journal(NOW), AlarmBoard()
    for event in ("go_available", "go_away"):
        assert not list(board.follow(journal.write("set_presence", [("presence", "anna", event)])))
    journal.write("set_presence", [("presence", "anna", "go_available")])
    lost = journal.write("expire_offer", [("presence", "anna", "go_away")], EntryData(contact="c1", agent="anna"))
    back = journal.write("set_presence", [("presence", "anna", "go_available")], EntryData(agent="anna"))

    raised, cleared = list(board.follow(lost)), list(board.follow(back))

    assert [(news.event, news.alarm.agent) for news in (*raised, *cleared)] == [(RAISED, "anna"), (CLEARED, "anna")]
    assert not list(board.follow(back))
