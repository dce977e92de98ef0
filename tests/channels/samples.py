"""Settings under which each adapter can be opened with nothing outside that answers; one entry for each adapter."""

from collections.abc import Mapping

SAMPLES: Mapping[str, Mapping[str, object]] = {
    "chat": {},
}
