"""Messages of errors with files: pictures, projects, journals and presets."""

from collections.abc import Callable
from typing import Any

from app.i18n import translate
from app.text import message
from app.text.errors import unreadable
from app.text.message import Message, actions
from engine import errors
from widgets.plain_text import plain


def _too_large(error: errors.ImageTooLarge) -> Message:
    text = translate(
        "Explain", "It asks for more than is allowed ({what}: {found}, at most {limit})."
    )
    return Message(
        translate("Explain", "{name} is too large.").format(name=message.file_name(error.path)),
        text.format(what=_what(error.what), found=error.found, limit=error.limit),
        _smaller(error.what),
        actions("file.open"),
    )


def _smaller(what: str) -> str:
    """The setting that allows more, where there is one."""
    if what == "pixels":
        return translate(
            "Explain",
            "Nothing was loaded. Open a smaller version of it, or raise “Largest picture” under "
            "Memory in the settings.",
        )
    return translate("Explain", "Nothing was loaded. Open a smaller version of it.")


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
        translate("Explain", "Cannot write {name}.").format(name=message.file_name(error.path)),
        text + " " + translate("Explain", "What was there before is unchanged."),
        step,
        actions("retry", "file.export"),
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
    return reasons.get(reason, (translate("Explain", "The system takes no file there."), elsewhere))


def _mask(error: errors.MaskInvalid) -> Message:
    title = translate("Explain", "The mask {name} cannot be used.")
    text, step = _why_no_mask(error.reason)
    return Message(
        title.format(name=message.file_name(error.path)),
        text.format(found=plain(error.found), wanted=plain(error.wanted)),
        step,
    )


def _why_no_mask(reason: str) -> tuple[str, str]:
    white = translate("Explain", "Make what is to be marked white, and all else black.")
    reasons = {
        "size": (
            translate("Explain", "It is {found} pixels, the picture {wanted}."),
            translate("Explain", "Take a mask that was made for this picture."),
        ),
        "empty": (translate("Explain", "Nothing is marked in it."), white),
        "dim": (
            translate("Explain", "Its brightest value is {found} of 255, which marks too little."),
            white,
        ),
        "labels": (
            translate("Explain", "It holds labels of {found} kinds, and no word on which to take."),
            white,
        ),
        "missing": (
            translate("Explain", "There is no mask for {wanted} here."),
            translate("Explain", "Give it the name of its picture, with .png at the end."),
        ),
        "outside": (
            translate("Explain", "A recipe may only read files below its own folder."),
            translate("Explain", "Put the mask there, or name its folder with --masks."),
        ),
    }
    colours = (translate("Explain", "It is a colour picture, not a mask."), white)
    return reasons.get(reason, colours)


def _disk_full(error: errors.DiskFull) -> Message:
    text = translate(
        "Explain",
        "{needed} MB are needed and {free} MB are free. What was there before is unchanged.",
    )
    return Message(
        translate("Explain", "No room on the disk for {name}.").format(
            name=message.file_name(error.path)
        ),
        text.format(needed=error.needed_mb, free=error.free_mb),
        translate("Explain", "Make room, or choose another disk, and try again."),
        actions("retry", "file.export"),
    )


def _project(error: errors.ProjectUnreadable) -> Message:
    title = translate("Explain", "Cannot open the project {name}.")
    text, step = _why_no_project(error.reason)
    return Message(
        title.format(name=message.file_name(error.path)),
        text,
        step,
        actions("retry", "file.open"),
    )


def _project_too_large(error: errors.ProjectTooLarge) -> Message:
    name = message.file_name(error.path)
    text = translate("Explain", "It holds too much ({what}: {found}, at most {limit}).")
    text = text.format(what=_part_of_project(error.what), found=error.found, limit=error.limit)
    if error.is_written:
        return Message(
            translate("Explain", "Cannot save the project {name}.").format(name=name),
            text,
            translate(
                "Explain",
                "Discard variants and delete objects that you no longer need, then save again.",
            ),
            actions("file.save", "file.export"),
        )
    return Message(
        translate("Explain", "Cannot open the project {name}.").format(name=name),
        text,
        translate("Explain", "Nothing was loaded. Open another."),
        actions("file.open"),
    )


