"""Settings under which each adapter can be opened with nothing outside that answers; one entry for each adapter."""

from collections.abc import Mapping

SAMPLES: Mapping[str, Mapping[str, object]] = {
    "email": {
        "host_name": "mail.example.se",
        "mailboxes": {"kontakt@example.se": {}},
        "readers": 1,
        "listen": {"port": 0},
        "smarthost": {"host": "127.0.0.1", "port": 1, "timeout_s": 2},
    },
    "open311": {"keys": {"city-app": "a-key-of-sixteen-letters"}},
    "posted": {"forms": {"app": {"map": {"text": "text"}, "key": "a-key-of-sixteen-letters"}}},
    "reports": {},
    "chat": {},
}
