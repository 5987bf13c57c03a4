"""Chinese, Japanese and Korean text: which characters are drawn, and the fonts that draw them.

The fonts are Noto Sans SC, JP, KR and TC (SIL Open Font License 1.1), which the extra
``weighbridge[cjk]`` installs as the data of another project's package. No code of it is imported,
and a file is read only if it is one of those below, by its SHA-256: any other counts as absent.
Without fonts every character stays the escape that it is everywhere else (``\\u4f60``).

Drawn are Han, kana, bopomofo and Hangul syllables, with the punctuation of these scripts: all that
is drawn one by one, that no normalization changes (NFKC), and that stands beside a letter of these
scripts in the same text. What looks like something else stays an escape: fullwidth Latin letters,
digits, and signs that paths and addresses are made of; radicals and compatibility ideographs, which
look like common ones; jamo, which join; halfwidth forms; spaces; variation selectors. Eight marks
of prose are drawn in their fullwidth form, although they normalize to ASCII: they are a whole em
wide, and no prose is readable without them. Within a script, signs may look alike as everywhere
(``一`` and ``ー``): audit.json says which one it is.

Han characters are the same in all these scripts and are drawn by the custom of the text they stand
in: with kana as in Japan, with Hangul as in Korea, else as in China; one that this font lacks is
drawn by the next that has it.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from weighbridge.model.record import AuditRecord
    from weighbridge.report.pdf.variable_font import VariableFont

PACKAGE = "justmytype-intl-cjk"
REMEDY = "pip install 'weighbridge[cjk]'"
NONE = "none"
# A text in Chinese needs two to three thousand. Past it the rarest are escapes, so that a list of
# made-up names costs seconds and not minutes.
MAX_CHARACTERS = 3000


@dataclass(frozen=True, slots=True)
class _File:
    """A font as Google Fonts publishes it (ofl/notosans…, version 2.004-H2), one axis: weight."""

    name: str
    size: int
    sha256: str

    @property
    def path(self) -> str:
        return f"justmytype_intl_cjk/fonts/ofl/{self.name.lower()}/{self.name}[wght].ttf"


_FILES = {
    "sc": _File("NotoSansSC", 17772300,
                "a3041811a78c361b1de50f953c805e0244951c21c5bd412f7232ef0d899af0da"),
    "jp": _File("NotoSansJP", 9589900,
                "c2f3b4d463500a2ddcd3849cded1fceeb9fd6d1c32e6cbecd568453ba50fc68f"),
    "kr": _File("NotoSansKR", 10414588,
                "194018e6b2b293a7964f037b25c0249ce1418bc9ab3c971060a03aa57861e252"),
    "tc": _File("NotoSansTC", 11941968,
                "864727d210d54f2537bbe23b3a839436c3992af72de9322af5270897246bd44f"),
}  # fmt: skip
# By the script of a text (see `script_of`): which font is asked first.
_ORDER = {
    "sc": ("sc", "jp", "kr", "tc"),
    "jp": ("jp", "sc", "kr", "tc"),
    "kr": ("kr", "sc", "jp", "tc"),
}
# The weights that are drawn, with their names. As normalized coordinates, in parts of 2**14, they
# are what the files' axis (100 to 900) and its map (avar) make of them: 0.375 is drawn as 0.39.
REGULAR, BOLD = 400, 700
_WEIGHTS = {REGULAR: ("Regular", 6390), BOLD: ("Bold", 12780)}

_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002f7ff\U0002fa20-\U0003ffff"
_KANA = "\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe\u31f0-\u31ff"
_BOPOMOFO = "\u3105-\u312f\u31a0-\u31bf"
_HANGUL = "\uac00-\ud7a3"
_OPENING = "\u3008\u300a\u300c\u300e\u3010\u3014\u3016\u3018\u301a\uff08"
_CLOSING = "\u3001-\u3003\u3009\u300b\u300d\u300f\u3011\u3015\u3017\u3019\u301b\uff01\uff09\uff0c"
_CLOSING += "\uff1a\uff1b\uff1f"
_MIDDLE = "\u301c\u30fb\uff5e"
_LETTER = re.compile(f"[{_HAN}{_KANA}{_BOPOMOFO}{_HANGUL}]")
_DRAWN = re.compile(f"[{_HAN}{_KANA}{_BOPOMOFO}{_HANGUL}{_OPENING}{_CLOSING}{_MIDDLE}]")
_IS_KANA, _IS_HANGUL = re.compile(f"[{_KANA}]"), re.compile(f"[{_HANGUL}]")
_MAYBE = re.compile(rb"[\xe3-\xed\xf0]")  # the first byte of each of them in UTF-8

# Where a line may break (after Unicode Standard Annex 14): beside ideographs and kana, not before
# what closes or goes on with something, and not after what opens. Korean has spaces for it, and
# paths have separators.
_ALONE = f"{_HAN}{_KANA}{_BOPOMOFO}"
_NEVER_FIRST = (
    f"{_CLOSING}{_MIDDLE}\u3005ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮー/.,:;!?)\\]}}…”’"
)
_BREAK = re.compile(
    f"(?<=[{_ALONE}{_CLOSING}/])(?![{_NEVER_FIRST}])"
    f"|(?<![{_OPENING}(\\[{{“‘])(?=[{_ALONE}{_OPENING}])(?![{_NEVER_FIRST}])"
)

_left_out: ContextVar[bool] = ContextVar("left_out", default=False)


@contextlib.contextmanager
def left_out() -> Iterator[None]:
    """As if no fonts were there: for a report that was drawn without them."""
    token = _left_out.set(True)
    try:
        yield
    finally:
        _left_out.reset(token)


def script_of(text: str) -> str:
    """Whose custom a text is drawn by: ``jp``, ``kr`` or ``sc``; empty without their letters."""
    if _LETTER.search(text) is None:
        return ""
    if _IS_KANA.search(text):
        return "jp"
    return "kr" if _IS_HANGUL.search(text) else "sc"


def pieces(word: str) -> list[str]:
    """A word without spaces, cut wherever a line may end."""
    return [piece for piece in _BREAK.split(word) if piece]


def is_needed(record: AuditRecord) -> bool:
    """Whether a record has any such text: if not, no drawing hangs on these fonts."""
    return next(_texts(record.to_bytes()), None) is not None


def identity() -> str:
    """The fonts that draw here, each with the beginning of its digest; ``none`` without any."""
    found = [f"{key}:{_FILES[key].sha256[:8]}" for key in sorted(_FILES) if _is_there(key)]
    return NONE if _left_out.get() or not found else " ".join(found)


def other_files() -> bool:
    """Whether files are installed in the place of these fonts which are not them."""
    return any(_path(key) is not None and not _is_there(key) for key in _FILES)


def fonts_for(record: AuditRecord) -> EastAsian | None:
    """What draws a record's East Asian text; None if it has none.

    The characters are all known before the first is measured. A character that stands in texts of
    several scripts is taken once for each, since it looks different.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for script, text in _texts(record.to_bytes()):
        counts.update((script, each) for each in _DRAWN.findall("".join(set(text))))
    if not counts:
        return None
    found = EastAsian()
    if _left_out.get():
        return found
    taken = 0
    beyond: set[str] = set()
    for (script, character), _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if taken == MAX_CHARACTERS:
            beyond.add(character)
            continue
        code = ord(character)
        key = next((key for key in _ORDER[script] if found.has(key, code)), None)
        if key is not None and code not in found.codes.setdefault(key, set()):
            found.codes[key].add(code)
            taken += 1
    beyond -= set().union(*(map(chr, codes) for codes in found.codes.values()))
    found.escaped = sum(any(found.has(key, ord(each)) for key in _FILES) for each in beyond)
    return found


