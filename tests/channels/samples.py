"""Settings under which each adapter can be opened with nothing outside that answers; one entry for each adapter."""

from collections.abc import Mapping

_ELKS: Mapping[str, object] = {
    "user": "elks",
    "password": "made-up-password",
    "numbers": [{"number": "+46701740600", "secret": "a-secret-of-this-number"}],
}
SAMPLES: Mapping[str, Mapping[str, object]] = {
    "email": {
        "host_name": "mail.example.se",
        "mailboxes": {"kontakt@example.se": {}},
        "readers": 1,
        "listen": {"port": 0},
        "smarthost": {"host": "127.0.0.1", "port": 1, "timeout_s": 2},
    },
    "asterisk": {"mode": "listen", "user": "pbx", "password": "made-up"},
    "elks": {**_ELKS, "phones": {"anna": "+46701740650"}, "hold": "https://example.se/hold.mp3"},
    "elks_sms": {**_ELKS, "api_user": "u", "api_password": "made-up", "api_url": "http://127.0.0.1:9/a1"},
    "open311": {"keys": {"city-app": "a-key-of-sixteen-letters"}},
    "posted": {"forms": {"app": {"map": {"text": "text"}, "key": "a-key-of-sixteen-letters"}}},
    "reports": {},
    "chat": {},
}
