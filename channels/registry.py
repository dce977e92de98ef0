"""Channel code -> what it is: one line each."""

from collections.abc import Mapping

from channels.base import Capabilities

CHANNELS: Mapping[str, Capabilities] = {
    each.code: each
    for each in (
        Capabilities("phone", "voice", 1),
        Capabilities("chat", "messaging", 2),
        Capabilities("email", "written", 1),
        Capabilities("web", "written", 1),
        Capabilities("app", "written", 1),
        Capabilities("sms", "written", 1),
        Capabilities("letter", "written", 1),
        Capabilities("visit", "in_person", 1),
    )
}

DEFAULT_CAPACITY: Mapping[str, int] = {code: each.default_capacity for code, each in CHANNELS.items()}


def known_channels(capacity: Mapping[str, int]) -> dict[str, int]:
    """Capacity for every registered channel: what the profile says, otherwise none."""
    return {code: capacity.get(code, 0) for code in CHANNELS}
