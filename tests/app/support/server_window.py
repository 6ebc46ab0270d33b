"""A window with a server that is a stand-in, for its stories."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app import paths
from app.services.engines import Engines
from app.window.editor import Editor
from tests.app.support.stories import WAIT_MS, editor, opened, photo_file, selected
from tests.engine.comfy.stand_in.build import MODELS
from tests.engine.comfy.stand_in.segmenting import Found, bright_things
from tests.engine.comfy.stand_in.server import StandIn
from tests.support.models_at_hand import FakeLibrary

CHECKPOINT = "sd-v1-5-inpainting.safetensors"


def red_things(image: np.ndarray, words: str) -> list[Found]:
    return bright_things(np.where(image[..., :1] > 0.7, 1.0, 0.0).repeat(3, -1), words)


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn(previews=True, detect=red_things, models=deepcopy(MODELS)) as standing:
        yield standing


def settings(server: StandIn, **more: object) -> None:
    file = paths.config_dir() / "settings.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    listed = [{"name": "desk", "url": server.url}]
    file.write_text(json.dumps({"version": 1, "servers": listed, **more}))


@pytest.fixture
def w(qtbot: QtBot, tmp_path: Path, server: StandIn) -> Iterator[Editor]:
    settings(server)
    with window(qtbot, tmp_path) as workspace:
        yield workspace


def window(qtbot: QtBot, folder: Path):
    """With nothing at hand here, and the server already asked."""
    return _Window(qtbot, folder)


class _Window:
    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self._qtbot, self._folder = qtbot, folder

    def __enter__(self) -> Editor:
        engines = Engines(FakeLibrary())
        self._editor = editor(self._qtbot, engines=engines)
        w = self._editor.__enter__()
        self._qtbot.waitUntil(lambda: bool(w.engines.server_offer.capabilities), timeout=WAIT_MS)
        path = self._folder / "photo.png"
        opened(self._qtbot, w, path if path.exists() else photo_file(self._folder))
        return w

    def __exit__(self, *error: object) -> None:
        self._editor.__exit__(*error)


def asked(qtbot: QtBot, w: Editor, **choices: object) -> None:
    """Select the disc and ask for paintings of it."""
    selected(qtbot, w, 120, 80)
    wanted = {"prompt": "a stone", "steps": 2, "seed": 7, "is_seed_fixed": True, "variants": 2}
    w.painter.set_choices(w.painter.choices.changed(**{**wanted, **choices}))
    w.painter.paint()


def tasks() -> list[Path]:
    """Those on disk."""
    return list((paths.state_dir() / "tasks").glob("*.task"))


def held(qtbot: QtBot, server: StandIn) -> None:
    qtbot.waitUntil(lambda: server.gate.is_held, timeout=WAIT_MS)
