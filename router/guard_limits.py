"""The file of guard limits: what a draft must keep on the history, set by whoever runs the service."""

import tomllib
from collections.abc import Collection
from pathlib import Path

import msgspec

from router.errors import ConfigurationError
from rules.replay.guards import Limits


class GuardLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    guards: Limits = Limits()
    elsewhere: tuple[str, ...] = ()
    """Queues whose agents are not the servicecenter's: what leads there is not resolved here."""


def read_guard_limits(path: str, queues: Collection[str], field: str) -> GuardLimits:
    """The limits in a file; those that ship for none.

    Raises:
        ConfigurationError: it can't be read, or names a queue that is not among `queues`.
    """
    if not path:
        return GuardLimits()
    try:
        limits = msgspec.convert(tomllib.loads(Path(path).read_text(encoding="utf-8")), GuardLimits)
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror or type(error).__name__}", field=field) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"{path}: {error}", field=field) from None
    if unknown := sorted(set(limits.elsewhere) - set(queues)):
        raise ConfigurationError(f'{path}: no queue "{unknown[0]}"', field=field)
    return limits
