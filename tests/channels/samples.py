"""Settings under which each adapter can be opened with nothing outside that answers; one entry for each adapter."""

from collections.abc import Mapping

SAMPLES: Mapping[str, Mapping[str, object]] = {
    "open311": {"keys": {"city-app": "a-key-of-sixteen-letters"}},
    "posted": {"forms": {"app": {"map": {"text": "text"}, "key": "a-key-of-sixteen-letters"}}},
    "reports": {},
    "chat": {},
}
