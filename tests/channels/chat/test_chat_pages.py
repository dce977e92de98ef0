"""What browsers load: the widget in one small file, and a page to try it on."""

import gzip

from channels.chat.bundle import without_blanks
from tests.channels.chat.chat_house import ChatHouse


async def test_the_widget_is_small_and_kept(house: ChatHouse) -> None:
    """At most 10 kB over the wire; a browser that has it is told so by its strong tag; any page may load it."""
    address = f"{house.url}/v1/chat/widget.js"
    async with house.http.get(address, headers={"Accept-Encoding": "gzip"}, auto_decompress=False) as answer:
        packed = await answer.read()
        tag = answer.headers["ETag"]
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    plain = await (await house.http.get(address, headers={"Accept-Encoding": "identity"})).read()
    assert len(packed) <= 10_240
    assert gzip.decompress(packed) == plain
    assert tag.startswith('"')
    again = await house.http.get(address, headers={"If-None-Match": tag})

    assert again.status == 304
    assert (await house.http.get(address, headers={"If-None-Match": '"other"'})).status == 200


async def test_the_demo_page_is_as_strict_as_a_city_may_be(house: ChatHouse) -> None:
    """It carries the widget in the language that is asked for, and a policy that allows nothing else."""
    for wanted, lang in [("", "sv"), ("?lang=en", "en"), ("?lang=xx", "sv"), ("?lang=%22%3E%3Cscript%3E", "sv")]:
        answer = await house.http.get(f"{house.url}/v1/chat/demo{wanted}")
        text = await answer.text()
        assert f'<html lang="{lang}">' in text
        assert text.count("<script") == 1
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_squeezing_leaves_what_is_quoted_alone() -> None:
    """Comment lines and blanks between signs go; strings, templates and patterns stay as they are."""
    source = """
// a comment
const a = 'one  ,  two', b = `x  ${ a }  //  y`;
if (a) return b.replace(/[ ,;]/g, "  ") ? 1 : 2;
"""

    assert without_blanks(source) == (
        """const a='one  ,  two',b=`x  ${ a }  //  y`;if(a)return b.replace(/[ ,;]/g,"  ")?1:2;"""
    )
