"""Whether bytes are a model in XML: PMML, or OpenVINO's IR."""

from __future__ import annotations

import re

_ROOT = re.compile(rb"<(PMML|net)(?=[\s>/])([^>]{0,2000})")


def looks_like_xml_model(head: bytes, size: int) -> bool:
    """Whether the first element is ``<PMML …>``, or ``<net …>`` with a name and a version."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):  # UTF-16, which expat reads as well
        text = head[2:].replace(b"\0", b"").lstrip()
    if size <= 0 or not text.startswith(b"<"):
        return False
    root = _ROOT.search(text)
    if root is None:
        return False
    return root[1] == b"PMML" or (b"version=" in root[2] and b"name=" in root[2])
