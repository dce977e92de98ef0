"""One method for each Lua command on legs beside the owner's, transfers, parking, interruption, undoing."""

from router.store.runner import Runner


class LegCommands:
    """Commands on legs beside the owner's, transfers, parking, interruption, undoing."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._keys = runner.keys
