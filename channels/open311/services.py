"""The services that are offered: from the settings, or every fault topic of the city. Pure."""

import unicodedata
from collections.abc import Iterable, Mapping

from channels.catalogues import Lang
from channels.open311.settings import ServiceSetting
from channels.site import SiteTopic
from router.errors import ConfigurationError

Services = Mapping[str, ServiceSetting]


def services_of(settings: Iterable[ServiceSetting], topics: Mapping[str, SiteTopic], lang: Lang) -> Services:
    """Code -> service with its name.

    Raises:
        ConfigurationError: a topic is unknown, or two services share a code.
    """
    wanted = tuple(settings) or tuple(_plain(topics))
    found: dict[str, ServiceSetting] = {}
    for i, each in enumerate(wanted):
        topic = topics.get(each.topic)
        if topic is None:
            raise ConfigurationError(f"unknown topic {each.topic!r}", field=f"$.channels.open311.services[{i}].topic")
        if each.code in found:
            raise ConfigurationError(f"{each.code!r} twice", field=f"$.channels.open311.services[{i}].code")
        found[each.code] = _named(each, topic.sv if lang == "sv" else topic.en)
    return found


def service_of_topic(services: Services, topic: str) -> ServiceSetting | None:
    """The first service about a topic."""
    return next((each for each in services.values() if each.topic == topic), None)


def _plain(topics: Mapping[str, SiteTopic]) -> Iterable[ServiceSetting]:
    """Codes are part of addresses there: letters that every client can write."""
    for code, topic in topics.items():
        if topic.is_fault:
            plain = unicodedata.normalize("NFKD", code).encode("ascii", "ignore").decode()
            yield ServiceSetting(code=plain, topic=code)


def _named(service: ServiceSetting, name: str) -> ServiceSetting:
    return ServiceSetting(
        code=service.code,
        topic=service.topic,
        name=service.name or name,
        description=service.description or service.name or name,
        group=service.group,
        keywords=service.keywords,
        attributes=service.attributes,
    )
