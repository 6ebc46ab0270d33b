"""The words of every expected trouble: what happened, and what to do next.

`explain` never fails, and needs no Qt: the command line prints the same sentences in English.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from app.words import translate
from engine import errors
from widgets.plain import plain


class Action(NamedTuple):
    """A next step as a button: an id of the table of actions, or `retry` for the same again."""

    id: str
    text: str


class Message(NamedTuple):
    """What to tell the user. `next_step` is a sentence of its own, `actions` do it."""

    title: str
    text: str
    next_step: str
    actions: tuple[Action, ...] = ()

    @property
    def sentence(self) -> str:
        """All of it, for a log or a terminal."""
        return " ".join(part for part in (self.title, self.text, self.next_step) if part)


def explain(error: BaseException) -> Message:
    """Words for any error; what no table knows is called a mistake of the program."""
    words = WORDS.get(type(error))
    return words(error) if words else _mistake()


def _open() -> Action:
    return Action("file.open", translate("Explain", "Open another…"))


def _export() -> Action:
    return Action("file.export", translate("Explain", "Export…"))


def _retry() -> Action:
    return Action("retry", translate("Explain", "Try again"))


def _diagnostics() -> Action:
    return Action("help.diagnostics", translate("Explain", "Copy diagnostics"))


def _logs() -> Action:
    return Action("help.logs", translate("Explain", "Open log folder"))


def _object_tool() -> Action:
    return Action("tool.object", translate("Explain", "Object tool"))


def _name(path: Path | None) -> str:
    return plain(path.name) if path else translate("Explain", "the picture")


def _unreadable(error: errors.ImageUnreadable) -> Message:
    name = _name(error.path)
    title = translate("Explain", "Cannot open {name}.").format(name=name)
    if error.reason == "format":
        return Message(
            title,
            translate("Explain", "It is not a picture of a format that Lacuna reads."),
            translate(
                "Explain",
                "Open a PNG, JPEG, WebP, TIFF, BMP, GIF or AVIF file, or convert this one first.",
            ),
            (_open(),),
        )
    if error.reason == "access":
        return Message(
            title,
            translate("Explain", "The file is missing, or you may not read it."),
            translate("Explain", "Check that it is still there and whose it is."),
            (_retry(), _open()),
        )
    return Message(
        title,
        translate("Explain", "The file is damaged or cut off."),
        translate("Explain", "Copy it again from where it came, or open another."),
        (_retry(), _open()),
    )


def _too_large(error: errors.ImageTooLarge) -> Message:
    text = translate(
        "Explain", "It asks for more than is allowed ({what}: {found}, at most {limit})."
    )
    return Message(
        translate("Explain", "{name} is too large.").format(name=_name(error.path)),
        text.format(what=_what(error.what), found=error.found, limit=error.limit),
        translate("Explain", "Nothing was loaded. Open a smaller version of it."),
        (_open(),),
    )


def _what(code: str) -> str:
    return {
        "pixels": translate("Explain", "pixels"),
        "side": translate("Explain", "pixels along one side"),
        "file": translate("Explain", "bytes of the file"),
        "metadata": translate("Explain", "bytes of metadata"),
        "profile": translate("Explain", "bytes of the colour profile"),
        "frames": translate("Explain", "frames"),
        "strips": translate("Explain", "pieces of the picture"),
    }.get(code, plain(code))


def _unwritable(error: errors.ImageUnwritable) -> Message:
    text, step = _why_unwritable(error.reason)
    return Message(
        translate("Explain", "Cannot write {name}.").format(name=_name(error.path)),
        text + " " + translate("Explain", "What was there before is unchanged."),
        step,
        (_retry(), _export()),
    )


def _why_unwritable(reason: str) -> tuple[str, str]:
    elsewhere = translate("Explain", "Choose another folder.")
    reasons = {
        "permission": (
            translate("Explain", "You may not write there."),
            translate("Explain", "Choose a folder of your own."),
        ),
        "read-only": (translate("Explain", "That place can only be read."), elsewhere),
        "folder": (translate("Explain", "The folder does not exist."), elsewhere),
        "name": (
            translate("Explain", "The name is too long."),
            translate("Explain", "Choose a shorter name."),
        ),
        "format": (
            translate("Explain", "Lacuna does not write this format."),
            translate("Explain", "Choose PNG, JPEG, WebP, TIFF or AVIF."),
        ),
        "size": (
            translate("Explain", "The format does not allow a picture as large as this."),
            translate("Explain", "Choose PNG or TIFF."),
        ),
        "no-alpha": (
            translate("Explain", "The format has no transparency."),
            translate("Explain", "Choose PNG, WebP, TIFF or AVIF."),
        ),
        "encoder": (
            translate("Explain", "The picture could not be put into this format."),
            translate("Explain", "Choose PNG or TIFF."),
        ),
    }
    return reasons.get(
        reason, (translate("Explain", "The disk or the system refused it."), elsewhere)
    )


def _disk_full(error: errors.DiskFull) -> Message:
    text = translate(
        "Explain", "{needed} MB are needed and {free} MB are free. The old file is unchanged."
    )
    return Message(
        translate("Explain", "No room on the disk for {name}.").format(name=_name(error.path)),
        text.format(needed=error.needed_mb, free=error.free_mb),
        translate("Explain", "Make room, or choose another disk, and try again."),
        (_retry(), _export()),
    )


def _project(error: errors.ProjectUnreadable) -> Message:
    return Message(
        translate("Explain", "Cannot open the project {name}.").format(name=_name(error.path)),
        translate("Explain", "The file is damaged, or no project of Lacuna."),
        translate(
            "Explain",
            "Open an earlier copy. Any zip program can take the picture out of it: "
            "it is called mergedimage.png.",
        ),
        (_open(),),
    )


def _nothing_selected(_error: errors.NothingSelected) -> Message:
    return Message(
        translate("Explain", "Nothing is selected."),
        "",
        translate("Explain", "Click an object with the Object tool, or paint over it, first."),
        (_object_tool(),),
    )


def _nothing_found(_error: errors.NothingFound) -> Message:
    return Message(
        translate("Explain", "No object was found there."),
        "",
        translate("Explain", "Click nearer to its middle, drag a box around it, or paint it."),
        (Action("tool.brush", translate("Explain", "Brush")),),
    )


def _hole(error: errors.HoleTooLarge) -> Message:
    text = translate("Explain", "The selection covers {percent} % of the picture.")
    return Message(
        translate("Explain", "Too little is left to fill from."),
        text.format(percent=round(error.share * 100)),
        translate("Explain", "Select less, or remove one part after the other."),
        (Action("mask.shrink", translate("Explain", "Shrink the selection")),),
    )


def _capability(error: errors.CapabilityMissing) -> Message:
    text = translate("Explain", "The engine “{engine}” cannot do this: {task}.")
    return Message(
        translate("Explain", "This engine cannot do that."),
        text.format(engine=plain(error.backend), task=_task(error.capability)),
        translate("Explain", "Select by brush or lasso, or choose another engine in the settings."),
        (Action("edit.settings", translate("Explain", "Settings…")),),
    )


def _task(code: str) -> str:
    return {
        "click": translate("Explain", "select by click"),
        "box": translate("Explain", "select by box"),
        "remove": translate("Explain", "remove"),
    }.get(code, plain(code))


def _recipe(error: errors.RecipeInvalid) -> Message:
    text = translate("Explain", "In {where}: {reason}.")
    return Message(
        translate("Explain", "The recipe cannot be run."),
        text.format(where=plain(error.where), reason=plain(error.reason)),
        translate("Explain", "Correct this line of the recipe and run it again."),
    )


def _stopped(error: errors.BackendStopped) -> Message:
    title = translate("Explain", "The engine “{engine}” stopped.")
    return Message(
        title.format(engine=plain(error.backend)),
        translate("Explain", "Your picture and your selection are unchanged."),
        translate("Explain", "Try again. If it stops again, copy the diagnostics into a report."),
        (_retry(), _diagnostics()),
    )


def _memory(error: errors.OutOfMemory) -> Message:
    text = translate("Explain", "The task needs {needed} MB and {free} MB are free.")
    known = error.needed_mb > 0
    return Message(
        translate("Explain", "Not enough memory."),
        text.format(needed=error.needed_mb, free=error.free_mb) if known else "",
        translate("Explain", "Close other programs, or select a smaller part, and try again."),
        (_retry(),),
    )


def _mistake(_error: BaseException | None = None) -> Message:
    return Message(
        translate("Explain", "Something went wrong inside Lacuna."),
        translate("Explain", "Your picture is unchanged, and what happened stands in the log."),
        translate("Explain", "Save your work, and copy the diagnostics into a report."),
        (_diagnostics(), _logs()),
    )


WORDS: dict[type[BaseException], Callable[[Any], Message]] = {
    errors.ImageUnreadable: _unreadable,
    errors.ImageTooLarge: _too_large,
    errors.ImageUnwritable: _unwritable,
    errors.DiskFull: _disk_full,
    errors.ProjectUnreadable: _project,
    errors.NothingSelected: _nothing_selected,
    errors.NothingFound: _nothing_found,
    errors.HoleTooLarge: _hole,
    errors.CapabilityMissing: _capability,
    errors.RecipeInvalid: _recipe,
    errors.BackendStopped: _stopped,
    errors.OutOfMemory: _memory,
    errors.Bug: _mistake,
}
