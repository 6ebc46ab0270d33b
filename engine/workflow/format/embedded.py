"""Workflows inside pictures: reads those of ComfyUI, writes them into ours.

PNG: text chunks `prompt` (API format) and `workflow` (format of the window), JSON in ASCII.
WebP, and JPEG by some packs: the same two as text fields of the EXIF block, `prompt:{...}`.
"""

import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any, BinaryIO

from engine.comfy.errors import WorkflowUnreadable
from engine.comfy.prompt_plan import Graph
from engine.errors import ImageTooLarge
from engine.image_io.headers import ifd, jpeg, png
from engine.image_io.headers import webp_gif as containers
from engine.image_io.limits import Limits
from engine.storage.foreign_file import open_file
from engine.workflow.format.bounded_json import MAX_BYTES

PROMPT, WORKFLOW = "prompt", "workflow"
_NO_PIXELS = Limits(
    pixels=2**62, side=2**32, metadata=3 * MAX_BYTES, profile=3 * MAX_BYTES, frames=2**31
)
"""No pixel is decoded here, so pictures of any size are accepted."""


def embedded_texts(source: Path | bytes) -> dict[str, str] | None:
    """The texts `prompt` and `workflow` of a picture; None where the file is no picture.

    Raises WorkflowUnreadable (damaged, large) and OSError.
    """
    path = source if isinstance(source, Path) else None
    with io.BytesIO(source) if isinstance(source, bytes) else open_file(source) as stream:
        try:
            return _texts(stream)
        except ImageTooLarge as error:
            raise WorkflowUnreadable(path, "large") from error
        except (ValueError, IndexError, struct.error, zlib.error) as error:
            raise WorkflowUnreadable(path, "damaged", detail=str(error)) from error


def _texts(stream: BinaryIO) -> dict[str, str] | None:
    head = stream.read(12)
    if head.startswith(png.SIGNATURE):
        found = png.examine(stream, _NO_PIXELS).text
        return {key: _decoded(text) for key, text in found if key in (PROMPT, WORKFLOW)}
    if head.startswith(b"\xff\xd8\xff"):
        return _exif_texts(jpeg.examine(stream, _NO_PIXELS).exif)
    if head[:4] == b"RIFF" and head[8:] == b"WEBP":
        return _exif_texts(containers.examine_webp(stream, _NO_PIXELS).exif)
    return None


def _decoded(text: str) -> str:
    """The text of a chunk: Latin-1 by the standard, UTF-8 by some programs."""
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


def _exif_texts(exif: bytes | None) -> dict[str, str]:
    if not exif:
        return {}
    stream = io.BytesIO(exif)
    order, offset = ifd.start(stream)
    fields = ifd.directory(stream, order, offset).fields.values()
    raws = [ifd.raw(stream, each) for each in fields if each.kind == ifd.ASCII]
    parts = [raw.rstrip(b"\0").decode("utf-8", "replace").partition(":") for raw in raws]
    named = {key.strip().lower(): text for key, _, text in parts}
    return {key: named[key] for key in (PROMPT, WORKFLOW) if key in named}


def text_chunks(graph: Graph, drawing: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Text chunks of a PNG from which ComfyUI opens the workflow again.

    They contain prompts and file names: write them only where the user asked for it.
    """
    return ((PROMPT, json.dumps(graph)), (WORKFLOW, json.dumps(drawing)))
