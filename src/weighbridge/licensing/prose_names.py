"""Names of licenses as people write them in sentences, and where a text has one.

The table holds the licenses that models, their code and their data come under: SPDX's names and
ids, their usual short forms, and the titles of AI model licenses. Names are compared as words:
``Apache License, Version 2.0``, ``Apache-2.0`` and ``apache 2`` are ``apache 2``. A name with no
version is a family and never one text.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from weighbridge.licensing.hub_ids import HUB_IDS

_TOKEN = re.compile(r"[a-z]+|\d+(?:\.\d+)*|\++")
# Words inside a name that tell nothing apart.
_FILLERS = frozenset(
    {"the", "license", "licence", "licenses", "version", "ver", "v", "international", "unported",
     "generic", "agreement", "of", "only"}
)  # fmt: skip
_LICENSE_WORDS = frozenset({"license", "licence", "licenses", "community", "terms", "agreement"})
_LATER = re.compile(r"\s*(?:\+|,?\s*\(?or\s+(?:\(at your option\)\s+)?(?:any\s+)?later\b)")
_LEADERS = {"gplv": "gpl", "lgplv": "lgpl", "agplv": "agpl", "mplv": "mpl", "licence": "license"}

# One a line: what it stands for, then the ways to write it. ``=id`` is a hub id, ``~prefix`` a
# family, anything else an SPDX id or LicenseRef. A ``?`` before a name: it is the name of something
# else too (of a model, a university), and counts only beside a word such as "license".
_TABLE = """
=apache-2.0: apache 2|asl 2
~Apache-: apache
=mit: mit|expat
=bsd-3-clause: bsd 3 clause|bsd 3|3 clause bsd|new bsd|modified bsd|revised bsd|bsd 3 clause new or revised
=bsd-2-clause: bsd 2 clause|bsd 2|2 clause bsd|simplified bsd|freebsd
=bsd-3-clause-clear: bsd 3 clause clear|clear bsd
0BSD: 0 bsd|bsd zero clause|zero clause bsd
~BSD-,0BSD: bsd
=isc: isc
=unlicense: unlicense
=zlib: zlib
=wtfpl: wtfpl
=bsl-1.0: boost software 1|boost software
BUSL-1.1: business source 1.1|busl 1.1
~BUSL-: business source
=gpl-2.0: gpl 2|gnu general public 2|general public 2
=gpl-3.0: gpl 3|gnu general public 3|general public 3
~GPL-: gpl|gnu general public
=agpl-3.0: agpl 3|affero general public 3|gnu affero general public 3|affero gpl 3
~AGPL-: agpl|affero general public|gnu affero general public
=lgpl-2.1: lgpl 2.1|lesser general public 2.1|gnu lesser general public 2.1
=lgpl-3.0: lgpl 3|lesser general public 3|gnu lesser general public 3
~LGPL-: lgpl|lesser general public|gnu lesser general public
=mpl-2.0: mpl 2|mozilla public 2
~MPL-: mpl|mozilla public
=epl-2.0: epl 2|eclipse public 2
=epl-1.0: epl 1|eclipse public 1
=eupl-1.2: eupl 1.2|european union public 1.2
=eupl-1.1: eupl 1.1|european union public 1.1
=artistic-2.0: artistic 2
=ms-pl: ms pl|microsoft public
=ofl-1.1: ofl 1.1|sil open font 1.1|open font 1.1
=osl-3.0: osl 3|open software 3
=afl-3.0: afl 3|academic free 3
=ecl-2.0: ecl 2|educational community 2
=postgresql: ?postgresql
=ncsa: ncsa
=cc0-1.0: cc 0|cc 0 1|cc zero|creative commons zero|creative commons zero 1|creative commons 0 1
~CC-: ?cc|creative commons
=odc-by: odc by 1|odc by|open data commons attribution 1|open data commons attribution
=odbl: odbl 1|odbl|open database 1|open data commons open database 1|open data commons open database
=pddl: pddl 1|pddl|open data commons public domain dedication
=cdla-permissive-1.0: cdla permissive 1|community data permissive 1
=cdla-permissive-2.0: cdla permissive 2|community data permissive 2
=cdla-sharing-1.0: cdla sharing 1|community data sharing 1
~CDLA-: cdla|community data
=c-uda: c uda 1|c uda|computational use of data
=etalab-2.0: etalab 2|etalab open 2
=openmdw-1.0: openmdw 1|openmdw 1
=openmdw-1.1: openmdw 1.1
~OpenMDW-,LicenseRef-OpenMDW: openmdw
LicenseRef-scancode-llama-license-2023: ?llama 1
=llama2: llama 2 community|?llama 2
=llama3: llama 3 community|?llama 3
=llama3.1: llama 3.1 community|?llama 3.1
=llama3.2: llama 3.2 community|?llama 3.2
=llama3.3: llama 3.3 community|?llama 3.3
=llama4: llama 4 community|?llama 4
~LicenseRef-scancode-llama,LicenseRef-llama: llama community|?llama
=gemma: gemma terms of use|gemma terms|?gemma
~LicenseRef-scancode-qwen,LicenseRef-scancode-tongyi,LicenseRef-qwen,LicenseRef-tongyi: ?qwen|tongyi qianwen|?qwen 2.5|?qwen 2
LicenseRef-tongyi-qianwen-research: tongyi qianwen research
LicenseRef-qwen-research: qwen research|qwen 2.5 research
=bigscience-bloom-rail-1.0: bigscience bloom rail 1|bigscience rail 1|bloom rail 1|bigscience rail|bloom rail|bigscience bloom rail
=bigscience-openrail-m: bigscience openrail m|bigscience open rail m
=creativeml-openrail-m: creativeml openrail m|creativeml open rail m|creative ml openrail m
=bigcode-openrail-m: bigcode openrail m|bigcode open rail m|bigcode openrail m 1|bigcode open rail m 1
=openrail++: openrail ++|openrail ++ m|creativeml openrail ++ m|creativeml open rail ++ m|open rail ++ m|creativeml openrail ++
=openrail: openrail|openrail m|open rail m|open rail
LicenseRef-scancode-deepseek-la-1.0: ?deepseek model|deepseek 1|?deepseek
LicenseRef-MRL-0.1: mistral research|mistral ai research|mrl 0.1|mrl|mistral research 0.1|mistral ai research 0.1
LicenseRef-MNPL-0.1: mistral non production|mistral ai non production|mnpl 0.1|mnpl
LicenseRef-scancode-falcon-2-11b-1.0: falcon 2 11 b tii 1|falcon 2 11 b tii
~LicenseRef-scancode-falcon,LicenseRef-falcon: tii falcon llm|tii falcon|?falcon|falcon llm|falcon llm tii
LicenseRef-scancode-stability-ai-community-2024: stability ai community|stability community
~LicenseRef-flux-1-dev: flux 1 dev non commercial|?flux 1 dev
LicenseRef-scancode-nvidia-open-model-2025-04-28: nvidia open model
~LicenseRef-scancode-exaone,LicenseRef-exaone: ?exaone|exaone ai model
LicenseRef-scancode-hyperclova-x-seed-2025: hyperclova x seed|hyperclova x seed model
~LicenseRef-scancode-tencent-hunyuan,LicenseRef-tencent-hunyuan: tencent hunyuan community|tencent hunyuan|?hunyuan
LicenseRef-opt-175b: opt 175 b
=deepfloyd-if-license: deepfloyd if|?deepfloyd
=grok2-community: grok 2 community
=apple-amlr: apple amlr|apple machine learning research model
=apple-ascl: apple ascl|apple sample code
=fair-noncommercial-research-license: fair noncommercial research|fair non commercial research
=intel-research: intel research
=h-research: ?h research
"""  # noqa: E501

_CC_PARTS = (
    ("nc", ("noncommercial", "non commercial")),
    ("sa", ("sharealike", "share alike")),
    ("nd", ("noderivatives", "no derivatives", "noderivs", "no derivs", "noderivative")),
)
_CC_KINDS = ((), ("sa",), ("nc",), ("nd",), ("nc", "sa"), ("nc", "nd"))
_CC_VERSIONS = ("1.0", "2.0", "2.5", "3.0", "4.0")


@dataclass(frozen=True, slots=True)
class Named:
    """What a name stands for: the licenses, or how the ids of its family begin.

    ``weak``: it names something else as well, and is a license's only beside such a word.
    """

    ids: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """A license's name in a text: where, as written, what it is, whether "license" stands by it."""

    begin: int
    end: int
    raw: str
    named: Named
    called_license: bool


