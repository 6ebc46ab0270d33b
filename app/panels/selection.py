"""The Selection panel: candidates, sliders of the mask, and the view of the mask."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app.actions.action import words
from app.actions.qt_actions import QtActions
from app.i18n import QT_TR_NOOP
from app.panels.light_offer import LightOffer
from app.services.light_models import LightModels
from app.session.click_selector import ClickSelector
from app.session.mask_adjuster import MaskAdjuster
from app.tools.options import ToolOptions
from app.view.view_options import CYCLE, ViewOptions
from engine.jobs.backend import Capability
from engine.selection.adjust import Adjustments
from engine.selection.masks import CombineMode
from widgets.canvas.render.scene import MaskMode
from widgets.fields.fields import LabeledChoice, LabeledSlider, Separator, Switch
from widgets.plain_widgets import PlainLabel, set_tip
from widgets.theme import theme

MODES = (
    (CombineMode.REPLACE, "square-dashed", QT_TR_NOOP("Replace the selection")),
    (CombineMode.ADD, "squares-unite", QT_TR_NOOP("Add to the selection (Shift)")),
    (CombineMode.SUBTRACT, "squares-subtract", QT_TR_NOOP("Subtract from the selection (Alt)")),
    (CombineMode.INTERSECT, "squares-intersect", QT_TR_NOOP("Keep what is in both (Shift+Alt)")),
)


def button_of(action: QAction, parent: QWidget, *, text: bool = False) -> QToolButton:
    """A tool button for an action of the table."""
    button = QToolButton(parent)
    button.setDefaultAction(action)
    button.setIconSize(theme.icon_size(parent))
    button.setAccessibleName(action.text().replace("&", ""))
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    if text:
        button.setIconSize(theme.text_icon_size(parent))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return button


def row_of(*widgets: QWidget) -> QHBoxLayout:
    """A row of widgets at the left."""
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row


def align(sliders: Sequence[LabeledSlider]) -> None:
    """Lay out sliders in one line each, with labels and numbers of one width."""
    label_px = max(slider.label.sizeHint().width() for slider in sliders)
    box_px = max(slider.box.sizeHint().width() for slider in sliders)
    for slider in sliders:
        slider.lay_in_line(label_px)
        slider.box.setMinimumWidth(box_px)


class ModeButtons(QWidget):
    """Chooses how the next area is combined with the selection without a modifier key."""

    def __init__(
        self, options: ToolOptions, click_selector: ClickSelector, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._options, self._click_selector = options, click_selector
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for index, (mode, icon, tip) in enumerate(MODES):
            button = QToolButton(self)
            button.setIcon(theme.icon(icon))
            button.setIconSize(theme.icon_size(self))
            button.setCheckable(True)
            button.setChecked(mode is options.mode)
            set_tip(button, words(tip))
            button.setAccessibleName(words(tip))
            self._group.addButton(button, index)
            row.addWidget(button)
        self._group.idClicked.connect(self._on_clicked)

    @Slot(int)
    def _on_clicked(self, index: int) -> None:
        self._options.set("mode", MODES[index][0])
        self._click_selector.mode = MODES[index][0]


class SelectionPanel(QWidget):
    """Sliders preview while they move and commit when they rest."""

    def __init__(
        self,
        click_selector: ClickSelector,
        mask_adjuster: MaskAdjuster,
        view_options: ViewOptions,
        actions: QtActions,
        light: LightModels,
    ) -> None:
        super().__init__()
        self.offer = LightOffer(light, Capability.CLICK, self)
        self.subject_offer = LightOffer(light, Capability.SUBJECT, self)
        self._click_selector, self._mask_adjuster, self._view_options = (
            click_selector,
            mask_adjuster,
            view_options,
        )
        self._actions = actions
        self._candidate = PlainLabel(self)
        self._candidate.setProperty("role", "muted")
        self._make_sliders()
        self._style = LabeledChoice(
            self.tr("&View"), self._style_choices(), value=view_options.mode
        )
        self._lay_out()
        self._connect()
        self._on_candidates_changed()

    def _make_sliders(self) -> None:
        px = self.tr(" px")
        self.grow = LabeledSlider(self.tr("&Grow"), -64, 64, value=0, suffix=px)
        self.feather = LabeledSlider(self.tr("Fea&ther"), 0, 64, value=0, decimals=1, suffix=px)
        self.smooth = LabeledSlider(self.tr("S&mooth"), 0, 32, value=0, decimals=1, suffix=px)
        self.islands = LabeledSlider(
            self.tr("Drop &islands"), 0, 5000, value=0, suffix=self.tr(" px²")
        )
        self.holes = Switch(self.tr("Fill &holes"), value=False)
        align([self.grow, self.feather, self.smooth, self.islands])

    def _style_choices(self) -> list[tuple[str, str]]:
        names = (
            self.tr("Colour"),
            self.tr("Outline"),
            self.tr("On black"),
            self.tr("On white"),
            self.tr("Mask only"),
        )
        return [(mode.value, name) for mode, name in zip(CYCLE, names)]

    def _lay_out(self) -> None:
        actions = self._actions
        column = QVBoxLayout(self)
        column.setSpacing(theme.spacing(self, 1.5))
        previous = button_of(actions["select.previous"], self)
        following = button_of(actions["select.next"], self)
        accept = button_of(actions["select.accept"], self, text=True)
        column.addLayout(row_of(button_of(actions["select.subject"], self, text=True)))
        column.addLayout(row_of(previous, self._candidate, following, accept))
        column.addWidget(self.offer)
        column.addWidget(self.subject_offer)
        column.addWidget(Separator(self))
        for slider in (self.grow, self.feather, self.smooth, self.islands):
            column.addWidget(slider)
        snap = button_of(actions["mask.snap"], self, text=True)
        invert = button_of(actions["select.invert"], self, text=True)
        column.addLayout(row_of(self.holes, snap, invert))
        column.addLayout(row_of(button_of(actions["mask.soft_edge"], self, text=True)))
        column.addWidget(Separator(self))
        column.addWidget(self._style)
        column.addStretch(1)

    def _connect(self) -> None:
        for slider in (self.grow, self.feather, self.smooth, self.islands):
            slider.changed.connect(self._on_moved)
            slider.committed.connect(self._on_rested)
        self.holes.changed.connect(self._on_rested)
        self._style.changed.connect(self._on_style_chosen)
        self._mask_adjuster.values_changed.connect(self._on_values_changed)
        self._click_selector.candidates_changed.connect(self._on_candidates_changed)
        self._view_options.changed.connect(self._on_looks_changed)

    def _values(self) -> Adjustments:
        return replace(
            self._mask_adjuster.values,
            grow_px=self.grow.value,
            feather_px=self.feather.value,
            smooth_px=self.smooth.value,
            min_island_px=round(self.islands.value),
            fill_holes=self.holes.value,
        )

    @Slot()
    def _on_moved(self) -> None:
        self._mask_adjuster.preview(self._values())

    @Slot()
    def _on_rested(self) -> None:
        self._mask_adjuster.commit(self._values())

    @Slot()
    def _on_values_changed(self) -> None:
        values = self._mask_adjuster.values
        self.grow.set_value(values.grow_px)
        self.feather.set_value(values.feather_px)
        self.smooth.set_value(values.smooth_px)
        self.islands.set_value(values.min_island_px)
        self.holes.set_value(values.fill_holes)

    @Slot()
    def _on_candidates_changed(self) -> None:
        count = len(self._click_selector.candidates)
        if self._click_selector.is_busy:
            self._candidate.setText(self.tr("Looking…"))
            return
        text = self.tr("Candidate {number} of {count}") if count else self.tr("No candidates")
        number = str(self._click_selector.index + 1)
        self._candidate.setText(text.replace("{number}", number).replace("{count}", str(count)))

    @Slot(str)
    def _on_style_chosen(self, mode: str) -> None:
        self._view_options.set_mode(MaskMode(mode))

    @Slot()
    def _on_looks_changed(self) -> None:
        self._style.set_value(self._view_options.mode)
