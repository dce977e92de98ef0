"""Placeholder until the description is assembled."""


def openapi() -> dict[str, object]:
    """The document."""
    return {}