@dataclass(slots=True)
class _Node:
    next: dict[str, _Node] = field(default_factory=dict)
    named: Named | None = None


def find_names(text: str) -> list[Mention]:
    """The license names of a text, leftmost first, the longest at each place."""
    lower = text.lower()
    if len(lower) != len(text):  # a letter that grows in lower case: places would not be the text's
        lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    tokens = [(_plain(m.group()), m.start(), m.end()) for m in _TOKEN.finditer(lower)]
    found: list[Mention] = []
    at = 0
    while at < len(tokens):
        matched = _match(tokens, at)
        if matched is None:
            at += 1
            continue
        named, stop = matched
        begin, end = tokens[at][1], tokens[stop - 1][2]
        after = [token for token, _, _ in tokens[stop : stop + 3]]
        before = tokens[at - 1][0] if at else ""
        called = not _LICENSE_WORDS.isdisjoint((*after[:2], before)) or any(
            token in _LICENSE_WORDS for token, _, _ in tokens[at:stop]
        )
        later = _LATER.match(lower, end)
        if later and named.ids and all(i.endswith("-only") for i in named.ids):
            named = Named(tuple(i.removesuffix("only") + "or-later" for i in named.ids))
            end = later.end()
        found.append(Mention(begin, end, text[begin:end], named, called))
        at = stop
    return found


