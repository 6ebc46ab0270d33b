"""Every window and dialog at once, full of names that strangers chose."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from app import paths
from app.application.load_failure import LoadFailurePage
from app.dialogs.servers.form import ServerForm
from app.dialogs.workflow.dialog import WorkflowDialog
from app.session.session import MessageLevel
from app.window.editor import Editor
from app.window.files.close_question import CloseQuestion
from app.window.files.unfinished_work import WorkQuestion
from engine.comfy.errors import ServerDenied
from engine.jobs.paint_settings import Lora
from engine.models.families import Family
from engine.models.model_file import Installed
from tests.app.support.painters import checkpoint, engines_with, lora
from tests.app.support.stories import WAIT_MS, editor, opened, photo_file, settled
from tests.engine.models.test_scan import LORA, weights
from tests.engine.workflow.local_graphs import node, painting

ODD = "<b>odd<b> &amp; co"
"""Markup and a mnemonic, harmless, in any name: of a file, a model, a server, a node."""

MODELS = Installed(
    models=(
        checkpoint(f"{ODD}.safetensors", Family.SD15),
        checkpoint(f"{ODD}.ckpt", Family.SD15, problem="pickle"),
        lora(f"{ODD} lora.safetensors", Family.SD15, ODD, f"{ODD} again"),
        lora(f"{ODD} wrong.safetensors", Family.SDXL),
        lora(f"{ODD} offered.safetensors", Family.SD15),
    )
)


@contextmanager
def every_window(qtbot: QtBot, folder: Path) -> Iterator[list[QWidget]]:
    """All top-level widgets, the window of the editor first."""
    weights(folder / ODD / "loras" / f"{ODD}.safetensors", LORA)
    _write_settings(folder / ODD)
    picture = photo_file(folder).rename(folder / f"{ODD}.png")
    with editor(qtbot, engines=engines_with(MODELS)) as w:
        opened(qtbot, w, picture)
        _work(w)
        _open_dialogs(qtbot, w, folder)
        others = [ServerForm(w.servers, w.servers.all[0], w.window), LoadFailurePage(OSError(ODD))]
        for other in others:
            other.show()
        yield [w.window, *others, *w.window.findChildren(QDialog)]
        for window in [*others, *w.window.findChildren(QDialog)]:
            window.close()
            window.deleteLater()
        settled(qtbot, w)


def _write_settings(models: Path) -> None:
    file = paths.config_dir() / "settings.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    servers = [{"name": ODD, "url": "http://127.0.0.1:9"}]
    file.write_text(json.dumps({"version": 1, "servers": servers, "model_folders": [str(models)]}))


def _work(w: Editor) -> None:
    """Objects, messages and errors in the panels."""
    w.mask_editor.select_all()
    w.objects.store(ODD)
    w.session.say(ODD, MessageLevel.WARNING)
    w.session.failed.emit(ServerDenied(ODD, 401), None)
    loras = tuple(Lora(each.name, 1.0) for each in MODELS.models[2:4])
    w.painter.set_choices(w.painter.choices.changed(prompt=ODD, loras=loras))


def _open_dialogs(qtbot: QtBot, w: Editor, folder: Path) -> None:
    dialogs = w.dialog_windows
    for show in (
        dialogs.show_settings,
        dialogs.show_models,
        dialogs.show_light,
        dialogs.show_servers,
        dialogs.show_shortcuts,
        dialogs.show_about,
        w.export_flow.ask,
    ):
        show()
    for is_safe in (True, False):
        CloseQuestion(w.window, ODD, is_picture_safe=is_safe).show()
    WorkQuestion(w.window, [ODD, ODD]).show()
    graph = painting(steps=2)
    for name, each in graph.items():
        graph[name] = node(each["class_type"], ODD, **each["inputs"])
    file = folder / f"{ODD}.json"
    file.write_text(json.dumps(graph))
    with qtbot.waitSignal(w.workflows.opened, timeout=WAIT_MS):
        w.workflows.open(file)
    assert w.window.findChild(WorkflowDialog) is not None
    QApplication.processEvents()
