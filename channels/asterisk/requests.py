"""Everything that we ever ask of Asterisk: one function a request, one list of what is allowed. Pure.

Nothing here records or listens in: a request outside `ALLOWED` can't be made.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import msgspec

ALLOWED: Final = frozenset(
    {
        ("GET", "/asterisk/info"),
        ("GET", "/applications/{app}"),
        ("PUT", "/applications/{app}/eventFilter"),
        ("GET", "/channels"),
        ("GET", "/bridges"),
        ("POST", "/channels/{channel}"),
        ("DELETE", "/channels/{channel}"),
        ("POST", "/channels/{channel}/answer"),
        ("POST", "/channels/{channel}/ring"),
        ("DELETE", "/channels/{channel}/ring"),
        ("POST", "/channels/{channel}/continue"),
        ("POST", "/channels/{channel}/moh"),
        ("DELETE", "/channels/{channel}/moh"),
        ("POST", "/channels/{channel}/mute"),
        ("DELETE", "/channels/{channel}/mute"),
        ("POST", "/channels/{channel}/play/{playback}"),
        ("DELETE", "/playbacks/{playback}"),
        ("POST", "/bridges/{bridge}"),
        ("DELETE", "/bridges/{bridge}"),
        ("POST", "/bridges/{bridge}/addChannel"),
        ("POST", "/bridges/{bridge}/removeChannel"),
    }
)
"""(method, path template)."""
IS_DONE = frozenset({200, 201, 204})
EXISTS = 409
NOT_FOUND = 404
OWN = "sc."
"""How the ids of what we make begin: everything is named after its leg or contact, so that twice is once."""


class Ask(msgspec.Struct, frozen=True):
    """One request."""

    method: str
    template: str
    ids: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    body: Mapping[str, object] = {}
    then: str = ""
    """What the one who asks waits for: `dialled`, `bridged`, `joined`; empty when only a lost caller matters."""

    def __post_init__(self) -> None:
        """Refuse what is not on the list."""
        if (self.method, self.template) not in ALLOWED:
            raise ValueError(f"not allowed: {self.method} {self.template}")

    @property
    def path(self) -> str:
        """The path with its ids, escaped."""
        return self.template.format_map({name: quote(value, safe="") for name, value in self.ids.items()})


class Reply(msgspec.Struct, frozen=True):
    """How Asterisk answered; status 0: it did not."""

    status: int
    body: bytes = b""

    @property
    def is_done(self) -> bool:
        """It has happened now."""
        return self.status in IS_DONE

    @property
    def holds(self) -> bool:
        """It has happened now or had before."""
        return self.is_done or self.status == EXISTS


def agent_channel(leg: str, again: int = 0) -> str:
    """The phone of whoever has this leg; `again`: how often it was rung once more after it had been answered."""
    return f"{OWN}{leg}.a{again}" if again else f"{OWN}{leg}"


def is_of_leg(channel: str, leg: str) -> bool:
    """Whether it is the phone of whoever has this leg, rung at first or again."""
    return channel == agent_channel(leg) or channel.startswith(f"{agent_channel(leg)}.a")


def resident_channel(leg: str) -> str:
    """The phone of a resident who is called back."""
    return f"{OWN}{leg}.r"


def outside_channel(leg: str) -> str:
    """The number that this leg's agent sent the resident on to."""
    return f"{OWN}{leg}.t"


def bridge_of(contact: str) -> str:
    """Where a contact is talked about."""
    return f"{OWN}{contact}"


def contact_in(channel: str) -> str:
    """The contact that an id of ours belongs to; '' for others'."""
    return channel[len(OWN) :].partition(".")[0] if channel.startswith(OWN) else ""


def info() -> Ask:
    """Which Asterisk it is, and since when."""
    return Ask("GET", "/asterisk/info")


def channels() -> Ask:
    """Everybody who is on a line."""
    return Ask("GET", "/channels")


def bridges() -> Ask:
    """Everything that is being talked about."""
    return Ask("GET", "/bridges")


def application(app: str) -> Ask:
    """What our application holds."""
    return Ask("GET", "/applications/{app}", {"app": app})


def event_filter(app: str, allowed: Mapping[str, object]) -> Ask:
    """What we want to be told; lost with every connection."""
    return Ask("PUT", "/applications/{app}/eventFilter", {"app": app}, body=allowed)


def answer(channel: str) -> Ask:
    """Take the call."""
    return Ask("POST", "/channels/{channel}/answer", {"channel": channel})


def ring(channel: str) -> Ask:
    """Tell the caller that it rings."""
    return Ask("POST", "/channels/{channel}/ring", {"channel": channel})


def stop_ringing(channel: str) -> Ask:
    """No more ringing in their ear."""
    return Ask("DELETE", "/channels/{channel}/ring", {"channel": channel})


def hang_up(channel: str) -> Ask:
    """End one end of a call."""
    return Ask("DELETE", "/channels/{channel}", {"channel": channel}, {"reason": "normal"})


def go_on(channel: str, context: str) -> Ask:
    """Give a call back to the dialplan."""
    where = {"context": context, "extension": "s", "priority": "1"}
    return Ask("POST", "/channels/{channel}/continue", {"channel": channel}, where)


def music(channel: str, kind: str) -> Ask:
    """Music for whoever waits."""
    return Ask("POST", "/channels/{channel}/moh", {"channel": channel}, {"mohClass": kind})


def silence(channel: str) -> Ask:
    """The music stops."""
    return Ask("DELETE", "/channels/{channel}/moh", {"channel": channel})


def mute(channel: str) -> Ask:
    """They hear, and are not heard."""
    return Ask("POST", "/channels/{channel}/mute", {"channel": channel}, {"direction": "in"})


def unmute(channel: str) -> Ask:
    """They are heard again."""
    return Ask("DELETE", "/channels/{channel}/mute", {"channel": channel}, {"direction": "in"})


def play(channel: str, playback: str, media: str, lang: str = "") -> Ask:
    """An announcement; it suspends the music, which does not come back by itself."""
    ids = {"channel": channel, "playback": playback}
    what = {"media": media, "lang": lang} if lang else {"media": media}
    return Ask("POST", "/channels/{channel}/play/{playback}", ids, what)


def stop_playing(playback: str) -> Ask:
    """Cut an announcement short."""
    return Ask("DELETE", "/playbacks/{playback}", {"playback": playback})


def dial(channel: str, *, endpoint: str, app: str, args: str, caller_id: str, timeout_s: int) -> Ask:
    """Ring a phone under an id of ours: asked twice, it rings once (409)."""
    body = {"endpoint": endpoint, "app": app, "appArgs": args, "timeout": timeout_s}
    if caller_id:
        body["callerId"] = caller_id
    return Ask("POST", "/channels/{channel}", {"channel": channel}, body=body, then="dialled")


def open_bridge(bridge: str) -> Ask:
    """A bridge under an id of ours."""
    return Ask("POST", "/bridges/{bridge}", {"bridge": bridge}, {"type": "mixing"})


def close_bridge(bridge: str) -> Ask:
    """Nobody talks any more."""
    return Ask("DELETE", "/bridges/{bridge}", {"bridge": bridge})


def add(bridge: str, *members: str, then: str = "") -> Ask:
    """They hear each other."""
    return Ask("POST", "/bridges/{bridge}/addChannel", {"bridge": bridge}, {"channel": ",".join(members)}, then=then)


def remove(bridge: str, channel: str) -> Ask:
    """Somebody is out of it, and still on the line."""
    return Ask("POST", "/bridges/{bridge}/removeChannel", {"bridge": bridge}, {"channel": channel})