def _texts(data: bytes) -> Iterator[tuple[str, str]]:
    """The texts of a record in canonical JSON that have such letters, each with its script.

    A text with a quotation mark in it comes in two: what counts is what stands close together.
    """
    if data.isascii() or not _MAYBE.search(data):
        return
    for text in data.decode("utf-8").split('"'):
        script = "" if text.isascii() else script_of(text)
        if script:
            yield script, text


@dataclass(slots=True)
class EastAsian:
    """The fonts of one drawing. ``codes`` are the characters that each draws, by its key.

    ``escaped`` counts those that are escapes for being past :data:`MAX_CHARACTERS`, ``files`` are
    the fonts that were looked for.
    """

    codes: dict[str, set[int]] = field(default_factory=dict)
    escaped: int = 0
    files: dict[str, VariableFont | None] = field(default_factory=dict)
    made: dict[tuple[str, int], Any] = field(default_factory=dict)

    def has(self, key: str, code: int) -> bool:
        """Whether a font is there and has a character."""
        if key not in self.files:
            self.files[key] = _open(key)
        font = self.files[key]
        return font is not None and font.glyph_of(code) > 0

    def fonts(self, script: str, weight: int) -> tuple[Any, ...]:
        """reportlab's fonts for a text, in the order in which they are asked for a character."""
        return tuple(self._made(key, weight) for key in _ORDER[script] if key in self.codes)

    def _made(self, key: str, weight: int) -> Any:
        font = self.made.get((key, weight))
        if font is None:
            from weighbridge.report.pdf.static_font import static_font

            source = self.files[key]
            assert source is not None
            style, at = _WEIGHTS[weight]
            name = f"{_FILES[key].name}-{style}"
            data = static_font(source, sorted(self.codes[key]), weight=weight, at=at, name=name)
            font = self.made[key, weight] = _reportlab_font(name, data)
        return font


