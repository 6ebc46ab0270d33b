"""Fixtures of every test: offscreen, a home folder of its own, no network; Hypothesis profiles."""

import gc
import os
from collections.abc import Generator, Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from engine.net import tokens

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"):
    os.environ.setdefault(_name, "1")  # a process on each core: more threads only wait actively

SHARED = Path(__file__).resolve().parents[2] / "shared"
NUMBERS = count()
LONG_S = 3600  # for tests that need full-size networks or a real server

settings.register_profile("dev", max_examples=25, deadline=None)
settings.register_profile("ci", max_examples=200, deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI", "").lower() in ("1", "true") else "dev")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is there after the collection stays: garbage is never looked for in it.

    With torch and 5,000 tests in memory a full search takes half a second each time.
    """
    gc.disable()
    result = yield
    gc.collect()
    gc.freeze()
    gc.enable()
    return result


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked `full` or `real` take minutes each: the common limit would end them."""
    for item in items:
        if item.get_closest_marker("full") or item.get_closest_marker("real"):
            item.add_marker(pytest.mark.timeout(LONG_S))


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all homes: pytest looks through its own for each folder that it makes."""
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(autouse=True)
def own_home(homes: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, logs and journals of a test go to a folder of its own."""
    home = homes / str(next(NUMBERS))
    home.mkdir()
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
