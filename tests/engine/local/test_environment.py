"""The engine process gets no secret of the environment, and frames hold no class."""

import io
import pickle
import struct
from pathlib import Path

import pytest

from engine.local.process import child, shared_memory


def test_the_environment_is_cleaned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/frozen")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/before")
    monkeypatch.setenv("_PYI_ARCHIVE_FILE", "x")
    monkeypatch.setenv("QT_PLUGIN_PATH", "x")
    found = child.environment()
    assert found["LD_LIBRARY_PATH"] == "/before"
    assert not [name for name in found if name.startswith(("_PYI", "QT_"))]
    assert found["HF_HUB_OFFLINE"] == "1"


@pytest.mark.parametrize("name", ["HF_TOKEN", "LACUNA_COMFY_TOKEN", "MY_API_KEY", "https_proxy"])
def test_the_environment_holds_no_secret(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "x")
    found = child.environment()
    assert name not in found
    assert found["TOKENIZERS_PARALLELISM"] == "false"


def test_a_frame_holds_no_class() -> None:
    data = pickle.dumps((Path("x"), "", ()), 5)
    stream = io.BytesIO(struct.pack(">Q", len(data)) + data)
    with pytest.raises(pickle.UnpicklingError):
        next(shared_memory.frames(stream))
