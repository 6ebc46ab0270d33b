"""What torch itself writes passes, and says the same of its tensors as torch does."""

from pathlib import Path

import pytest
import torch

from engine.models.weights_torch import check_pickle


def test_a_state_dict_is_let_through_with_its_shapes(tmp_path: Path) -> None:
    tensors = {
        "model.a.weight": torch.zeros(3, 4),
        "model.b": torch.zeros(5, dtype=torch.float16),
        "scalar": torch.tensor(1.0),
        "wide": torch.zeros(2, 3, 4, 5, dtype=torch.bfloat16),
        "view": torch.zeros(4, 6)[1:, ::2],
        "long": torch.zeros(300, dtype=torch.int64),
    }
    path = tmp_path / "a.pt"
    torch.save({"model": tensors}, path)
    header = check_pickle(path)
    assert {name: t.shape for name, t in header.tensors.items()} == {
        name: tuple(t.shape) for name, t in tensors.items()
    }
    assert header.tensors["model.b"].dtype == "F16"
    assert torch.load(path, weights_only=True)["model"].keys() == tensors.keys()


def test_a_scripted_module_is_seen(tmp_path: Path) -> None:
    path = str(tmp_path / "a.pt")
    with pytest.warns(FutureWarning):
        torch.jit.trace(_deep(), torch.zeros(1, 2)).save(path)
    assert check_pickle(tmp_path / "a.pt").layout == "torchscript"


def _deep() -> torch.nn.Module:
    """So deep that the notes on its source lines unpack to more than the file weighs."""
    return torch.nn.Sequential(*(torch.nn.Linear(2, 2) for _ in range(60)))
