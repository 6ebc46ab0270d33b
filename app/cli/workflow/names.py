"""What the files of a workflow are called: by the photo, then by what its author said."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from engine.workflow.local.values import MaskPicture, Sink, SinkKind

USUAL = {"", "ComfyUI", "SaveImage", "Save Image", "PreviewImage", "Preview Image",
         "Image Comparer (rgthree)"}  # fmt: skip
FALLBACK = {
    SinkKind.SAVE: "ComfyUI",
    SinkKind.PREVIEW: "preview",
    SinkKind.COMPARE: "compare",
}
MAX_NAME = 80
_ODD = re.compile(r"[^\w .()+-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputInfo:
    """What is known of an output before it is named."""

    kind: SinkKind
    title: str
    prefix: str = ""  # of SAVE
    is_mask: bool = False


def sign_of(sink: Sink) -> OutputInfo:
    return OutputInfo(
        kind=sink.kind,
        title=sink.origin.title,
        prefix=sink.prefix,
        is_mask=isinstance(sink.pictures, MaskPicture),
    )


@dataclass(frozen=True, slots=True)
class OutputName:
    """The part of a file's name that an output gives."""

    name: str
    ending: str  # with its dot; "": that of the photo's result

    def path(self, folder: Path, stem: str, ending: str) -> Path:
        return folder / f"{stem}-{self.name}{self.ending or ending}"


def named(signs: Iterable[OutputInfo]) -> tuple[OutputName, ...]:
    """Each with a name of its own: the second of a kind ends in -2."""
    found: list[OutputName] = []
    taken: set[str] = set()
    for sign in signs:
        name = free(_name(sign), taken)
        taken.add(name.casefold())
        found.append(OutputName(name, _ending(sign)))
    return tuple(found)


def free(name: str, taken: set[str]) -> str:
    """The name, with a number where another one has it; file names know no case."""
    number, one = 1, name
    while one.casefold() in taken:
        number += 1
        one = f"{name}-{number}"
    return one


def _name(sign: OutputInfo) -> str:
    """What the author said; what stands in every new node says nothing."""
    prefix = re.sub(r"\.png$", "", sign.prefix, flags=re.IGNORECASE)
    said = next((text for text in (prefix, sign.title) if text not in USUAL), "")
    return _ODD.sub("-", said).strip(" .-")[:MAX_NAME] or FALLBACK[sign.kind]


def _ending(sign: OutputInfo) -> str:
    """Masks and comparisons are PNG, as is what a prefix wants so."""
    is_asked = sign.prefix.lower().endswith(".png")
    is_mask = sign.is_mask
    return ".png" if is_asked or is_mask or sign.kind is not SinkKind.SAVE else ""
