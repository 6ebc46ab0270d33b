"""Messages of pictures that cannot be opened: each names what was found and what to do."""

from app.i18n import translate
from app.text import message
from app.text.message import Message, actions
from engine import errors
from widgets.plain_text import plain

ODD_TIFF, ODD_JPEG = "tiff", "jpeg"


def words(error: errors.ImageUnreadable) -> Message:
    """The message of one file; the reason and its detail are codes."""
    if error.reason == "kind":
        text, step = _of_kind(error.detail)
    elif error.reason == "raw":
        text, step = _of_raw(error.detail)
    else:
        text, step = _of_reason(error.reason)
    title = translate("Explain", "Cannot open {name}.")
    again = () if error.reason in ("kind", "raw", "reduced", "format") else ("retry",)
    return Message(
        title.format(name=message.file_name(error.path)), text, step, actions(*again, "file.open")
    )


def _of_reason(reason: str) -> tuple[str, str]:
    copy = translate("Explain", "Copy it again from where it came, or open another.")
    reasons = {
        "format": (
            translate("Explain", "It is not a picture of a format that Lacuna reads."),
            translate(
                "Explain",
                "Open a PNG, JPEG, WebP, TIFF, BMP, GIF, AVIF or HEIC file, or convert this one "
                "first.",
            ),
        ),
        "access": (
            translate("Explain", "The file is missing, or you may not read it."),
            translate("Explain", "Check that it is still there and whose it is."),
        ),
        "no-file": (
            translate("Explain", "It is no file, but a folder, a pipe or a device."),
            translate("Explain", "Choose a picture file."),
        ),
        "empty": (translate("Explain", "It is an empty file: it has no bytes at all."), copy),
        "reduced": (
            translate(
                "Explain",
                "It is a TIFF whose first picture is only a small version of the main one, and "
                "the main one lies where Lacuna does not read it.",
            ),
            translate(
                "Explain",
                "Save the main picture as a plain TIFF or PNG in the program that made it. If it "
                "comes from a camera, develop it in a raw converter first.",
            ),
        ),
        "needs-formats": (
            translate("Explain", "It is a HEIC picture, and the library for HEIC is missing."),
            translate(
                "Explain", "Install the package pillow-heif, or save the picture as JPEG or PNG."
            ),
        ),
    }
    return reasons.get(reason, (translate("Explain", "The file is damaged or cut off."), copy))


def _of_raw(kind: str) -> tuple[str, str]:
    found = translate("Explain", "It is a camera raw file ({kind}), which has to be developed.")
    return found.format(kind=plain(kind)), translate(
        "Explain",
        "Develop it in a raw converter such as darktable or RawTherapee, and open the TIFF or "
        "PNG that it writes.",
    )


def _of_kind(code: str) -> tuple[str, str]:
    """The detail of `kind`: a code, in some cases with a number behind it."""
    name, _, number = code.partition(" ")
    kinds = {**_other_files(), **_other_pictures(), **_odd_pictures()}
    what = kinds.get(name) or translate("Explain", "a picture of an unusual kind")
    found = translate("Explain", "It is {what}: Lacuna does not open such files.")
    return found.format(what=what.format(number=plain(number))), _step(name)


def _other_files() -> dict[str, str]:
    return {
        "html": translate("Explain", "a web page"),
        "xml": translate("Explain", "an XML file"),
        "text": translate("Explain", "a text"),
        "zeros": translate("Explain", "a file of zeros, which has lost its contents"),
        "archive": translate("Explain", "an archive of packed files"),
        "program": translate("Explain", "a program"),
        "video": translate("Explain", "a video"),
        "audio": translate("Explain", "a sound file"),
        "pdf": translate("Explain", "a PDF document"),
        "postscript": translate("Explain", "a PostScript file"),
    }


def _other_pictures() -> dict[str, str]:
    return {
        "psd": translate("Explain", "a Photoshop file"),
        "xcf": translate("Explain", "a GIMP file"),
        "krita": translate("Explain", "a Krita file"),
        "openraster": translate("Explain", "an OpenRaster file"),
        "svg": translate("Explain", "an SVG drawing"),
        "metafile": translate("Explain", "a Windows metafile"),
        "jxl": translate("Explain", "a JPEG XL picture"),
        "jxr": translate("Explain", "a JPEG XR picture"),
        "jp2": translate("Explain", "a JPEG 2000 picture"),
        "ico": translate("Explain", "an icon"),
        "os2": translate("Explain", "a collection of OS/2 bitmaps"),
        "tga": translate("Explain", "a TGA picture"),
        "pnm": translate("Explain", "a PNM picture"),
        "exr": translate("Explain", "an OpenEXR picture"),
        "hdr": translate("Explain", "a Radiance HDR picture"),
        "dds": translate("Explain", "a DDS texture"),
        "qoi": translate("Explain", "a QOI picture"),
        "fits": translate("Explain", "a FITS picture"),
        "dicom": translate("Explain", "a DICOM picture"),
        "djvu": translate("Explain", "a DjVu document"),
    }


def _odd_pictures() -> dict[str, str]:
    return {
        "tiff-bits": translate("Explain", "a TIFF with {number} bits per channel"),
        "tiff-float": translate("Explain", "a {number}-bit floating point TIFF"),
        "tiff-range": translate(
            "Explain", "a floating point TIFF with values that are no shares of white"
        ),
        "tiff-signed": translate("Explain", "a TIFF with signed numbers"),
        "tiff-cmyk": translate("Explain", "a CMYK TIFF with {number} bits per channel"),
        "tiff-lab": translate("Explain", "a Lab TIFF with {number} bits per channel"),
        "tiff-ycbcr": translate("Explain", "a YCbCr TIFF with {number} bits per channel"),
        "tiff-compression": translate("Explain", "a TIFF of compression {number}"),
        "tiff-pixels": translate("Explain", "a TIFF with an unusual kind of pixels"),
        "jpeg-bits": translate("Explain", "a {number}-bit JPEG"),
        "jpeg-lossless": translate("Explain", "a lossless JPEG"),
        "jpeg-arithmetic": translate("Explain", "a JPEG with arithmetic coding"),
        "jpeg-hierarchical": translate("Explain", "a hierarchical JPEG"),
        "jpeg-channels": translate("Explain", "a JPEG with {number} channels"),
        "bmp-form": translate("Explain", "a BMP of an unusual form"),
        "heif-sequence": translate("Explain", "a HEIF sequence without a main picture"),
        "heif-codec": translate("Explain", "a HEIF picture of a coding that is not installed"),
        "avif-form": translate("Explain", "an AVIF picture of an early or unusual form"),
    }


def _step(name: str) -> str:
    steps = {
        "html": translate(
            "Explain", "The page came in place of the picture: save the picture itself again."
        ),
        "archive": translate("Explain", "Unpack it, and open a picture in it."),
        "video": translate("Explain", "Save one frame of it as a picture, and open that."),
        ODD_TIFF: translate(
            "Explain", "Save it as an RGB or gray TIFF with 8 or 16 bits, or as PNG, and open that."
        ),
        ODD_JPEG: translate("Explain", "Save it as an 8-bit JPEG or as PNG, and open that."),
    }
    if name in ("zeros", "text", "xml", "program", "audio"):
        return translate("Explain", "Copy it again from where it came, or open another.")
    step = steps.get(name) or steps.get(name.partition("-")[0])
    return step or translate("Explain", "Save a flat copy as TIFF, PNG or JPEG, and open that.")
