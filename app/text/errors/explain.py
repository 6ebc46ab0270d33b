"""The message of every expected error: what happened, and what to do next.

`explain` never fails and needs no Qt: the command line prints the same sentences in English.
"""

from collections.abc import Callable
from typing import Any

from app.i18n import translate
from app.text import message
from app.text.errors import downloads, files, models, server_jobs, servers, workflows
from app.text.message import Message, MessageAction, actions
from engine import errors
from widgets.plain_text import plain

__all__ = ["WORDS", "Message", "MessageAction", "explain"]


def explain(error: BaseException) -> Message:
    """The message of any error; an unknown type is reported as a fault of the program."""
    words = WORDS.get(type(error))
    return words(error) if words else _mistake()


def _nothing_selected(_error: errors.NothingSelected) -> Message:
    return Message(
        translate("Explain", "Nothing is selected."),
        "",
        translate("Explain", "Click an object with the Object tool, or paint over it, first."),
        actions("tool.object"),
    )


def _nothing_found(_error: errors.NothingFound) -> Message:
    return Message(
        translate("Explain", "No object was found there."),
        "",
        translate("Explain", "Click nearer to its middle, drag a box around it, or paint it."),
        actions("tool.brush"),
    )


def _no_subject(_error: errors.NoSubject) -> Message:
    return Message(
        translate("Explain", "No subject was found."),
        translate("Explain", "No part of this picture stands out from the rest."),
        translate("Explain", "Click what you want with the Object tool, or drag a box around it."),
        actions("tool.object"),
    )


def _outside(error: errors.PlaceOutside) -> Message:
    text = translate("Explain", "{place} is not in the picture, which is {size} pixels.")
    return Message(
        translate("Explain", "That lies outside the picture."),
        text.format(place=error.place, size=error.size),
        translate("Explain", "Places count from the upper left corner, which is 0, 0."),
    )


def _hole(error: errors.HoleTooLarge) -> Message:
    text = translate("Explain", "The selection covers {percent} % of the picture.")
    return Message(
        translate("Explain", "Too little is left to fill from."),
        text.format(percent=round(error.share * 100)),
        translate("Explain", "Select less, or remove one part after the other."),
        actions("mask.shrink"),
    )


def _capability(error: errors.CapabilityMissing) -> Message:
    text = translate("Explain", "The engine “{engine}” cannot do this: {task}.")
    return Message(
        translate("Explain", "This engine cannot do that."),
        text.format(engine=plain(error.backend), task=message.task(error.capability)),
        translate("Explain", "Select by brush or lasso, or choose another engine in the settings."),
        actions("edit.settings"),
    )


def _recipe(error: errors.RecipeInvalid) -> Message:
    where, reason = plain(error.where), plain(error.reason)
    text = f"{where}: {reason}" if where else reason
    return Message(
        translate("Explain", "The recipe cannot be run."),
        text[:1].upper() + text[1:].rstrip(".") + ".",
        translate("Explain", "Correct this line of the recipe and run it again."),
    )


def _stopped(error: errors.BackendStopped) -> Message:
    title = translate("Explain", "The engine “{engine}” stopped.")
    text = translate("Explain", "Your picture and your selection are unchanged.")
    after = translate(
        "Explain", "Try again. If it stops again, copy the diagnostics into a report."
    )
    if error.reason == "killed":
        text += " " + translate("Explain", "The system ended it: most likely memory ran out.")
        after = translate(
            "Explain", "Close other programs, or take a smaller model, and try again."
        )
    steps = actions("retry", "help.diagnostics")
    return Message(title.format(engine=plain(error.backend)), text, after, steps)


def _memory(error: errors.OutOfMemory) -> Message:
    text = translate("Explain", "The task needs {needed} MB and {free} MB are free.")
    known = error.needed_mb > 0
    return Message(
        translate("Explain", "Not enough memory."),
        text.format(needed=error.needed_mb, free=error.free_mb) if known else "",
        translate("Explain", "Close other programs, or select a smaller part, and try again."),
        actions("retry"),
    )


def _mistake(_error: BaseException | None = None) -> Message:
    return Message(
        translate("Explain", "Something went wrong inside Lacuna."),
        translate("Explain", "Your picture is unchanged, and what happened stands in the log."),
        translate("Explain", "Save your work, and copy the diagnostics into a report."),
        actions("help.diagnostics", "help.logs"),
    )


WORDS: dict[type[BaseException], Callable[[Any], Message]] = {
    **files.WORDS,
    **models.WORDS,
    **downloads.WORDS,
    **servers.WORDS,
    **server_jobs.WORDS,
    **workflows.WORDS,
    errors.NothingSelected: _nothing_selected,
    errors.NothingFound: _nothing_found,
    errors.NoSubject: _no_subject,
    errors.PlaceOutside: _outside,
    errors.HoleTooLarge: _hole,
    errors.CapabilityMissing: _capability,
    errors.RecipeInvalid: _recipe,
    errors.BackendStopped: _stopped,
    errors.OutOfMemory: _memory,
    errors.Bug: _mistake,
}
