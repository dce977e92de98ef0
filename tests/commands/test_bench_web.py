"""What `bench web` posts: reports that no other is near, taken by the very doors that it measures."""

from itertools import pairwise, product

from channels.form_body import parse
from channels.open311.settings import ServiceSetting
from channels.open311.wire import report_of
from channels.posted.settings import FormSettings
from channels.posted.wire import contact_of, read
from router.bench.web import FORM, by_form, by_open311, place_of
from router.disturbances import Point, metres_between


def test_no_report_is_near_another() -> None:
    """A report within 50 metres would follow the other one, and another thing would be measured."""
    places = [Point(*place_of(number)) for number in range(300)]
    assert all(metres_between(one, other) > 100 for one, other in pairwise(places))
    near = [metres_between(one, other) for one, other in product(places[:3], places) if one != other]
    assert min(near) > 100


def test_both_doors_bring_the_same_report() -> None:
    """Topic and place of a number are the same by either way."""
    posted = read("application/json", by_form(7))
    lines = {"topic": "topic", "text": "text", "location.lat": "lat", "location.lon": "lon"}
    mapped = contact_of(posted, FormSettings(channel="app", key="x" * 16, map=dict(lines)), ())
    service = ServiceSetting(code="GAT.HAL", topic="GAT.HÅL", name="Hål")
    reported = report_of(parse(FORM, by_open311(7)), service, (), by_email=False)
    assert (mapped.topic, mapped.location) == (reported.topic, reported.location)
    assert reported.text.startswith(mapped.text)
