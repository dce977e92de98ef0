"""The house in one process, for what agents and supervisors do at their desks."""

from tests.laws.conftest import house

__all__ = ["house"]
