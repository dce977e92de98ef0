"""A router of a test's own that takes mail, to be killed."""

from typing import NamedTuple

from tests.journeys.service_process import ServiceProcess

CONFIG = """
[channels.email]
host_name = "mail.example.se"
readers = 1
mailboxes."kontakt@example.se" = {{}}
[channels.email.listen]
port = {port}
is_lmtp = {is_lmtp}
"""


class Mailed(NamedTuple):
    """A router that takes mail, and where."""

    service: ServiceProcess
    port: int

    def again(self) -> None:
        """Kill it and start it on the same data."""
        self.service.kill()
        self.service.start()
