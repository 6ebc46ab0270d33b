"""LoRAs of every layout against merging them by hand; all of a file, or nothing of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.errors import LoraMisfit
from engine.local.nets.adapters import use as loras
from engine.local.nets.adapters.layers import AdaptedLayer
from engine.local.nets.components import PipelineComponents
from engine.models.families import Family, Kind
from engine.models.identify import identify
from engine.models.model_file import ModelFile
from tests.engine.local.nets import tiny, tiny_loras


def parts_of(family: Family) -> PipelineComponents:
    torch.manual_seed(3)
    nets = {name: net.eval() for name, net in tiny.nets(family).items()}
    backbone = nets.get("unet") or nets["transformer"]
    encoders = tuple(net for name, net in nets.items() if name.startswith("text_encoder"))
    return PipelineComponents(
        model=peek_stub(family), family=family, backbone=backbone, vae=nets["vae"],
        tokenizers=(), text_encoders=encoders, prediction="epsilon",
        device=torch.device("cpu"), dtype=torch.float32,
    )  # fmt: skip


def peek_stub(family: Family) -> ModelFile:
    return ModelFile(path=Path("m"), kind=Kind.CHECKPOINT, family=family, name="m", title="m")


@torch.no_grad()
def weights_in_effect(parts: PipelineComponents) -> dict[str, torch.Tensor]:
    """Of every module its weight with all that is added to it, in float64."""
    found: dict[str, torch.Tensor] = {}
    names = ["backbone", *(f"text_encoder{n}" for n in range(len(parts.text_encoders)))]
    for net_name, net in zip(names, (parts.backbone, *parts.text_encoders)):
        for name, module in net.named_modules():
            if ".base_layer" in name or ".changes" in name:
                continue
            base = module.base_layer if isinstance(module, AdaptedLayer) else module
            if not isinstance(base, torch.nn.Linear | torch.nn.Conv2d):
                continue
            weight = base.weight.double().clone()
            if isinstance(module, AdaptedLayer):
                for adapter, strength in module.strengths.items():
                    change: Any = module.changes[adapter]
                    weight += strength * change.delta().double().reshape(weight.shape)
            found[f"{net_name}.{name}"] = weight
    return found


def expected(
    before: dict[str, torch.Tensor], changes: tiny_loras.Deltas, weight: float
) -> dict[str, torch.Tensor]:
    """Merged by hand."""
    where = {"unet": "backbone", "transformer": "backbone", "text_encoder": "text_encoder0",
             "text_encoder_2": "text_encoder1"}  # fmt: skip
    after = dict(before)
    for (component, path), delta in changes.items():
        key = f"{where[component]}.{path}"
        after[key] = after[key] + weight * delta.weight.reshape(after[key].shape)
    return after


def largest(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> float:
    assert one.keys() == other.keys()
    return max(float((one[key] - other[key]).abs().max()) for key in one)


CASES = [
    (Family.SD15, "kohya", {}),
    (Family.SD15, "kohya", {"conv": True}),
    (Family.SD15, "kohya", {"encoders": True}),
    (Family.SD15, "kohya", {"alpha": None}),
    (Family.SD15, "peft", {}),
    (Family.SD15, "peft", {"encoders": True}),
    (Family.SD15, "diffusers", {}),
    (Family.SD15_INPAINT, "kohya", {"conv": True}),
    (Family.SD21_INPAINT, "kohya", {}),
    (Family.SDXL, "kohya", {"encoders": True}),
    (Family.SDXL, "sgm", {"conv": True}),
    (Family.FLUX_DEV, "ai-toolkit", {}),
    (Family.FLUX_FILL, "peft", {}),
]


@pytest.mark.parametrize(("family", "layout", "how"), CASES)
def test_a_layout_is_what_merging_by_hand_gives(
    family: Family, layout: str, how: dict[str, Any], tmp_path: Path
) -> None:
    path = tiny_loras.write_lora(tmp_path / "l.safetensors", family, layout, **how)
    parts = parts_of(family)
    before = weights_in_effect(parts)
    assert loras.use(parts, [(identify(path), 0.7)]) == ()
    after = expected(before, tiny_loras.deltas(family, **how), 0.7)
    assert largest(weights_in_effect(parts), after) < 2e-6
    assert largest(before, after) > 0.01


def test_flux_of_single_files_is_shared_out_over_query_key_and_value(tmp_path: Path) -> None:
    path = tiny_loras.write_lora(tmp_path / "l.safetensors", Family.FLUX_DEV, "flux-kohya")
    parts = parts_of(Family.FLUX_DEV)
    before = weights_in_effect(parts)
    assert loras.use(parts, [(identify(path), 1.0)]) == ()
    after = weights_in_effect(parts)
    changed = {key for key in before if not torch.equal(before[key], after[key])}
    assert "backbone.transformer_blocks.0.attn.to_k" in changed
    assert "backbone.single_transformer_blocks.0.proj_mlp" in changed
    fused = tiny_loras.fused()["double_blocks.0.img_attn.qkv"].weight
    width = len(fused) // 3
    for number, name in enumerate(("to_q", "to_k", "to_v")):
        key = f"backbone.transformer_blocks.0.attn.{name}"
        rows = fused[number * width : (number + 1) * width]
        assert float((after[key] - before[key] - rows).abs().max()) < 2e-6


def written(folder: Path, count: int) -> list[Path]:
    return [
        tiny_loras.write_lora(
            folder / f"{seed}.safetensors", Family.SD15, "kohya", seed=seed, encoders=True
        )
        for seed in range(1, count + 1)
    ]


def test_three_at_once(tmp_path: Path) -> None:
    parts, paths = parts_of(Family.SD15), written(tmp_path, 3)
    wanted = before = weights_in_effect(parts)
    weights = (0.7, 0.4, -0.5)
    loras.use(parts, [(identify(path), weight) for path, weight in zip(paths, weights)])
    for seed, weight in enumerate(weights, 1):
        changes = tiny_loras.deltas(Family.SD15, seed=seed, encoders=True)
        wanted = expected(wanted, changes, weight)
    assert largest(weights_in_effect(parts), wanted) < 3e-6
    loras.use(parts, [])
    assert largest(weights_in_effect(parts), before) == 0


def test_a_weight_changes_without_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts, (path,) = parts_of(Family.SD15), written(tmp_path, 1)
    before = weights_in_effect(parts)
    reads: list[object] = []
    real: Callable[..., Any] = loras._tensors
    monkeypatch.setattr(loras, "_tensors", lambda lora: reads.append(lora) or real(lora))
    for weight in (1.0, 0.25, 0.0, -1.5):
        loras.use(parts, [(identify(path), weight)])
        changes = tiny_loras.deltas(Family.SD15, encoders=True)
        assert largest(weights_in_effect(parts), expected(before, changes, weight)) < 5e-6
    assert len(reads) == 1


def broken(path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    weights = tiny_loras.kohya(tiny_loras.deltas(Family.SD15, encoders=True), Family.SD15)
    change(weights)
    return tiny_loras.save(path, weights, Family.SD15)


def _half(weights: dict[str, Any]) -> None:
    del weights[next(n for n in weights if n.startswith("lora_te") and "lora_up" in n)]


def _wide(weights: dict[str, Any]) -> None:
    name = next(n for n in weights if n.startswith("lora_te") and "lora_down" in n)
    weights[name] = torch.zeros(4, 7)


@pytest.mark.parametrize("change", [_half, _wide])
def test_what_fails_in_part_changes_nothing(
    change: Callable[[dict[str, Any]], None], tmp_path: Path
) -> None:
    parts, (good,) = parts_of(Family.SD15), written(tmp_path, 1)
    loras.use(parts, [(identify(good), 0.5)])
    before = weights_in_effect(parts)
    bad = broken(tmp_path / "bad.safetensors", change)
    with pytest.raises(LoraMisfit):
        loras.use(parts, [(identify(good), 0.5), (identify(bad), 1.0)])
    assert largest(weights_in_effect(parts), before) == 0
    assert len(parts.loaded_loras) == 1


def test_nothing_that_fits_is_refused(tmp_path: Path) -> None:
    weights = {"lora_unet_nowhere_to_k.lora_down.weight": torch.zeros(4, 8),
               "lora_unet_nowhere_to_k.lora_up.weight": torch.zeros(8, 4)}  # fmt: skip
    path = tiny_loras.save(tmp_path / "a.safetensors", weights, Family.SD15)
    with pytest.raises(LoraMisfit) as caught:
        loras.use(parts_of(Family.SD15), [(identify(path), 1.0)])
    assert (caught.value.reason, caught.value.total) == ("keys", 1)


def test_a_part_that_fits_is_used_and_said(tmp_path: Path) -> None:
    def more(weights: dict[str, Any]) -> None:
        for number in range(40):
            weights[f"lora_unet_nowhere_{number}.lora_down.weight"] = torch.zeros(4, 8)
            weights[f"lora_unet_nowhere_{number}.lora_up.weight"] = torch.zeros(8, 4)

    parts = parts_of(Family.SD15)
    path = broken(tmp_path / "a.safetensors", more)
    assert loras.use(parts, [(identify(path), 1.0)]) == ("lora_partly",)
    assert loras.use(parts, [(identify(path), 0.5)]) == ("lora_partly",)


def test_another_base_and_another_kind_are_refused(tmp_path: Path) -> None:
    flux = tiny_loras.write_lora(tmp_path / "f.safetensors", Family.FLUX_DEV, "ai-toolkit")
    with pytest.raises(LoraMisfit) as caught:
        loras.use(parts_of(Family.SD15), [(identify(flux), 1.0)])
    assert caught.value.reason == "family"
    weights = {"lora_unet_x.oft_diag": torch.zeros(4, 4)}
    oft = tiny_loras.save(tmp_path / "h.safetensors", weights, Family.SD15)
    with pytest.raises(LoraMisfit) as caught:
        loras.use(parts_of(Family.SD15), [(identify(oft), 1.0)])
    assert caught.value.reason == "kind"


def test_idle_ones_go_when_there_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loras, "KEPT", 2)
    parts = parts_of(Family.SD15)
    before = weights_in_effect(parts)
    for path in written(tmp_path, loras.KEPT + 2):
        loras.use(parts, [(identify(path), 1.0)])
    assert len(parts.loaded_loras) == loras.KEPT
    loras.use(parts, [])
    assert largest(weights_in_effect(parts), before) == 0
