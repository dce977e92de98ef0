"""Levels of skills as somebody gives them: what is wrong is told by the skill's name. Pure."""

from collections.abc import Mapping
from typing import Annotated, cast

import msgspec
from msgspec import Meta

SkillLevel = Annotated[int, Meta(ge=1, le=5)]


def check_levels(data: object) -> None:
    """Look at each level in the `skills` of some data, if there are any.

    Raises:
        msgspec.ValidationError: one is no level; the path ends in its skill, which msgspec itself does not say.
    """
    skills = cast("Mapping[object, object]", data).get("skills") if isinstance(data, dict) else None
    if not isinstance(skills, dict):
        return
    for skill, level in cast("Mapping[object, object]", skills).items():
        try:
            msgspec.convert(level, SkillLevel)
        except msgspec.ValidationError as error:
            raise msgspec.ValidationError(f"{error} - at `$.skills.{skill}`") from None
