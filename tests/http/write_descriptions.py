"""Writes `docs/openapi.json` and `docs/asyncapi.json` from the code: `python -m tests.http.write_descriptions`."""

import json
from collections.abc import Mapping
from pathlib import Path

from router.http.asyncapi import asyncapi
from router.http.openapi import openapi

DOCS = Path(__file__).parents[2] / "docs"


def described() -> Mapping[str, str]:
    """File name -> what must stand in it."""
    documents = {"openapi.json": openapi(), "asyncapi.json": asyncapi()}
    return {name: json.dumps(body, indent=2, ensure_ascii=False) + "\n" for name, body in documents.items()}


def write() -> None:
    """Write both files."""
    DOCS.mkdir(exist_ok=True)
    for name, text in described().items():
        (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
