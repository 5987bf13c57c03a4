"""The XMP packet: what the file says of itself, for readers that look there (ISO 16684-1).

Written as text: the packet is one template with seven values, while the reader of packets that
could write it takes longer to be imported than all pages of a small report take to be drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from weighbridge.report.pdf.document import Description

# {} are values with XML's own characters escaped. The mark in `begin` is U+FEFF (section 7.3.2).
_PACKET = """\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<pdf:Producer>{tool}</pdf:Producer>
<xmp:CreatorTool>{tool}</xmp:CreatorTool>
<xmp:CreateDate>{date}</xmp:CreateDate>
<xmp:ModifyDate>{date}</xmp:ModifyDate>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>
"""


def packet(description: Description, language: str) -> bytes:
    """The packet in UTF-8. Says the same as the file's information dictionary."""
    from html import escape

    values = {
        "title": description.title,
        "author": description.author,
        "subject": f"{description.subject} ({description.digest})",
        "tool": description.tool,
        "date": f"{description.date:%Y-%m-%d}T00:00:00Z",
        "language": language,
    }
    return _PACKET.format_map(
        {name: escape(value, quote=False) for name, value in values.items()}
    ).encode()
