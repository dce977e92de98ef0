"""Replay before publish: a recorded history through two strategies, and what the change would do. Pure.

Reads no file and no clock; `router.strategy_replay` brings the history and shows the report.
"""
