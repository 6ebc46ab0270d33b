"""Applies the settings to a window, when it is made and whenever one of them is changed."""

from PySide6.QtCore import QObject, Slot

from app.actions.qt_actions import QtActions
from app.actions.table import bindings
from app.services.engines import Engines, wanted
from app.services.preferences import Preferences
from app.session.verbs import Verbs
from app.window.picture_view import PictureView
from app.window.soft_edge import SoftEdge
from widgets.theme.theme import Theme


class PreferenceEffects(QObject):
    """The options bar keeps its own smoothing while other settings are changed."""

    def __init__(
        self,
        preferences: Preferences,
        theme: Theme,
        verbs: Verbs,
        view: PictureView,
        actions: QtActions,
        engines: Engines,
        soft_edge: SoftEdge,
    ) -> None:
        super().__init__(view.canvas)
        self._preferences, self._theme, self._view = preferences, theme, view
        self._actions, self._engines = actions, engines
        self._remover, self._soft_edge = verbs.remover, soft_edge
        preferences.changed.connect(self._apply)
        verbs.mask_editor.painted.connect(self._on_painted)
        soft_edge.toggled.connect(self._on_soft_edge)
        self._apply("")

    @Slot(str)
    def _apply(self, changed: str) -> None:
        """`changed` is the name of the setting, "" for all."""
        settings, view = self._preferences.current, self._view
        options = view.tools.options
        self._theme.set_scheme(settings.theme)
        view.view_options.set_style(settings.mask_color, settings.mask_opacity)
        view.canvas.gestures.wheel_zooms = settings.wheel_zooms
        view.hover_preview.set_wanted(settings.hover_preview)
        if changed in ("", "stroke_smoothing"):
            options.set("smoothing", settings.stroke_smoothing / 100)
        if changed in ("", "soft_edge"):
            self._soft_edge.set(settings.soft_edge)
            self._actions["mask.soft_edge"].setChecked(settings.soft_edge)
        options.set("ctrl_subtracts", settings.shortcut_preset == "gimp")
        options.set("pressure_size", settings.pressure_size)
        options.set("pressure_opacity", settings.pressure_opacity)
        self._actions.bind(bindings(settings.shortcut_preset, settings.shortcuts))
        self._engines.set_wanted(wanted(settings))

    @Slot(bool)
    def _on_soft_edge(self, on: bool) -> None:
        self._preferences.change("soft_edge", on)
        self._actions["mask.soft_edge"].setChecked(on)

    @Slot()
    def _on_painted(self) -> None:
        if self._preferences.current.remove_after_stroke:
            self._remover.remove()
