"""Chat templates: Jinja that a tokenizer renders, judged by what it would reach.

A template is code that llama.cpp, transformers, vLLM and others run for every conversation. It is
parsed here by a reader of our own and never rendered. Where a loader renders without a sandbox, an
attribute such as ``__class__`` leads to any function (CVE-2024-34359).
"""

from __future__ import annotations

import re

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.jinja.judge import Judge
from weighbridge.weights.jinja.statements import parse
from weighbridge.weights.log import Log
from weighbridge.weights.source import Source

MAX_TEMPLATE = 2**20  # characters; the longest in use are below 30,000
# What a template that cannot be parsed is still searched for: another engine may take it.
_CLIMB = re.compile(
    r"__(?:class|mro|bases?|subclasses|globals|builtins|import|init|dict|getattribute|code|self"
    r"|reduce\w{0,20}|call)__|\|\s{0,100}attr\b|\blipsum\b|\b_TemplateReference"
)


def inspect_template(text: str, log: Log, offset: int) -> None:
    """Judge one template; ``offset`` is where it starts, in bytes.

    Never raises: a template that is no Jinja is an issue, one past a bound a gap.
    """
    if "{" not in text:
        return
    if len(text) > MAX_TEMPLATE:
        log.gap(f"a chat template is longer than {MAX_TEMPLATE} characters")
        _search(text[:MAX_TEMPLATE], log, offset)
        return
    try:
        statements, defined = parse(text)
    except BoundExceeded as error:
        log.gap(str(error))
        _search(text, log, offset)
        return
    except HostileInput as error:
        log.issue("bad-template", str(error), offset)
        log.gap(f"a chat template was not understood: {error}", uninspected=False)
        _search(text, log, offset)
        return
    judge = Judge(text, log, offset, defined)
    for statement in statements:
        judge.read(statement)


def inspect(source: Source, log: Log) -> None:
    """Judge a file that is one template (``chat_template.jinja``).

    Raises:
        HostileInput: the file is not UTF-8.
    """
    raw = source.head(4 * MAX_TEMPLATE)
    log.bytes_read += len(raw)
    if len(raw) < source.size:
        log.gap(f"the template is longer than {4 * MAX_TEMPLATE} bytes")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise HostileInput("the template is not UTF-8") from error
    inspect_template(text, log, 0)


def _search(text: str, log: Log, offset: int) -> None:
    found = _CLIMB.search(text)
    if found:
        shown = text[max(found.start() - 40, 0) : found.end() + 40]
        place = offset + len(text[: found.start()].encode("utf-8", "replace"))
        log.operation(
            Verdict.DANGEROUS,
            "template",
            found[0],
            shown,
            "climbs from a chat template into Python",
            place,
            "Jinja",
        )
