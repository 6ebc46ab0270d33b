"""XMP packets, changed as text: what is not ours stays as its writer left it."""

import re
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from engine.geometry import Size

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_EXTENSION = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_EMPTY = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF>'
    '</x:xmpmeta><?xpacket end="w"?>'
)
_END = "</rdf:RDF>"
_WIDTHS, _HEIGHTS = "exif:PixelXDimension|tiff:ImageWidth", "exif:PixelYDimension|tiff:ImageLength"


def oriented(packet: bytes, orientation: int) -> bytes:
    """The packet with this orientation, 1..8, where it names one."""
    turn = str(orientation).encode()
    packet = re.sub(rb"(\btiff:Orientation\s*=\s*[\"'])\d([\"'])", rb"\g<1>%b\2" % turn, packet)
    return re.sub(rb"(<tiff:Orientation>)\s*\d\s*(</)", rb"\g<1>%b\2" % turn, packet)


def sized(packet: bytes, size: Size) -> bytes:
    """The packet with this size of the picture, where it names one."""
    text = packet.decode()
    for names, side in zip((_WIDTHS, _HEIGHTS), size):
        text = re.sub(rf'(\b(?:{names})\s*=\s*["\'])\d+(["\'])', rf"\g<1>{side}\2", text)
        text = re.sub(rf"(<({names})>)\s*\d+\s*(</)", rf"\g<1>{side}\3", text)
    return text.encode()


def marked(packet: bytes | None, source_type: str) -> bytes:
    """The packet, or a new one, with this term as its only IPTC digital source type."""
    text = text_of(packet or b"") or _EMPTY
    text = _without(text, r"Iptc4xmpExt:DigitalSourceType")
    space = f'xmlns:Iptc4xmpExt="{_EXTENSION}"'
    text = text.replace(f'<rdf:Description rdf:about="" {space}/>', "")  # of an earlier mark
    mark = f'{space} Iptc4xmpExt:DigitalSourceType="{SOURCE_TYPE}{source_type}"'
    return with_description(text.encode(), mark, "")


def with_description(packet: bytes | None, attributes: str, inner: str) -> bytes:
    """The packet, or a new one, with one more description of these attributes and elements."""
    text = text_of(packet or b"") or _EMPTY
    start = f'<rdf:Description rdf:about="" {attributes}'
    more = f"{start}>{inner}</rdf:Description>" if inner else f"{start}/>"
    at = text.rfind(_END)
    return (text[:at] + more + text[at:]).encode()


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


def text_of(packet: bytes) -> str | None:
    """A packet that is well-formed and has the usual `rdf` prefix, as text."""
    try:
        text = packet.strip(b"\0 \r\n\t").decode("utf-8")
        ElementTree.fromstring(text.encode(), forbid_dtd=True)
    except (UnicodeDecodeError, ParseError, DefusedXmlException, ValueError):
        return None
    return text if _END in text else None
