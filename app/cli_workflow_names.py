"""What the files of a workflow are called: by the photo, then by what its author said."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.workflow.values import MaskPicture, Sink, SinkKind

USUAL = {"", "ComfyUI", "SaveImage", "Save Image", "PreviewImage", "Preview Image",
         "Image Comparer (rgthree)"}  # fmt: skip
FALLBACK = {
    SinkKind.SAVE: "ComfyUI",
    SinkKind.PREVIEW: "preview",
    SinkKind.COMPARE: "compare",
}
MAX_NAME = 80
_ODD = re.compile(r"[^\w .()+-]+")


@dataclass(frozen=True, slots=True)
class Named:
    """An output and its part of a file's name."""

    sink: Sink
    name: str
    ending: str  # with its dot; "": that of the photo's result

    def path(self, folder: Path, stem: str, ending: str) -> Path:
        return folder / f"{stem}-{self.name}{self.ending or ending}"


def named(sinks: Sequence[Sink]) -> tuple[Named, ...]:
    """Each with a name of its own: the second of a kind ends in -2."""
    found: list[Named] = []
    taken: set[str] = set()
    for sink in sinks:
        name = free(_name(sink), taken)
        taken.add(name.casefold())
        found.append(Named(sink, name, _ending(sink)))
    return tuple(found)


def free(name: str, taken: set[str]) -> str:
    """The name, with a number where another one has it; file names know no case."""
    number, one = 1, name
    while one.casefold() in taken:
        number += 1
        one = f"{name}-{number}"
    return one


def _name(sink: Sink) -> str:
    """What the author said; what stands in every new node says nothing."""
    prefix = re.sub(r"\.png$", "", sink.prefix, flags=re.IGNORECASE)
    said = next((text for text in (prefix, sink.origin.title) if text not in USUAL), "")
    return _ODD.sub("-", said).strip(" .-")[:MAX_NAME] or FALLBACK[sink.kind]


def _ending(sink: Sink) -> str:
    """Masks and comparisons are PNG, as is what a prefix wants so."""
    is_asked = sink.prefix.lower().endswith(".png")
    is_mask = isinstance(sink.pictures, MaskPicture)
    return ".png" if is_asked or is_mask or sink.kind is not SinkKind.SAVE else ""
