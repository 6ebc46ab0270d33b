"""The switch for soft edges: of what is selected, removed and cut out."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.session.verbs import Verbs


class SoftEdge(QObject):
    """Its state stands in the session. Emits `toggled` when the user has changed it."""

    toggled = Signal(bool)

    def __init__(self, verbs: Verbs) -> None:
        super().__init__(verbs.session)
        self._verbs = verbs

    @property
    def is_on(self) -> bool:
        return self._verbs.session.soft_edge

    def set(self, on: bool) -> None:
        """For what is done from now on; the selection stays."""
        self._verbs.session.soft_edge = on
        for verb in (self._verbs.remover, self._verbs.painter):
            verb.set_options(replace(verb.options, soft_edge=on))

    def toggle(self) -> None:
        """The selection gets a soft edge, too; one that points gave loses it again."""
        self.set(not self.is_on)
        self.toggled.emit(self.is_on)
        if self._verbs.click_selector.points:
            self._verbs.click_selector.ask_again()
        elif self.is_on:
            self._verbs.mask_adjuster.soften()

    def after(self, select: Callable[[], object]) -> None:
        """Select by a verb whose masks are hard, and soften the selection where that is wanted."""
        select()
        if self.is_on:
            self._verbs.mask_adjuster.soften()
