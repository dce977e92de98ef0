"""HTML from strangers: what is safe to show, and its words. Runs only where it may be killed; pure.

Never fetches anything and keeps nothing that would make a browser fetch.
"""

import html
import re

import nh3
from inscriptis import get_text
from inscriptis.model.config import ParserConfig

from channels.email.limits import HTML_BYTES, HTML_DEPTH, HTML_TAGS
from channels.plain_text import clean_text

_TAGS = {
    *("p", "br", "b", "strong", "i", "em", "u", "ul", "ol", "li", "blockquote", "pre", "code", "a", "table", "thead"),
    *("tbody", "tr", "td", "th", "h1", "h2", "h3", "div", "span", "hr"),
}
_WITH_CONTENT = {"script", "style", "title", "svg", "math", "noscript", "template", "iframe", "object"}
_SCHEMES = {"https", "http", "mailto", "tel"}
_HIDDEN = re.compile(r"<(script|style|title)\b[^<>]*>[^<]*(?:</\1\s*>)?", re.IGNORECASE)
_BLOCK = re.compile(r"</?(?:p|br|div|tr|li|h[1-6]|blockquote|table)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>?")
_NESTED = re.compile(r"<(/?)([a-z][a-z0-9]*)\b", re.IGNORECASE)
_SINGLE = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
"""Elements that hold nothing."""
_ENDED_BY_NEXT = frozenset({"p", "li", "td", "th", "tr", "dt", "dd", "option", "tbody", "thead"})
"""Elements that letters leave open: the next one ends them."""
_SPACES = re.compile(r"[ \t\u00a0]+")
_LINES = re.compile(r"\n{3,}")
_HTML_CONFIG = ParserConfig(display_links=False, display_images=False, display_anchors=False)


def safe_html(text: str) -> str:
    """What may be shown, or '' when it is too large or too deep to be cleaned."""
    if len(text) > HTML_BYTES or text.count("<") > HTML_TAGS or depth_of(text) > HTML_DEPTH:
        return ""
    return nh3.clean(
        text,
        tags=_TAGS,
        clean_content_tags=_WITH_CONTENT,
        attributes={"a": {"href"}},
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def depth_of(text: str) -> int:
    """How many elements stand in each other at most, about; linear in the length."""
    depth = deepest = 0
    for end, name in _NESTED.findall(text):
        if name.lower() not in _SINGLE and name.lower() not in _ENDED_BY_NEXT:
            depth = max(0, depth - 1) if end else depth + 1
            deepest = max(deepest, depth)
    return deepest


def words_of_html(safe: str) -> str:
    """The words of safe HTML, laid out in lines."""
    try:
        laid_out = str(get_text(safe, _HTML_CONFIG))
    except (RecursionError, ValueError, AttributeError, IndexError, AssertionError):
        return words_without_tags(safe)
    return _tidy(laid_out)


def words_without_tags(text: str) -> str:
    """The words of anything that looks like HTML, with no idea of its structure; linear in its length."""
    shown = _TAG.sub(" ", _BLOCK.sub("\n", _HIDDEN.sub(" ", text)))
    return _tidy(html.unescape(shown))


def _tidy(text: str) -> str:
    lines = (_SPACES.sub(" ", line).rstrip() for line in clean_text(text).split("\n"))
    return _LINES.sub("\n\n", "\n".join(lines)).strip()
