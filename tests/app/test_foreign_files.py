"""A pipe or an endless device in the place of any file that we read is refused at once."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.actions.keymap_file import KeyMapUnreadable, import_map
from app.project import project
from app.settings.paint_presets import read as load_preset
from engine.comfy.errors import WorkflowUnreadable
from engine.errors import (
    ImageUnreadable,
    ModelUnreadable,
    PresetInvalid,
    ProjectUnreadable,
    RecipeInvalid,
)
from engine.image_io.first_view import first_view
from engine.image_io.reader import read
from engine.models.weights import read_header
from engine.models.weights_gguf import read_gguf
from engine.models.weights_torch import check_pickle
from engine.recipes.recipe import load as load_recipe
from engine.workflow.format.reader import read_workflow

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices of POSIX")

READERS: list[tuple[Callable[[Path], object], type[Exception]]] = [
    (read, ImageUnreadable),
    (first_view, ImageUnreadable),
    (project.load, ProjectUnreadable),
    (load_recipe, RecipeInvalid),
    (load_preset, PresetInvalid),
    (import_map, KeyMapUnreadable),
    (read_workflow, WorkflowUnreadable),
    (read_header, ModelUnreadable),
    (read_gguf, ModelUnreadable),
    (check_pickle, ModelUnreadable),
]


@pytest.mark.parametrize(("reader", "error"), READERS)
@pytest.mark.parametrize("device", [None, "/dev/zero"])
def test_no_reader_waits_for_a_pipe_or_reads_a_device(
    tmp_path: Path, reader: Callable[[Path], object], error: type[Exception], device: str | None
) -> None:
    path = tmp_path / "a.png"
    if device:
        path.symlink_to(device)
    else:
        os.mkfifo(path)
    with pytest.raises(error):
        reader(path)
