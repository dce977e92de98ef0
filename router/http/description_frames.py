"""One example of each frame of the desktop socket that is no event, command or answer. Only data."""

from collections.abc import Mapping

import msgspec

from router.http import frames
from router.http.description_desktop import SNAPSHOT, Json

FRAME_EXAMPLES: Mapping[type[msgspec.Struct], Json] = {
    frames.Hello: {"t": "hello", "v": 1, "hb": 25, "max": 65536},
    frames.Auth: {"t": "auth", "ticket": "xrziMsUywgqGyA0AdNFxSnLpEJWZwx32uHAdOR_-ch0"},
    frames.Ready: {"t": "ready", "sid": "5ecbb6107f3d28cc", "seq": 0, "resume_ttl": 120, "snapshot": SNAPSHOT},
    frames.Resumed: {"t": "resumed", "seq": 41},
    frames.Reset: {"t": "reset", "why": "expired"},
    frames.Ack: {"t": "ack", "seq": 41},
    frames.Heartbeat: {"t": "hb", "seq": 41},
    frames.HeartbeatAck: {"t": "hb_ack"},
    frames.Signal: {"t": "signal", "contact_id": "c06h02ea3zmdsz92t5a1a", "signal": "read", "number": 4},
    frames.Bye: {"t": "bye", "why": "drain", "after_ms": 1000},
}
