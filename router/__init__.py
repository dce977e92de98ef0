"""servicecenter: routes every contact that reaches a municipality."""

__version__ = "0.2.0"
