"""Recoverable or not: the one place that decides whether the same thing said again later can succeed. Pure."""

from router.errors import ConfigurationError, InputError, ServicecenterError, StateError, TooManyRequests


def is_recoverable(error: BaseException) -> bool:
    """Whether to say the same again later: the store was away, the service full, somebody else was faster.

    What was wrong with what was said stays wrong; a defect of ours may be mended by then.
    """
    if isinstance(error, TooManyRequests | StateError):
        return True
    if isinstance(error, ServicecenterError):
        return not isinstance(error, InputError | ConfigurationError)
    return isinstance(error, Exception)
