"""Weights of random numbers, written once; an executor in this process."""

from pathlib import Path

import pytest

from engine.light.executor import LightExecutor
from engine.models.model_file import ModelFile
from tests.engine.light import random_weights


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("light")


@pytest.fixture(scope="session")
def edgetam(folder: Path) -> ModelFile:
    return random_weights.write_edgetam(folder / "edgetam.safetensors")


@pytest.fixture(scope="session")
def lama(folder: Path) -> ModelFile:
    return random_weights.write_lama(folder / "lama.safetensors")


@pytest.fixture(scope="session")
def migan(folder: Path) -> ModelFile:
    return random_weights.write_migan(folder / "migan.safetensors")


@pytest.fixture(scope="session")
def executor() -> LightExecutor:
    return LightExecutor()
