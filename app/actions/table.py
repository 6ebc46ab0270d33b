"""The one table of actions. Menus, tool bar, shortcuts and their help are built from it."""

from collections.abc import Iterable, Mapping

from app.actions.action import Action
from app.actions.document import EDIT, FILE, HELP, VIEW
from app.actions.editing import FIND, MASK, OBJECTS, SELECT
from app.actions.generate import PAINT, REMOVE
from app.actions.tools import MEMORY, OPACITY, TOOL
from app.i18n import QT_TR_NOOP

MENUS = (
    ("file", QT_TR_NOOP("&File")),
    ("edit", QT_TR_NOOP("&Edit")),
    ("select", QT_TR_NOOP("&Select")),
    ("mask", QT_TR_NOOP("&Mask")),
    ("objects", QT_TR_NOOP("&Objects")),
    ("remove", QT_TR_NOOP("&Remove")),
    ("paint", QT_TR_NOOP("&Paint")),
    ("view", QT_TR_NOOP("&View")),
    ("tool", QT_TR_NOOP("&Tools")),
    ("help", QT_TR_NOOP("&Help")),
)

TABLE: tuple[Action, ...] = (
    *FILE,
    *EDIT,
    *SELECT,
    *FIND,
    *MASK,
    *OBJECTS,
    *REMOVE,
    *PAINT,
    *VIEW,
    *TOOL,
    *MEMORY,
    *OPACITY,
    *HELP,
)

PRESETS: dict[str, dict[str, tuple[str, ...]]] = {
    "photoshop": {},
    "krita": {
        "select.none": ("Ctrl+Shift+A",),
        "file.export": (),
        "opacity.1": (),
        "opacity.2": (),
        "view.actual": ("1", "Ctrl+1"),
        "view.fit": ("2", "Ctrl+0"),
        "tool.rectangle": ("Ctrl+R",),
        "tool.lasso": (),
        "tool.wand": (),
        "tool.swap": (),
        "remove.variant": ("Ctrl+Alt+R",),
        "view.full_screen": ("Ctrl+Shift+F", "F11"),
    },
    "gimp": {
        "edit.redo": ("Ctrl+Y",),
        "select.none": ("Ctrl+Shift+A",),
        "select.invert": ("Ctrl+I",),
        "tool.brush": ("P",),
        "tool.eraser": ("Shift+E",),
        "tool.lasso": ("F",),
        "tool.polygon": ("Shift+F",),
        "tool.rectangle": ("R",),
        "opacity.1": (),
        "view.actual": ("1", "Ctrl+1"),
        "view.fit": ("Ctrl+Shift+J", "Ctrl+0"),
        "view.mask_mode": ("Shift+Q",),
        "view.overlay": ("Ctrl+T",),
        "objects.union": (),
        "tool.object": ("W",),
        "edit.copy_cutout": (),
    },
}
"""What each preset binds otherwise than the table."""


def bindings(
    preset: str, own: Mapping[str, tuple[str, ...]] | None = None
) -> dict[str, tuple[str, ...]]:
    """The keys of every action: the table's, then the preset's, then the user's own."""
    keys = {action.id: action.keys for action in TABLE}
    for layer in (PRESETS.get(preset, {}), own or {}):
        keys.update({name: value for name, value in layer.items() if name in keys})
    return keys


def conflicts(keys: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Keys that are bound more than once, with the ids of their actions."""
    claims: dict[str, list[str]] = {}
    for name, sequences in keys.items():
        for sequence in sequences:
            claims.setdefault(sequence, []).append(name)
    return {key: tuple(names) for key, names in claims.items() if len(names) > 1}
