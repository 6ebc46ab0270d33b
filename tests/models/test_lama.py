"""LaMa: exact against the traced program, safe against any other."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from engine.errors import ModelUnreadable, ModelUnsafe
from engine.families import Family, Kind
from engine.local.nets import lama, lama_convert
from engine.models import ModelFile
from engine.peek import peek
from tests.models.lama_nets import network

torch.set_num_threads(1)


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


def crop(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(height)
    image = random.integers(0, 256, (height, width, 3)).astype(np.uint8)
    mask = np.zeros((height, width), np.uint8)
    mask[height // 4 : height // 2, width // 4 : width // 2] = 255
    return image, mask


@pytest.mark.parametrize("size", [(64, 96), (72, 40)])
def test_eager_is_the_traced_program_exactly(size: tuple[int, int], script: Path) -> None:
    height, width = size
    image = torch.rand(1, 3, height, width)
    mask = (torch.rand(1, 1, height, width) > 0.7).float()
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        program = torch.jit.load(str(script)).eval()(image, mask)
        ours = lama.network_of(
            lama_convert.converted(script, pinned=frozenset({lama_convert.md5_of(script)})), script
        ).eval()(image, mask)
    assert torch.equal(program, ours)


@pytest.mark.parametrize("size", [(64, 96), (57, 81), (9, 130), (1, 1)])
def test_any_size_is_filled_in_its_own_size(size: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "lama.safetensors"
    safetensors.torch.save_file(network().state_dict(), path)
    image, mask = crop(*size)
    remover = lama.load(model(path), torch.device("cpu"))
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
    pinned = frozenset({lama_convert.md5_of(script)})
    found = [
        lama.state_dict(tmp_path / "a.safetensors"),
        lama.state_dict(tmp_path / "best.ckpt"),
        lama_convert.converted(script, tmp_path / "kept", pinned=pinned),
        lama_convert.converted(script, tmp_path / "kept", pinned=pinned),  # now from the folder
    ]
    assert len(list((tmp_path / "kept").iterdir())) == 1
    for one in found:
        assert one.keys() == weights.keys()
        assert all(torch.equal(one[name], weights[name]) for name in weights)


def test_an_unpinned_program_is_refused(script: Path) -> None:
    assert peek(script).family is Family.LAMA
    with pytest.raises(ModelUnsafe) as caught:
        lama.load(model(script), torch.device("cpu"))
    assert caught.value.reason == "torchscript"


def test_a_missing_tensor_is_refused(tmp_path: Path) -> None:
    weights = network().state_dict()
    weights.pop("model.model.5.conv1.ffc.convl2l.weight")
    safetensors.torch.save_file(weights, tmp_path / "a.safetensors")
    with pytest.raises(ModelUnreadable):
        lama.load(model(tmp_path / "a.safetensors"), torch.device("cpu"))
