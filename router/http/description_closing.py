"""The desktop socket's close codes as a table: what each means, and what the desktop does then."""

import msgspec

from router.http import frames


class CloseCode(msgspec.Struct, frozen=True):
    """Why a socket closed, and what the desktop does then."""

    code: int
    meaning: str
    reconnect: bool
    how: str = "Resume after a random pause."


CLOSE_CODES: tuple[CloseCode, ...] = (
    CloseCode(1000, "Normal end, asked for by the desktop.", reconnect=False, how="The agent has left."),
    CloseCode(1006, "The connection was lost, or a ping was not answered.", reconnect=True),
    CloseCode(1009, "A frame was larger than `hello.max`.", reconnect=True, how="Send it smaller; then resume."),
    CloseCode(1011, "Something went wrong in the service.", reconnect=True),
    CloseCode(
        frames.CLOSE_RESTART,
        "The router is going down; `bye` came before.",
        reconnect=True,
        how="Resume after `bye.after_ms` plus a random pause; another router answers `reset`.",
    ),
    CloseCode(frames.CLOSE_TRY_LATER, "The service can't open the session now.", reconnect=True),
    CloseCode(
        frames.CLOSE_PROTOCOL,
        "A frame that is no JSON object of a known kind, a binary frame, or `auth` twice.",
        reconnect=True,
        how="A defect of the desktop: report it, then resume.",
    ),
    CloseCode(
        frames.CLOSE_AUTH,
        "No `auth` within 5 seconds, or a ticket that is unknown, used or too old.",
        reconnect=False,
        how="Get a ticket first; without a valid token ask the agent to log in.",
    ),
    CloseCode(
        frames.CLOSE_SLOW,
        "The desktop did not read: too much waited for it.",
        reconnect=True,
        how="Come back; `reset` follows.",
    ),
    CloseCode(
        frames.CLOSE_REPLACED,
        "Another desktop of the same agent was opened.",
        reconnect=False,
        how="Say so, and wait until the agent asks for it.",
    ),
    CloseCode(
        frames.CLOSE_RATE,
        "Far too many frames, or too many sockets without `auth` from one address.",
        reconnect=True,
        how="Resume after at least 5 seconds.",
    ),
)