def _match(tokens: list[tuple[str, int, int]], at: int) -> tuple[Named, int] | None:
    """The longest name that begins at a token, and the token after it."""
    node = _names().next.get(tokens[at][0])
    best: tuple[Named, int] | None = None
    stop = at + 1
    while node is not None:
        if node.named is not None:
            best = (node.named, stop)
        skipped = stop
        while skipped < len(tokens) and skipped < stop + 4 and tokens[skipped][0] in _FILLERS:
            if tokens[skipped][0] in node.next:
                break
            skipped += 1
        if skipped >= len(tokens):
            break
        node = node.next.get(tokens[skipped][0])
        stop = skipped + 1
    return best


def _plain(token: str) -> str:
    """A word or version as the table has it: ``2.0`` is ``2``."""
    if token[0].isdigit():
        while token.endswith(".0"):
            token = token.removesuffix(".0")
        return token
    return _LEADERS.get(token, token)


@functools.cache
def _names() -> _Node:
    root = _Node()
    for line in _TABLE.strip().splitlines():
        target, _, ways = line.partition(": ")
        for way in ways.split("|"):
            named = _target(target, weak=way.startswith("?"))
            _put(root, way.removeprefix("?"), named)
    for way, named in _creative_commons():
        _put(root, way, named)
    return root


def _target(text: str, *, weak: bool) -> Named:
    if text.startswith("~"):
        return Named(family=tuple(text[1:].split(",")), weak=weak)
    if not text.startswith("="):
        return Named((text,), weak=weak)
    hub = HUB_IDS[text[1:]]
    return Named(hub.ids, hub.family, weak)


def _put(root: _Node, way: str, named: Named) -> None:
    node = root
    for token in way.split():
        node = node.next.setdefault(token, _Node())
    node.named = named


def _creative_commons() -> Iterator[tuple[str, Named]]:
    """``cc by nc 4`` and ``creative commons attribution non commercial 4`` with their ids."""
    words = dict(_CC_PARTS)
    for kind in _CC_KINDS:
        spdx = "-".join(("CC-BY", *(part.upper() for part in kind)))
        short = " ".join(("by", *kind))
        long = [" ".join(("attribution", *w)) for w in itertools.product(*(words[p] for p in kind))]
        ways = [f"cc {short}", f"creative commons {short}", f"creative commons cc {short}"]
        ways += [f"{start} {name}" for name in long for start in ("creative commons", "cc")]
        for way in ways:
            yield way, Named(family=tuple(f"{spdx}-{n}" for n in "1234"))
            for version in _CC_VERSIONS:
                yield f"{way} {_plain(version)}", Named((f"{spdx}-{version}",))
