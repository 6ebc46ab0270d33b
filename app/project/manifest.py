"""The manifest `lacuna.json` of a project: everything that OpenRaster cannot express."""

from typing import Annotated, Literal

import msgspec

from app.serialization.blobs import Items
from app.serialization.document import StoredMarks, StoredOrigin, StoredVariant
from app.serialization.painting import StoredRemoval
from app.serialization.source import StoredSource
from engine.geometry import Rect, Size
from engine.storage.json_records import decode

VERSION = 2
WITHOUT_PLACES = 1


class NewerVersion(ValueError):
    """A later Lacuna wrote the project."""


class _Version(msgspec.Struct, frozen=True):
    format: Literal["lacuna"]
    version: Annotated[int, msgspec.Meta(ge=1)]


class Manifest(_Version, frozen=True, kw_only=True, omit_defaults=True):
    """Blobs are named by their zip members; `edited`: there is a member with the original.

    `places`: where the members lie that are only a part of the picture.
    """

    size: Size
    depth: Literal[8, 16]
    gray: bool
    alpha: bool
    edited: bool
    revision: int
    source: StoredSource
    marks: StoredMarks
    variants: Items[StoredVariant]
    discarded: Items[StoredOrigin] = ()
    last_removal: StoredRemoval | None = None
    places: dict[str, Rect] = msgspec.field(default_factory=dict[str, Rect])


def read_manifest(content: bytes) -> Manifest:
    """Decode a manifest. Raises NewerVersion, or ValueError for anything else."""
    if decode(content, _Version).version > VERSION:
        raise NewerVersion
    return decode(content, Manifest)
