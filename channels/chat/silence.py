"""What silence and absence lead to. Pure: says what is due, does nothing."""

from typing import Literal

from channels.chat.session import Session
from channels.chat.settings import ChatSettings

Due = Literal["", "remind", "end_idle", "end_away", "close", "forget"]


def due(session: Session, settings: ChatSettings, now_ms: int) -> Due:
    """What is due for a chat now; '' for nothing.

    Who waits, or waits for the agent's answer, is never idle. Who is gone is waited for as long as they may come back.
    """
    gone_ms = now_ms - session.gone_since if session.gone_since else 0
    if gone_ms > settings.resume_ttl_s * 1000:
        return "end_away" if session.is_open else "forget"
    quiet_ms = now_ms - session.quiet_since
    if session.phase == "agent" and session.is_asked:
        if quiet_ms >= settings.end_after_s * 1000:
            return "end_idle"
        return "remind" if quiet_ms >= settings.remind_after_s * 1000 and not session.is_reminded else ""
    if not session.is_open and session.socket is not None and quiet_ms >= settings.close_after_s * 1000:
        return "close"
    return ""
