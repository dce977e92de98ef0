"""Placeholder until the description is assembled."""


def asyncapi() -> dict[str, object]:
    """The document."""
    return {}
