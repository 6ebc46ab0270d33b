"""Rows of the table of actions: finding by text, and what models hold of the memory."""

from app.actions.action import Action
from app.actions.conditions import Requirement
from app.i18n import QT_TR_NOOP
from engine.selection.masks import CombineMode

FIND = (
    Action(
        "select.find",
        QT_TR_NOOP("&Find by Text…"),
        ("Ctrl+F",),
        "search",
        QT_TR_NOOP("Name what is to be selected: all of its kind are found."),
        lambda w: w.docks.write_find(),
        Requirement.PICTURE,
    ),
    Action(
        "select.found",
        QT_TR_NOOP("&Select Found"),
        (),
        "square-dashed",
        QT_TR_NOOP("Select all finds that are checked, together."),
        lambda w: w.finder.accept(CombineMode.REPLACE),
        Requirement.FOUND,
    ),
    Action(
        "select.found_add",
        QT_TR_NOOP("Add F&ound"),
        (),
        "squares-unite",
        QT_TR_NOOP("Add the finds that are checked to the selection."),
        lambda w: w.finder.accept(CombineMode.ADD),
        Requirement.FOUND,
    ),
    Action(
        "select.found_subtract",
        QT_TR_NOOP("Su&btract Found"),
        (),
        "squares-subtract",
        QT_TR_NOOP("Take the finds that are checked out of the selection."),
        lambda w: w.finder.accept(CombineMode.SUBTRACT),
        Requirement.FOUND,
    ),
    Action(
        "objects.store_found",
        QT_TR_NOOP("Store &Found as Objects"),
        (),
        "plus",
        QT_TR_NOOP("Keep each find that is checked in the list of objects."),
        lambda w: w.finder.store(),
        Requirement.FOUND,
    ),
)

MEMORY = (
    Action(
        "tool.free_memory",
        QT_TR_NOOP("Free Memory of Models"),
        (),
        "refresh-cw",
        QT_TR_NOOP("End the process that holds models; it starts again when it is needed."),
        lambda w: w.jobs.free_memory(),
    ),
)
