"""The settings as one frozen record. Labels and limits stand beside each field.

A setting is one field here; the dialog, the file and its checks are made from it.
"""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field
from typing import Any, NamedTuple, TypeAlias

from app.i18n import QT_TRANSLATE_NOOP
from engine.comfy.server.address import Server

Keys: TypeAlias = tuple[str, ...]

GROUPS = (
    QT_TRANSLATE_NOOP("Settings", "Appearance"),
    QT_TRANSLATE_NOOP("Settings", "Selecting"),
    QT_TRANSLATE_NOOP("Settings", "Pen and brush"),
    QT_TRANSLATE_NOOP("Settings", "Engines"),
    QT_TRANSLATE_NOOP("Settings", "Memory"),
)

ENGINES = (
    ("auto", QT_TRANSLATE_NOOP("Settings", "The best at hand")),
    ("builtin", QT_TRANSLATE_NOOP("Settings", "Basic mode")),
    ("local", QT_TRANSLATE_NOOP("Settings", "Models on this computer")),
    ("server", QT_TRANSLATE_NOOP("Settings", "My servers")),
)
"""Backends that a user can choose: see engine/dispatch/choice.py."""

MODEL_ENGINES = tuple(each for each in ENGINES if each[0] != "builtin")
"""The same for tasks that the built-in engine cannot do."""


class SettingMeta(NamedTuple):
    """Texts and limits of a field in the dialog; English, of the translation context "Settings"."""

    group: str
    label: str
    help: str
    low: float = 0
    high: float = 0
    choices: tuple[tuple[str, str], ...] = ()
    color: bool = False
    suffix: str = ""


