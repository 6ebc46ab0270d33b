"""Everything runs offscreen, in its own home, and never reaches a network."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.net import tokens

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, logs and journals of a test go to a folder of its own."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("LACUNA_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def collection_between_tests() -> Iterator[None]:
    """No garbage is collected while a test runs.

    A window that only a cycle keeps alive could go while Python code paints it: that is a crash.
    """
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def no_secret_of_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log hides every secret there ever was: a token called "wrong" would hide that word."""
    monkeypatch.setattr(tokens, "_known", set())