def _reportlab_font(name: str, data: bytes) -> Any:
    """A font for one document. It is not registered: nothing of it outlives the document."""
    import io

    return _font_class()(name, io.BytesIO(data), asciiReadable=False, shapable=False)


@functools.cache
def _font_class() -> Any:
    from reportlab.pdfbase.ttfonts import TTFont

    class Font(TTFont):  # type: ignore[misc]  # reportlab has no types
        """Writes characters beyond U+FFFF in UTF-16, as maps to Unicode must (PDF, 9.10.3)."""

        def addObjects(self, doc: Any) -> None:  # noqa: N802 - reportlab's name
            super().addObjects(doc)
            for key, thing in doc.idToObject.items():
                if key.startswith("toUnicodeCMap:") and key.endswith(f"+{self.fontName}"):
                    thing.content = re.sub("<([0-9A-F]{5,6})>", _surrogates, thing.content)

    return Font


def _surrogates(found: re.Match[str]) -> str:
    return f"<{chr(int(found[1], 16)).encode('utf-16-be').hex().upper()}>"


def _path(key: str) -> Path | None:
    """Where the package has a font; nothing of it is imported."""
    folder = _folder()
    path = folder / _FILES[key].path if folder else None
    return path if path is not None and path.is_file() else None


def _folder() -> Path | None:
    from importlib import metadata

    try:
        return Path(str(metadata.distribution(PACKAGE).locate_file("")))
    except metadata.PackageNotFoundError:
        return None


def _open(key: str) -> VariableFont | None:
    """A font that is there and is the one we know."""
    from weighbridge.report.pdf.variable_font import VariableFont

    data = _read(key)
    return None if data is None else VariableFont(data)


def _read(key: str) -> bytes | None:
    path, known = _path(key), _FILES[key]
    try:
        if path is None or path.stat().st_size != known.size:
            return None
        data = path.read_bytes()
    except OSError:
        return None
    return data if hashlib.sha256(data).hexdigest() == known.sha256 else None


def _is_there(key: str) -> bool:
    return _read(key) is not None
