"""EXIF and TIFF fields that an export may carry, with the most bytes that each may have.

All others are left out: what is not known here may hold a picture (EXIF 3.0, TIFF 6.0, GeoTIFF).
"""

from engine.image_io.headers import ifd

MAKER_NOTE, USER_COMMENT = 37_500, 37_510
TEXT_BYTES = 32_000
_NUMBER_BYTES = 64

_TEXTS = (
    *(269, 270, 271, 272, 285, 305, 306, 315, 316, 33_432, 42_112, 42_113),
    *(34_852, 36_867, 36_868, 36_880, 36_881, 36_882, 37_520, 37_521, 37_522),
    *(40_964, 42_016, 42_032, 42_033, 42_035, 42_036, 42_037),
)
WIDE_TEXTS = frozenset(range(40_091, 40_096))  # Windows: title, comment, ... in UTF-16
_NUMBERS = (
    *(274, 282, 283, 296, 318, 319, 529, 531, 532, 18_246, 18_249),
    *(33_434, 33_437, 34_850, 34_855, *range(34_864, 34_870), 36_864, 37_121, 37_122),
    *(*range(37_377, 37_387), 37_396, *range(37_888, 37_894), *range(40_960, 40_964)),
    *(41_483, 41_486, 41_487, 41_488, 41_492, 41_493, 41_495, 41_728, 41_729, 41_730),
    *(*range(41_985, 41_995), 41_996, 42_034, 42_080, 42_081, 42_082, 42_240, 59_933),
)
_GEO = {33_550: 24, 33_922: 960, 34_264: 128, 34_735: 2_048, 34_736: 1_024, 34_737: 2_000}
_POINTERS = {ifd.EXIF: 4, ifd.GPS: 4, ifd.INTEROP: 4}

MAIN: dict[int, int] = {
    **dict.fromkeys(_NUMBERS, _NUMBER_BYTES),
    **dict.fromkeys(_TEXTS, TEXT_BYTES),
    **dict.fromkeys(WIDE_TEXTS, TEXT_BYTES),
    **_GEO,
    **_POINTERS,
    MAKER_NOTE: 1 << 20,
    USER_COMMENT: 1 << 20,
}
"""Of the first directory; cameras put fields of the EXIF directory here, too."""

CAMERA: dict[int, int] = {tag: most for tag, most in MAIN.items() if tag not in (ifd.EXIF, ifd.GPS)}

PLACES: dict[int, int] = {tag: 256 if tag in (27, 28) else _NUMBER_BYTES for tag in range(32)}
INTEROPERABILITY: dict[int, int] = dict.fromkeys((1, 2, 4096, 4097, 4098), _NUMBER_BYTES)
GEO_TAGS = frozenset(_GEO)
PICTURES = frozenset((0x0201, 0x0202, 0x501B, 34_377, 50_839, 37_724, 330))
"""Fields that hold a smaller picture in files of well-known programs."""
