"""Ways of changing a signed PDF after the fact. The incremental ones keep every signed byte."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any


def _updated(data: bytes, change: Callable[[Any], None]) -> bytes:
    """An incremental update on top of the signature, as an editor would make it."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    change(writer)
    result = io.BytesIO()
    writer.write(result)  # type: ignore[no-untyped-call]
    return result.getvalue()


def flipped_byte(data: bytes) -> bytes:
    """One bit of the signed bytes is another."""
    at = data.index(b"/MediaBox") + 12
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def page_content(data: bytes) -> bytes:
    """A page gets more to show."""
    from pyhanko.pdf_utils.generic import StreamObject

    def change(writer: Any) -> None:
        stream = writer.add_object(StreamObject(stream_data=b"BT ET"))
        writer.add_stream_to_page(0, stream)

    return _updated(data, change)


def attachment(data: bytes) -> bytes:
    """A file is embedded."""
    from pyhanko.pdf_utils import embed

    def change(writer: Any) -> None:
        file = embed.EmbeddedFileObject.from_file_data(writer, b"more")
        embed.embed_file(writer, embed.FileSpec("more.txt", embedded_data=file))

    return _updated(data, change)


def root_key(data: bytes) -> bytes:
    """The catalog gets an entry."""
    from pyhanko.pdf_utils.generic import pdf_name, pdf_string

    def change(writer: Any) -> None:
        writer.root[pdf_name("/Lang")] = pdf_string("en")
        writer.update_root()

    return _updated(data, change)


def annotation(data: bytes) -> bytes:
    """A note is put on a page."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.generic import pdf_name

    def change(writer: Any) -> None:
        note = generic.DictionaryObject(  # type: ignore[no-untyped-call]
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/FreeText"),
                pdf_name("/Rect"): generic.ArrayObject(
                    generic.NumberObject(edge)  # type: ignore[no-untyped-call]
                    for edge in (72, 700, 300, 730)
                ),
                pdf_name("/Contents"): generic.pdf_string("approved"),
            }
        )
        writer.register_annotation(writer.find_page_for_modification(0)[0], writer.add_object(note))

    return _updated(data, change)


def page(data: bytes) -> bytes:
    """A page is added at the end."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils import writer as pdf_writer

    def change(writer: Any) -> None:
        content = writer.add_object(generic.StreamObject(stream_data=b"BT ET"))
        made = pdf_writer.PageObject(content, media_box=(0, 0, 595, 842))  # type: ignore[no-untyped-call]
        writer.insert_page(made)

    return _updated(data, change)


def metadata(data: bytes) -> bytes:
    """The document gets another title."""
    from pyhanko.pdf_utils import generic

    def change(writer: Any) -> None:
        reference = writer.trailer.raw_get("/Info")
        reference.get_object()["/Title"] = generic.pdf_string("another report")
        writer.mark_update(reference)

    return _updated(data, change)


def trailing_bytes(data: bytes) -> bytes:
    """Bytes are added at the end of the file."""
    return data + b"\n% more\n"


# the five of the field's reference, then more
TAMPERS: tuple[Callable[[bytes], bytes], ...] = (
    flipped_byte,
    page_content,
    attachment,
    root_key,
    trailing_bytes,
    annotation,
    page,
    metadata,
)
# what can be followed by an archive timestamp of one's own, as if it had been renewed
INCREMENTAL = (page_content, attachment, root_key, annotation, page, metadata)
