"""One method for each Lua command on those who wait: exits, pulling, attaching, new decisions."""

from router.store.runner import Runner


class QueuedCommands:
    """Commands on those who wait: exits, pulling, attaching, new decisions."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._keys = runner.keys
