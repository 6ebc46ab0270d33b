"""LaMa: exact against the traced program, safe against any other."""

import hashlib
import os
import pickle
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
import safetensors.torch
import torch

from engine.errors import ModelUnreadable, ModelUnsafe
from engine.local.nets.remove import lama, lama_convert
from engine.models.families import Family, Kind
from engine.models.identify import identify
from engine.models.model_file import ModelFile
from tests.engine.local.nets.lama_nets import network

Network: TypeAlias = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class Quiet:
    def report(self, fraction: float, note: str = "", preview: object = None) -> None: ...


def model(path: Path) -> ModelFile:
    return ModelFile(
        path=path, kind=Kind.REMOVER, family=Family.LAMA, name=path.name, title=path.stem
    )


def traced(path: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        example = torch.rand(1, 3, 64, 64), torch.ones(1, 1, 64, 64)
        torch.jit.trace(network(), example, check_trace=False).save(str(path))
    return path


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return traced(tmp_path_factory.mktemp("lama") / "big-lama.pt")


@pytest.fixture(scope="module")
def pair(script: Path) -> tuple[Network, Network]:
    """The traced program, and the eager network of its weights."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.jit.load(str(script)).eval()
        weights = lama_convert.converted(script, pinned=own(script))
    return program, lama.network_of(weights, script).eval()


@pytest.fixture(scope="module")
def remover(tmp_path_factory: pytest.TempPathFactory) -> lama.LamaRemover:
    path = tmp_path_factory.mktemp("remover") / "lama.safetensors"
    safetensors.torch.save_file(network().state_dict(), path)
    return lama.load(model(path), torch.device("cpu"))


def own(path: Path) -> frozenset[str]:
    """As if this file were the published one."""
    return frozenset({lama_convert.md5_of(path.read_bytes())})


def crop(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(height)
    image = random.integers(0, 256, (height, width, 3)).astype(np.uint8)
    mask = np.zeros((height, width), np.uint8)
    mask[height // 4 : height // 2, width // 4 : width // 2] = 255
    return image, mask


@pytest.mark.parametrize("size", [(64, 96), (72, 40)])
def test_eager_is_the_traced_program_exactly(
    size: tuple[int, int], pair: tuple[Network, Network]
) -> None:
    height, width = size
    image = torch.rand(1, 3, height, width)
    mask = (torch.rand(1, 1, height, width) > 0.7).float()
    with torch.inference_mode():
        program, ours = (each(image, mask) for each in pair)
    assert torch.equal(program, ours)


@pytest.mark.parametrize("size", [(64, 96), (57, 81), (9, 130), (1, 1)])
def test_any_size_is_filled_in_its_own_size(
    size: tuple[int, int], remover: lama.LamaRemover
) -> None:
    image, mask = crop(*size)
    filled = remover.fill(image, mask, Quiet())
    assert filled.shape == image.shape
    assert np.array_equal(filled[mask == 0], image[mask == 0])
    if mask.any():
        assert not np.array_equal(filled[mask > 0], image[mask > 0])


def test_all_layouts_hold_the_same(script: Path, tmp_path: Path) -> None:
    weights = network().state_dict()
    plain = {name.replace("model.model.", "generator.model.", 1): t for name, t in weights.items()}
    plain["discriminator.model0.0.weight"] = torch.zeros(1)
    safetensors.torch.save_file(plain, tmp_path / "a.safetensors")
    torch.save({"state_dict": plain}, tmp_path / "best.ckpt")
    pinned = own(script)
    found = [
        lama.state_dict(tmp_path / "a.safetensors"),
        lama.state_dict(tmp_path / "best.ckpt"),
        lama_convert.converted(script, tmp_path / "kept", pinned=pinned),
        lama_convert.converted(script, tmp_path / "kept", pinned=pinned),  # now from the folder
    ]
    (kept,) = (tmp_path / "kept").iterdir()
    with safetensors.safe_open(kept, "pt") as file:
        sha256 = file.metadata()["source_sha256"]
    assert sha256 == hashlib.sha256(script.read_bytes()).hexdigest()
    for one in found:
        assert one.keys() == weights.keys()
        assert all(torch.equal(one[name], weights[name]) for name in weights)


def test_an_unpinned_program_is_refused(script: Path) -> None:
    assert identify(script).family is Family.LAMA
    with pytest.raises(ModelUnsafe) as caught:
        lama.load(model(script), torch.device("cpu"))
    assert caught.value.reason == "torchscript"


class Trap:
    """Unpickled, it makes a file."""

    def __init__(self, canary: Path) -> None:
        self._canary = canary

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self._canary),)


@pytest.mark.parametrize("inside", [("data.pkl", "constants.pkl", "code/a.py"), ("data.pkl",), ()])
def test_nothing_in_a_strange_file_is_run(inside: tuple[str, ...], tmp_path: Path) -> None:
    canary, path = tmp_path / "canary", tmp_path / "big-lama.pt"
    trap = pickle.dumps(Trap(canary))
    if inside:
        with zipfile.ZipFile(path, "w") as archive:
            for name in inside:
                archive.writestr(f"big-lama/{name}", trap)
    else:
        path.write_bytes(trap)
    with pytest.raises(ModelUnsafe):
        lama.load(model(path), torch.device("cpu"))
    with pytest.raises(ModelUnsafe):
        lama_convert.converted(path)
    assert not canary.exists()
    pickle.loads(trap)
    assert canary.exists()  # the trap works


def test_torchscript_is_loaded_in_one_place() -> None:
    engine = Path(lama_convert.__file__).parents[3]
    using = [path for path in engine.rglob("*.py") if "jit.load(" in path.read_text("utf-8")]
    assert using == [Path(lama_convert.__file__)]


def test_a_missing_tensor_is_refused(tmp_path: Path) -> None:
    weights = network().state_dict()
    weights.pop("model.model.5.conv1.ffc.convl2l.weight")
    safetensors.torch.save_file(weights, tmp_path / "a.safetensors")
    with pytest.raises(ModelUnreadable):
        lama.load(model(tmp_path / "a.safetensors"), torch.device("cpu"))
