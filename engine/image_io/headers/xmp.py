"""XMP packets, changed as text: what is not ours stays as its writer left it."""

import re
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_EXTENSION = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_EMPTY = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF>'
    '</x:xmpmeta><?xpacket end="w"?>'
)
_END = "</rdf:RDF>"


def cleaned(packet: bytes, *, keep_gps: bool) -> bytes | None:
    """The packet upright, without thumbnails and, by choice, places; None when it is no XMP."""
    text = _text(packet)
    if text is None:
        return None
    text = _oriented(text, 1)
    text = _without(text, r"xmp:Thumbnails|xap:Thumbnails|xmpGImg:image")
    if not keep_gps:
        text = _without(text, r"\w+:GPS\w+|Iptc4xmpExt:Location\w+|Iptc4xmpCore:Location")
    return text.encode() if _text(text.encode()) is not None else None


def oriented(packet: bytes | None, orientation: int) -> bytes | None:
    """The packet with this orientation, 1..8, where it names one."""
    return _oriented(packet.decode(), orientation).encode() if packet else packet


def _oriented(text: str, orientation: int) -> str:
    text = re.sub(r'(\btiff:Orientation\s*=\s*["\'])\d(["\'])', rf"\g<1>{orientation}\2", text)
    return re.sub(r"(<tiff:Orientation>)\s*\d\s*(</)", rf"\g<1>{orientation}\2", text)


def marked(packet: bytes | None, source_type: str) -> bytes:
    """The packet, or a new one, with this term as its only IPTC digital source type."""
    text = _text(packet or b"") or _EMPTY
    text = _without(text, r"Iptc4xmpExt:DigitalSourceType")
    start = f'<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="{_EXTENSION}"'
    text = text.replace(start + "/>", "")  # what is left of an earlier mark
    mark = f'{start} Iptc4xmpExt:DigitalSourceType="{SOURCE_TYPE}{source_type}"/>'
    at = text.rfind(_END)
    return (text[:at] + mark + text[at:]).encode()


def source_type(packet: bytes | None) -> str | None:
    """The term of the digital source type that a packet names."""
    found = re.search(re.escape(SOURCE_TYPE) + r"(\w+)", (packet or b"").decode("utf-8", "ignore"))
    return found.group(1) if found else None


def has_gps(packet: bytes | None) -> bool:
    """Whether a packet names a place."""
    return re.search(rb"\w+:GPS(Latitude|Longitude)", packet or b"") is not None


def _without(text: str, names: str) -> str:
    """Take out properties of these names, written as attributes or as elements."""
    text = re.sub(rf'\s(?:{names})\s*=\s*("[^"]*"|\'[^\']*\')', "", text)
    text = re.sub(rf"<({names})\b[^>]*/>", "", text)
    return re.sub(rf"<({names})\b[^>]*>.*?</\1\s*>", "", text, flags=re.DOTALL)


def _text(packet: bytes) -> str | None:
    """A packet that is well-formed and has the usual `rdf` prefix, as text."""
    try:
        text = packet.strip(b"\0 \r\n\t").decode("utf-8")
        ElementTree.fromstring(text.encode(), forbid_dtd=True)
    except (UnicodeDecodeError, ParseError, DefusedXmlException, ValueError):
        return None
    return text if _END in text else None
