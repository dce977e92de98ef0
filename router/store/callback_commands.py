"""One method for each Lua command on callbacks."""

from router.store.runner import Runner


class CallbackCommands:
    """Commands on callbacks."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._keys = runner.keys
