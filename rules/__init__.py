"""The city's rules: the strategy language, its decisions, calendars, topics and the folder they are loaded from.

Pure: given the same files and the same facts it gives the same answer. Never reads a clock, a network or a store.
"""
