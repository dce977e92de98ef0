"""Whatever frames come, the socket answers or closes with a code of ours, and the service goes on."""

import aiohttp
import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.desk.commands import COMMANDS
from router.http import frames
from tests.http.service_client import Json, ServiceClient, check_frame

OURS = {frames.CLOSE_PROTOCOL, frames.CLOSE_RATE, aiohttp.WSCloseCode.MESSAGE_TOO_BIG}
ids = st.sampled_from(["c00000000000000000000", "c00000000000000000000.o1", "x", "", "\ud7ff", "é" * 90])
scalars = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20) | ids
values = st.recursive(
    scalars, lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=9), part, max_size=3)
)
fields = st.sampled_from(
    sorted({field.name for kind in COMMANDS.values() for field in msgspec.structs.fields(kind)} | {"more"})
)
commands = st.fixed_dictionaries(
    {
        "t": st.just("cmd"),
        "id": st.text(min_size=1, max_size=64),
        "name": st.sampled_from(sorted(COMMANDS)) | st.text(min_size=1, max_size=40),
        "data": st.dictionaries(fields, values, max_size=6) | values,
    }
)
others = st.fixed_dictionaries({"t": st.sampled_from(["ack", "hb", "auth", "ev", "nothing"]), "seq": values})
texts = (commands | others | values).map(lambda frame: msgspec.json.encode(frame).decode()) | st.text(max_size=200)
quick = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(sent=st.lists(texts, min_size=1, max_size=12))
async def test_any_frames_at_all(service: ServiceClient, sent: list[str]) -> None:
    """Frames of any kind are answered as described or closed with a code of ours; never 1011, never silence."""
    async with service.socket() as socket:
        await service.spoken(socket, "anybody")
        for text in sent:
            await socket.send_str(text)
        await socket.send_json({"t": "hb", "seq": 0})
        while (message := await socket.receive(timeout=20)).type is aiohttp.WSMsgType.TEXT:
            frame = message.json()
            check_frame(frame)
            if frame == {"t": "hb_ack"}:
                break
        assert message.type is aiohttp.WSMsgType.TEXT or socket.close_code in OURS, socket.close_code


@quick
@given(
    data=st.sampled_from(sorted(COMMANDS)).flatmap(
        lambda name: st.tuples(st.just(name), st.dictionaries(fields, values))
    )
)
async def test_no_command_breaks_the_service(service: ServiceClient, data: tuple[str, Json]) -> None:
    """Any data for any command is done or refused with a 4xx; never a 500."""
    name, given_data = data
    async with service.socket() as socket:
        await service.spoken(socket, "anybody-2")
        frame = {"t": "cmd", "id": "1", "name": name, "data": given_data}
        await socket.send_str(msgspec.json.encode(frame).decode())
        while (answer := await socket.receive_json(timeout=20))["t"] != "res":
            pass
        assert answer["ok"] or answer["problem"]["status"] < 500, answer
