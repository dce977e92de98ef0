"""Proof: what a strategy that loads may get wrong; each theme a module, each finding with a contact that shows it.

Pure: reads a loaded city, never a clock. Codes and facts only; the sentences stand in `rules.words`.
"""
