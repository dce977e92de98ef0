"""Watches memory, disk and register, and says what may still be taken in: written work is refused first."""

import shutil
from collections.abc import Callable
from pathlib import Path

from router.pressure import Pressure
from router.store.redis_store import Store
from router.telemetry import Metrics

LOW_DISK_BYTES = 256 * 1024 * 1024
HIGH_MEMORY, FULL_MEMORY = 0.8, 0.9
LATE_REGISTER_MS = 600_000
LOOK_S = 2.0


class PressureWatch:
    """The loop's step of one router."""

    def __init__(
        self, store: Store, lag_ms: Callable[[], int], metrics: Metrics, pressure: Pressure, data_dir: Path
    ) -> None:
        self._store = store
        self._lag_ms = lag_ms
        self._metrics = metrics
        self._pressure = pressure
        self._data_dir = data_dir

    async def look(self) -> float:
        """Nearly full: written work is refused first, then everything new; open work always passes."""
        memory = await self._store.memory_ratio()
        self._metrics.shared.update({"store_memory_ratio": {(): memory}})
        is_low = shutil.disk_usage(self._data_dir).free < LOW_DISK_BYTES if self._data_dir.exists() else False
        is_late = self._lag_ms() > LATE_REGISTER_MS
        self._pressure.refuses_written = memory > HIGH_MEMORY or is_low or is_late
        self._pressure.refuses_all = memory > FULL_MEMORY
        return LOOK_S
