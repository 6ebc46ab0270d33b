"""Options of the last export as plain values for the settings, and back."""

from collections.abc import Mapping
from dataclasses import fields, replace

from engine.image_io import formats
from engine.image_io.writer import ExportOptions

Saved = Mapping[str, str | int | bool]

WRITABLE = tuple(item.name for item in formats.FORMATS if item.writable)
SUBSAMPLINGS = ("4:4:4", "4:2:2", "4:2:0")
SOURCE_TYPES = (
    "humanEdits",
    "algorithmicallyEnhanced",
    "compositeWithTrainedAlgorithmicMedia",
)
"""Terms of IPTC's vocabulary that fit an edited photograph."""

BY_MODEL = "compositeWithTrainedAlgorithmicMedia"  # once something was painted into it

DEFAULT = ExportOptions(source_type="humanEdits")


def saved(options: ExportOptions) -> dict[str, str | int | bool]:
    """The options that differ from the default, as plain values; None is 0 or ""."""
    found: dict[str, str | int | bool] = {}
    for known in fields(ExportOptions):
        value = getattr(options, known.name)
        if value != getattr(DEFAULT, known.name):
            found[known.name] = (
                ("" if known.name == "source_type" else 0) if value is None else value
            )
    return found


def restored(values: Saved, *, source_format: str) -> ExportOptions:
    """The options of the last export; values that cannot be used are left out.

    Before the first export the format of the source is kept, if Lacuna writes it.
    """
    options = DEFAULT
    if source_format in WRITABLE:
        options = replace(options, format=source_format)
    for name, value in values.items():
        good = _checked(name, value)
        if good is not None:
            options = replace(options, **{name: good[0]})
    return options


def _checked(name: str, value: str | int | bool) -> tuple[object] | None:
    """The value in a tuple, since None is a value, too; None: not usable."""
    allowed: dict[str, tuple[object, ...]] = {
        "format": WRITABLE,
        "depth": (0, 8, 16),
        "quality": tuple(range(101)),
        "subsampling": (0, *SUBSAMPLINGS),
        "lossless": (0,),
        "source_type": ("", *SOURCE_TYPES),
    }
    if name == "lossless" and isinstance(value, bool):
        return (value,)
    switches = ("compress", "keep_exif", "keep_gps", "keep_prompts", "private")
    if name in switches:
        return (value,) if isinstance(value, bool) else None
    if isinstance(value, bool) or value not in allowed.get(name, ()):
        return None
    return (value,) if name == "format" else (value or None,)