def _part_of_project(code: str) -> str:
    return {
        "members": translate("Explain", "parts"),
        "directory": translate("Explain", "bytes of the list of its parts"),
        "total": translate("Explain", "bytes of the file"),
        "member": translate("Explain", "bytes of one part"),
        "manifest": translate("Explain", "bytes of names and settings"),
        "unpacked": translate("Explain", "bytes of variants and objects"),
        "items": translate("Explain", "entries of one list"),
    }.get(code, code)


def _why_no_project(reason: str) -> tuple[str, str]:
    another = translate("Explain", "Open another.")
    reasons = {
        "missing": (
            translate("Explain", "The file is not there."),
            translate("Explain", "Look where it was moved to, or open another."),
        ),
        "permission": (
            translate("Explain", "You may not read it."),
            translate("Explain", "Ask whoever owns it, or open another."),
        ),
        "newer": (
            translate("Explain", "A newer version of Lacuna made it."),
            translate("Explain", "Install that version to open it."),
        ),
        "changed": (
            translate("Explain", "The picture is no longer the one that these edits belong to."),
            translate("Explain", "Put the picture back as it was, and try again."),
        ),
        "busy": (translate("Explain", "Another window of Lacuna has it open."), another),
    }
    damaged = (
        translate("Explain", "The file is damaged, or no project of Lacuna."),
        translate(
            "Explain",
            "Open an earlier copy. Any zip program can take the picture out of it: "
            "it is called mergedimage.png.",
        ),
    )
    return reasons.get(reason, damaged)


def _journal(error: errors.JournalUnwritable) -> Message:
    reasons = {
        "full": (
            translate("Explain", "The disk is full."),
            translate("Explain", "Make room, or save the project on another disk."),
        ),
        "memory": (
            translate("Explain", "Not enough memory."),
            translate("Explain", "Close other programs, and save the project."),
        ),
    }
    refused = translate("Explain", "The disk or the system refused it.")
    save = translate("Explain", "Save the project.")
    text, step = reasons.get(error.reason, (refused, save))
    return Message(
        translate("Explain", "The last edits are not safe from a crash yet."),
        text + " " + translate("Explain", "Lacuna keeps them, and tries again."),
        step,
        actions("file.save"),
    )


def _preset(error: errors.PresetInvalid) -> Message:
    title = translate("Explain", "The preset {name} cannot be used.")
    return Message(
        title.format(name=plain(error.name)) if error.name else _nameless_preset(),
        _why_preset(error),
        translate("Explain", "Choose another file; nothing was changed."),
    )


def _nameless_preset() -> str:
    return translate("Explain", "This name of a preset cannot be used.")


def _why_preset(error: errors.PresetInvalid) -> str:
    reasons = {
        "newer": translate("Explain", "It was made by a newer version of Lacuna."),
        "size": translate("Explain", "It is larger than any preset."),
        "access": translate("Explain", "It is not there, or you may not read it."),
        "name": translate("Explain", "A name has 1 to 80 letters, all of them visible."),
        "unknown": translate("Explain", "It sets “{key}”, which Lacuna does not know."),
        "type": translate("Explain", "“{key}” is of another kind than it should be."),
        "range": translate("Explain", "“{key}” is out of its range."),
        "long": translate("Explain", "“{key}” is too long."),
        "choice": translate("Explain", "“{key}” is none of the choices there are."),
    }
    unknown = translate("Explain", "It is not a preset of Lacuna, or it is damaged.")
    return reasons.get(error.reason, unknown).format(key=plain(error.key[:80]))


WORDS: dict[type[BaseException], Callable[[Any], Message]] = {
    errors.ImageUnreadable: unreadable.words,
    errors.ImageTooLarge: _too_large,
    errors.ImageUnwritable: _unwritable,
    errors.MaskInvalid: _mask,
    errors.DiskFull: _disk_full,
    errors.ProjectUnreadable: _project,
    errors.ProjectTooLarge: _project_too_large,
    errors.JournalUnwritable: _journal,
    errors.PresetInvalid: _preset,
}
