"""Which desktops watch the floor: a frame each when there are new figures, alarms at once as numbered events.

Frames are merged: one that a slow desktop has not got yet is replaced by the next. Nobody is waited for.
"""

from collections.abc import Iterable, Mapping
from itertools import count

import msgspec

from router.alarms import AlarmBoard, AlarmNews
from router.desk.queues import Watching
from router.figures import FigureBoard
from router.floor_figures import Alarm
from router.http.desktop_session import Session, Told
from router.http.frames import Floor
from router.journal import Entry

SLACK_MS = 500
"""Figures come about once a second: a desktop that wants every second one is not made to wait for the third."""
_encode = msgspec.json.Encoder().encode


class AlarmData(Alarm, frozen=True, omit_defaults=True, kw_only=True):
    """An alarm that was raised or cleared; it is the same one while kind, queue, medium and agent are the same."""

    at: int
    """Epoch ms."""


class FloorWatching:
    """The sessions of this router that watch, by agent."""

    def __init__(self, board: FigureBoard, sessions: Mapping[str, Session]) -> None:
        self._board = board
        self._sessions = sessions
        self._alarms = AlarmBoard()
        self._watching: dict[str, tuple[Session, Watching, int]] = {}
        """With when a frame was shown last (epoch ms)."""
        self._numbers = count(1)
        board.listeners.append(self.show)

    @property
    def wants_agents(self) -> bool:
        """Whether somebody here looks at the agents one by one."""
        return any(watching.agents for _, watching, _ in self._watching.values())

    def watch(self, session: Session, watching: Watching) -> None:
        """Begin, change or end; the first frame comes at once."""
        if not watching.is_on:
            self._watching.pop(session.agent, None)
            return
        self._watching[session.agent] = session, watching, 0
        self.show()

    def follow(self, entry: Entry) -> None:
        """Tell at once what can't wait for the next figures."""
        self._tell(self._alarms.follow(entry))

    def show(self) -> None:
        """There are new figures."""
        figures = self._board.now
        if not figures.at:
            return
        self._tell(self._alarms.see(figures.alarms, figures.at))
        encoded: dict[tuple[tuple[str, ...], bool], bytes] = {}
        for agent, (session, watching, shown_at) in list(self._watching.items()):
            if self._sessions.get(agent) is not session:
                del self._watching[agent]
            elif session.socket is not None and figures.at >= shown_at + watching.every_s * 1000 - SLACK_MS:
                key = (watching.queues, watching.agents)
                if key not in encoded:
                    document = self._board.document(frozenset(watching.queues), with_agents=watching.agents)
                    encoded[key] = _encode(Floor(document))
                session.tell_floor(encoded[key])
                self._watching[agent] = session, watching, figures.at

    def _tell(self, news: Iterable[AlarmNews]) -> None:
        for event, alarm, at in news:
            fields = {name: getattr(alarm, name) for name in alarm.__struct_fields__}
            told = Told(f"alarm-{next(self._numbers)}", event, AlarmData(**fields, at=at))
            for session, watching, _ in self._watching.values():
                if not watching.queues or not alarm.queue or alarm.queue in watching.queues:
                    session.tell(told)
