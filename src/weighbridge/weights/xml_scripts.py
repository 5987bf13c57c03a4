"""Scripts in XML that describes a model: no reader of models runs one, a viewer of the file would.

Sources: HTML (event handler content attributes, ``javascript:`` addresses), SVG (``script``), PHP's
processing instruction, "Associating Style Sheets with XML documents" 1.0. PMML's ``Extension`` may
hold elements of anybody's, so they are judged wherever they stand.
"""

from __future__ import annotations

import re

MAX_TEXT = 2**16  # characters of one attribute, or of one piece of text, that are searched
_ELEMENTS = frozenset(("script", "iframe", "object", "embed", "applet", "foreignobject"))
_HANDLERS = frozenset(
    """
    onload onerror onclick ondblclick onfocus onblur onbegin onend onrepeat onmouseover onmouseout
    onmousedown onmouseup onmousemove onmouseenter onmouseleave onkeydown onkeyup onkeypress
    onpageshow onhashchange ontoggle onanimationstart onanimationend onscroll onresize onunload
    onbeforeunload onpointerover onpointerdown onwheel oninput onchange onsubmit
    """.split()  # noqa: SIM905
)
_SCRIPTED = re.compile(
    r"\s{0,20}(?:java|vb)script\s{0,5}:|\s{0,20}data:text/html[;,]|<\?php\b|<\s{0,5}script[\s>/]",
    re.I,
)
# Elements of XSLT, and the name spaces by which its processors call Java or another language.
_PROGRAM_SPACES = (
    "http://www.w3.org/1999/XSL/Transform", "http://xml.apache.org/xalan",
    "http://xml.apache.org/xslt", "http://saxon.sf.net/", "urn:schemas-microsoft-com:xslt",
    "http://exslt.org/functions", "http://exslt.org/dynamic",
)  # fmt: skip
_PROGRAMS = frozenset(("php", "php-script", "asp", "jsp", "xml-stylesheet"))


def scripted_element(name: str, attributes: dict[str, str]) -> str:
    """What of an element is a script, as it stands in the file; empty where nothing is."""
    if name.lower() in _ELEMENTS:
        return f"<{name}>"
    for key, value in attributes.items():
        if key.lower() in _HANDLERS and value.strip():
            return f'<{name} {key}="{value[:80]}">'
        if _SCRIPTED.match(value, 0, MAX_TEXT) or (
            key.startswith("xmlns") and value.startswith(_PROGRAM_SPACES)
        ):
            return f'<{name} {key}="{value[:80]}">'
    return ""


def scripted_text(text: str) -> str:
    """A script that a text holds as text, which a template engine or a browser may take up."""
    found = _SCRIPTED.search(text, 0, MAX_TEXT) if "<" in text else None
    return text[found.start() : found.start() + 80] if found else ""


def scripted_instruction(target: str, data: str) -> str:
    """A processing instruction that carries a program, or names a style sheet (XSLT is one)."""
    return f"<?{target} {data[:80]}?>" if target.lower() in _PROGRAMS else ""
