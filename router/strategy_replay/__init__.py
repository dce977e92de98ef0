"""Replay before publish: histories read, both strategies asked, floors simulated, the report shown."""
