"""The action ids of the table bound to the methods that they call. Nothing else names both."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from app.actions.tools import DIGITS, OPACITY_MENU
from app.session.verbs import Verbs
from app.window.dialog_windows import DialogWindows
from app.window.docks import Docks
from app.window.files.dialogs import FileDialogs
from app.window.files.export import ExportFlow
from app.window.files.masks import MaskSources
from app.window.files.report import ReportExport
from app.window.files.workflow_export import WorkflowExport
from app.window.picture_view import PictureView
from app.window.soft_edge import SoftEdge
from app.window.window_commands import WindowCommands
from engine.selection.masks import CombineMode

Handlers: TypeAlias = dict[str, Callable[[], object]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Receivers:
    """The parts of a window whose methods are bound to actions."""

    verbs: Verbs
    view: PictureView
    docks: Docks
    file_dialogs: FileDialogs
    export_flow: ExportFlow
    mask_sources: MaskSources
    report_export: ReportExport
    workflow_export: WorkflowExport
    window_commands: WindowCommands
    dialog_windows: DialogWindows
    soft_edge: SoftEdge
    new_window: Callable[[], object]
    quit: Callable[[], object]


def handlers(r: Receivers) -> Handlers:
    """One callable for each id of the table of actions."""
    menus = (_file, _edit, _select, _mask, _objects, _remove, _paint, _view, _tool, _opacity, _help)
    return {name: handler for menu in menus for name, handler in menu(r).items()}


def _file(r: Receivers) -> Handlers:
    return {
        "file.open": r.file_dialogs.open,
        "file.sample": r.file_dialogs.open_sample,
        "file.new_window": r.new_window,
        "file.save": r.file_dialogs.save,
        "file.save_as": r.file_dialogs.save_as,
        "file.quick_export": r.export_flow.quick,
        "file.export": r.export_flow.ask,
        "file.export_mask": partial(r.export_flow.ask, "mask"),
        "file.export_cutout": partial(r.export_flow.ask, "cutout"),
        "file.export_report": r.report_export.ask,
        "file.open_workflow": r.file_dialogs.open_workflow,
        "file.export_workflow": r.workflow_export.ask,
        "file.close": r.file_dialogs.close_picture,
        "file.quit": r.quit,
    }


def _edit(r: Receivers) -> Handlers:
    return {
        "edit.undo": r.verbs.pending.undo,
        "edit.redo": r.verbs.session.redo,
        "edit.copy": r.file_dialogs.copy_picture,
        "edit.copy_cutout": r.file_dialogs.copy_cutout,
        "edit.paste": r.file_dialogs.paste,
        "edit.settings": r.dialog_windows.show_settings,
    }


def _select(r: Receivers) -> Handlers:
    return {
        "select.all": r.verbs.mask_editor.select_all,
        "select.none": r.verbs.mask_editor.select_none,
        "select.again": r.verbs.mask_editor.reselect,
        "select.invert": r.verbs.mask_editor.invert,
        "select.subject": r.verbs.subject.select,
        "select.transparency": r.verbs.mask_editor.select_transparency,
        "select.next": partial(r.verbs.click_selector.cycle, 1),
        "select.previous": partial(r.verbs.click_selector.cycle, -1),
        "select.accept": r.view.tools.accept,
        "select.undo_point": r.view.tools.back,
        "select.drop": r.view.tools.escape,
        "select.find": r.docks.write_find,
        "select.found": partial(_accept_found, r, CombineMode.REPLACE),
        "select.found_add": partial(_accept_found, r, CombineMode.ADD),
        "select.found_subtract": partial(_accept_found, r, CombineMode.SUBTRACT),
    }


def _accept_found(r: Receivers, mode: CombineMode) -> None:
    r.soft_edge.after(partial(r.verbs.finder.accept, mode))


def _mask(r: Receivers) -> Handlers:
    return {
        "mask.open": r.mask_sources.ask,
        "mask.paste": r.mask_sources.paste,
        "mask.grow": partial(r.verbs.mask_adjuster.nudge, grow_px=2),
        "mask.shrink": partial(r.verbs.mask_adjuster.nudge, grow_px=-2),
        "mask.feather": partial(r.verbs.mask_adjuster.nudge, feather_px=2),
        "mask.smooth": partial(r.verbs.mask_adjuster.nudge, smooth_px=2),
        "mask.fill_holes": r.verbs.mask_adjuster.toggle_fill_holes,
        "mask.drop_islands": r.verbs.mask_adjuster.drop_islands,
        "mask.snap": r.verbs.mask_adjuster.snap,
        "mask.soft_edge": r.soft_edge.toggle,
    }


def _objects(r: Receivers) -> Handlers:
    return {
        "objects.store": r.verbs.objects.store,
        "objects.load": r.verbs.objects.load,
        "objects.union": r.verbs.objects.union,
        "objects.rename": r.docks.objects.rename_current,
        "objects.show": r.verbs.objects.toggle,
        "objects.delete": r.verbs.objects.delete,
        "objects.store_found": r.verbs.finder.store,
    }


def _remove(r: Receivers) -> Handlers:
    return {
        "remove.remove": partial(r.verbs.pending.run, r.verbs.remover.remove),
        "remove.variant": r.verbs.remover.another,
        "remove.next": partial(r.verbs.variants.look, 1),
        "remove.previous": partial(r.verbs.variants.look, -1),
        "remove.apply": r.verbs.variants.apply,
        "remove.discard": r.verbs.variants.discard,
        "remove.cancel": r.verbs.session.jobs.cancel_current,
        "remove.cancel_all": r.verbs.session.jobs.cancel_all,
    }


def _paint(r: Receivers) -> Handlers:
    return {
        "paint.paint": partial(r.verbs.pending.run, r.verbs.painter.paint),
        "paint.remove_then_paint": partial(r.verbs.pending.run, r.verbs.painter.remove_then_paint),
        "paint.again": r.verbs.painter.make_again,
        "paint.use_settings": r.verbs.painter.use_settings,
        "paint.prompt": r.docks.write_prompt,
    }


def _view(r: Receivers) -> Handlers:
    return {
        "view.zoom_in": partial(r.view.canvas.navigator.step, 1),
        "view.zoom_out": partial(r.view.canvas.navigator.step, -1),
        "view.fit": r.view.canvas.navigator.fit,
        "view.actual": partial(r.view.canvas.navigator.set_scale, 1.0),
        "view.mask_mode": r.view.view_options.next_mode,
        "view.overlay": r.view.view_options.toggle_overlay,
        "view.ring": r.view.view_options.toggle_ring,
        "view.compare": r.view.view_options.toggle_compare,
        "view.split": r.view.view_options.toggle_split,
        "view.panels": r.window_commands.toggle_panels,
        "view.next_pane": r.window_commands.next_pane,
        "view.full_screen": r.window_commands.toggle_full_screen,
    }


def _tool(r: Receivers) -> Handlers:
    return {
        "tool.object": partial(r.view.tools.choose, "object"),
        "tool.brush": partial(r.view.tools.choose, "brush"),
        "tool.eraser": partial(r.view.tools.choose, "eraser"),
        "tool.lasso": partial(r.view.tools.choose, "lasso"),
        "tool.polygon": partial(r.view.tools.choose, "polygon"),
        "tool.rectangle": partial(r.view.tools.choose, "rectangle"),
        "tool.wand": partial(r.view.tools.choose, "wand"),
        "tool.hand": partial(r.view.tools.choose, "hand"),
        "tool.zoom": partial(r.view.tools.choose, "zoom"),
        "tool.smaller": partial(r.view.tools.resize_brush, -1),
        "tool.larger": partial(r.view.tools.resize_brush, 1),
        "tool.softer": partial(r.view.tools.harden_brush, -1),
        "tool.harder": partial(r.view.tools.harden_brush, 1),
        "tool.swap": r.view.tools.swap,
        "tool.models": r.dialog_windows.show_models,
        "tool.light": r.dialog_windows.show_light,
        "tool.servers": r.dialog_windows.show_servers,
        "tool.free_memory": r.verbs.session.jobs.free_memory,
    }


def _opacity(r: Receivers) -> Handlers:
    return {
        f"{OPACITY_MENU}.{digit}": partial(
            r.view.tools.options.set, "opacity", (int(digit) or 10) / 10
        )
        for digit in DIGITS
    }


def _help(r: Receivers) -> Handlers:
    return {
        "help.shortcuts": r.dialog_windows.show_shortcuts,
        "help.logs": r.window_commands.open_log_folder,
        "help.diagnostics": r.window_commands.copy_diagnostics,
        "help.about": r.dialog_windows.show_about,
    }