def _setting(default: object, meta: SettingMeta) -> Any:
    return field(default=default, metadata={"meta": meta})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. Fields without a `SettingMeta` are not shown in the dialog."""

    theme: str = _setting(
        "system",
        SettingMeta(
            "Appearance",
            QT_TRANSLATE_NOOP("Settings", "Theme"),
            QT_TRANSLATE_NOOP("Settings", "Dark shows colours best in a dim room."),
            choices=(
                ("system", QT_TRANSLATE_NOOP("Settings", "As the system")),
                ("light", QT_TRANSLATE_NOOP("Settings", "Light")),
                ("dark", QT_TRANSLATE_NOOP("Settings", "Dark")),
            ),
        ),
    )
    language: str = _setting(
        "system",
        SettingMeta(
            "Appearance",
            QT_TRANSLATE_NOOP("Settings", "Language"),
            QT_TRANSLATE_NOOP("Settings", "Takes effect at the next start."),
            choices=(
                ("system", QT_TRANSLATE_NOOP("Settings", "As the system")),
                ("en", "English"),
                ("uk", "Українська"),
            ),
        ),
    )
    mask_color: str = _setting(
        "#ff2d78",
        SettingMeta(
            "Appearance",
            QT_TRANSLATE_NOOP("Settings", "Mask colour"),
            QT_TRANSLATE_NOOP("Settings", "Choose one that the picture does not have."),
            color=True,
        ),
    )
    mask_opacity: int = _setting(
        45,
        SettingMeta(
            "Appearance",
            QT_TRANSLATE_NOOP("Settings", "Mask opacity"),
            QT_TRANSLATE_NOOP("Settings", "How much of the picture the mask covers."),
            low=10,
            high=100,
            suffix=" %",
        ),
    )
    wheel_zooms: bool = _setting(
        True,
        SettingMeta(
            "Appearance",
            QT_TRANSLATE_NOOP("Settings", "The wheel zooms"),
            QT_TRANSLATE_NOOP("Settings", "Otherwise it scrolls, and zooms with Ctrl held."),
        ),
    )
    hover_preview: bool = _setting(
        True,
        SettingMeta(
            "Selecting",
            QT_TRANSLATE_NOOP("Settings", "Show the object under the pointer"),
            QT_TRANSLATE_NOOP("Settings", "Draws its outline before you click."),
        ),
    )
    soft_edge: bool = _setting(
        False,
        SettingMeta(
            "Selecting",
            QT_TRANSLATE_NOOP("Settings", "Soft edge"),
            QT_TRANSLATE_NOOP("Settings", "Selects hair and fur partly, as the picture has them."),
        ),
    )
    remove_after_stroke: bool = _setting(
        False,
        SettingMeta(
            "Selecting",
            QT_TRANSLATE_NOOP("Settings", "Remove after each stroke"),
            QT_TRANSLATE_NOOP("Settings", "Removes what the brush painted as soon as it is up."),
        ),
    )
    pressure_size: bool = _setting(
        True,
        SettingMeta(
            "Pen and brush",
            QT_TRANSLATE_NOOP("Settings", "Pressure changes the size"),
            QT_TRANSLATE_NOOP("Settings", "A light stroke of the pen is thin."),
        ),
    )
    pressure_opacity: bool = _setting(
        False,
        SettingMeta(
            "Pen and brush",
            QT_TRANSLATE_NOOP("Settings", "Pressure changes the opacity"),
            QT_TRANSLATE_NOOP("Settings", "A light stroke of the pen is faint."),
        ),
    )
    stroke_smoothing: int = _setting(
        20,
        SettingMeta(
            "Pen and brush",
            QT_TRANSLATE_NOOP("Settings", "Stroke smoothing"),
            QT_TRANSLATE_NOOP("Settings", "Steadies the hand; much of it lags behind."),
            high=100,
            suffix=" %",
        ),
    )
    select_engine: str = _setting(
        "auto",
        SettingMeta(
            "Engines",
            QT_TRANSLATE_NOOP("Settings", "Select with"),
            QT_TRANSLATE_NOOP("Settings", "Basic mode answers until a model has read the picture."),
            choices=ENGINES,
        ),
    )
    find_engine: str = _setting(
        "auto",
        SettingMeta(
            "Engines",
            QT_TRANSLATE_NOOP("Settings", "Find with"),
            QT_TRANSLATE_NOOP("Settings", "Finding by text needs SAM 3, here or on a server."),
            choices=MODEL_ENGINES,
        ),
    )
    remove_engine: str = _setting(
        "auto",
        SettingMeta(
            "Engines",
            QT_TRANSLATE_NOOP("Settings", "Remove with"),
            QT_TRANSLATE_NOOP("Settings", "Basic mode needs no download and is quick."),
            choices=ENGINES,
        ),
    )
    paint_engine: str = _setting(
        "auto",
        SettingMeta(
            "Engines",
            QT_TRANSLATE_NOOP("Settings", "Paint with"),
            QT_TRANSLATE_NOOP("Settings", "Models here are taken first, where they run well."),
            choices=MODEL_ENGINES,
        ),
    )
    undo_mb: int = _setting(
        512,
        SettingMeta(
            "Memory",
            QT_TRANSLATE_NOOP("Settings", "Memory for undo"),
            QT_TRANSLATE_NOOP("Settings", "The oldest steps go when it is used up."),
            low=64,
            high=8192,
            suffix=" MB",
        ),
    )
    max_megapixels: int = _setting(
        120,
        SettingMeta(
            "Memory",
            QT_TRANSLATE_NOOP("Settings", "Largest picture"),
            QT_TRANSLATE_NOOP("Settings", "Larger ones are refused before they fill the memory."),
            low=10,
            high=1000,
            suffix=" MP",
        ),
    )
    shortcut_preset: str = "photoshop"
    shortcuts: Mapping[str, Keys] = field(default_factory=dict[str, Keys])
    export: Mapping[str, str | int | bool] = field(default_factory=dict[str, str | int | bool])
    paint: Mapping[str, Any] = field(
        default_factory=dict[str, Any]
    )  # read by app/settings/paint_json.py
    models_dir: str = ""  # of downloads; "" = where the system keeps such things
    model_folders: tuple[str, ...] = ()  # of other programs, or any: only read
    mirrors: tuple[str, ...] = ()  # of the model hub, asked before it
    servers: tuple[Server, ...] = ()  # the first that can do a task is asked; no secrets here


def meta_of(known: "Field[Any]") -> SettingMeta | None:
    """Texts and limits of a field; None where the dialog does not show it."""
    return known.metadata.get("meta")
