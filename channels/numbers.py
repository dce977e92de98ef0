"""Phone numbers as people and networks write them -> E.164. Pure."""

import phonenumbers

_HIDDEN = frozenset({"", "anonymous", "restricted", "unknown", "unavailable", "private", "hidden", "withheld"})
"""What networks send instead of a number that is not shown."""


def e164(text: str, region: str = "SE") -> str:
    """E.164, or '' when it is hidden or no possible number; numbers without a country are `region`'s."""
    if text.strip().lower() in _HIDDEN:
        return ""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
