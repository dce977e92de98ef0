"""What can be set of the chat: `[channels.chat]`. Only data."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Lang = Literal["sv", "en"]
LANGS: tuple[Lang, ...] = ("sv", "en")
Seconds = Annotated[float, Meta(gt=0)]
Count = Annotated[int, Meta(ge=1)]


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the city says in one language; what is empty, the widget says in words of its own."""

    title: str = ""
    greeting: str = ""
    """Before somebody writes: what the chat is for, what not to write in it."""
    privacy: str = ""
    """How personal data is treated."""
    privacy_url: str = ""
    closed: str = ""
    """Outside opening hours."""
    agent: str = ""
    """What an agent without a shown name is called."""


class ChatSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The chat's settings; times in seconds."""

    origins: tuple[str, ...] = ()
    """Web origins whose pages may carry the chat, besides the service's own."""
    queue: str = ""
    """The queue whose hours the chat keeps; empty: always open."""
    topics: dict[str, dict[Lang, str]] = {}
    """Topic code -> its name by language: what a resident may choose from before writing. Empty: nobody is asked."""
    texts: dict[Lang, Texts] = {}
    announcements: dict[str, dict[Lang, str]] = {}
    """What is said in writing where a queue announces something: its code -> the sentence by language."""
    tell_ahead: bool = False
    """Residents who wait are told how many are ahead of them, besides the band."""
    agent_names: Literal["none", "first", "full"] = "first"
    """What a resident is told of an agent's name."""
    heartbeat_s: Seconds = 20
    app_heartbeat_s: Count = 25
    auth_timeout_s: Seconds = 5
    resume_ttl_s: Seconds = 1_800
    """How long somebody may be gone (tab asleep, no network) and still come back to the same chat."""
    remind_after_s: Seconds = 300
    """The agent wrote last and the resident has been silent so long: they are asked whether they are still there."""
    end_after_s: Seconds = 600
    """... and so long: the chat ends."""
    close_after_s: Seconds = 1_800
    """A socket without a chat, or whose chat is over, is closed after this."""
    max_frame_bytes: Count = 65_536
    max_text: Annotated[int, Meta(ge=1, le=16_000)] = 4_000
    """Characters of a message."""
    frames_per_s: Seconds = 10
    frames_burst: Count = 20
    max_unauthenticated_per_address: Count = 20
    max_sockets_per_address: Annotated[int, Meta(ge=0)] = 0
    """Open sockets from one address; 0: no limit, as behind a proxy that hides addresses."""
    starts_per_minute: Annotated[float, Meta(ge=0)] = 0
    """New chats a minute from one address, in bursts of as many; 0: no limit."""
    max_sockets: Count = 10_000
    """On one router; who comes beyond is asked to try again later."""
    max_queued_frames: Count = 256
    max_queued_bytes: Count = 1_048_576
    ring_bytes: Count = 32_768
    """Events kept for a resume, for each chat."""
    attachment_bytes: Annotated[int, Meta(ge=0, le=100_000_000)] = 10_485_760
    """Of one file; 0: no files."""
    attachments_per_chat: Count = 20
    uploads_at_once: Count = 8
    """Files that one router takes in at the same time; they are held in memory."""
    upload_timeout_s: Seconds = 60
    has_transcript: bool = False
    """Whether a resident may have the conversation sent by e-mail; the e-mail channel must be set up."""
    has_callback: bool = True
    """Whether a resident may ask to be called instead."""
