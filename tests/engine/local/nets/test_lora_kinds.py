"""Every kind of LoRA against the package that defines it: LyCORIS (stored) and PEFT (run)."""

import json
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import safetensors.torch
import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict

from engine.errors import LoraMisfit, ModelUnreadable
from engine.local.nets.adapters import use as loras
from engine.local.nets.components import PipelineComponents
from engine.models.families import Family
from engine.models.identify import identify
from tests.engine.local.nets.lycoris_reference import (
    CASES,
    CONV,
    LINEAR,
    POINT,
    Small,
    asked,
    stored,
)  # fmt: skip
from tests.engine.local.nets.test_loras import parts_of, peek_stub


class Backbone(Small):
    """Small, as a network of diffusers: it has a configuration."""

    config = SimpleNamespace(layers_per_block=2)


def parts() -> PipelineComponents:
    return PipelineComponents(
        model=peek_stub(Family.SD15), family=Family.SD15, backbone=Backbone().eval(), vae=None,
        tokenizers=(), text_encoders=(), prediction="epsilon",
        device=torch.device("cpu"), dtype=torch.float32,
    )  # fmt: skip


def saved(path: Path, tensors: dict[str, Any], **metadata: str) -> Path:
    kept = {name: torch.as_tensor(t).contiguous() for name, t in tensors.items()}
    safetensors.torch.save_file(kept, path, metadata=metadata or None)
    return path


@torch.no_grad()
def merged(where: str, weight: torch.Tensor) -> torch.Tensor:
    """What the module makes with that weight."""
    module: Any = getattr(Small(), where)
    module.weight.copy_(weight)
    return module(asked(where))


@torch.no_grad()
def made(found: PipelineComponents, where: str) -> torch.Tensor:
    return getattr(found.backbone, where)(asked(where))


def alike(one: torch.Tensor, other: torch.Tensor) -> bool:
    return bool(torch.allclose(one, other, rtol=1e-5, atol=2e-6))


@pytest.mark.parametrize("case", CASES)
def test_lyco_kinds_are_what_lycoris_merges(case: str, tmp_path: Path) -> None:
    where = CASES[case][1]
    tensors, wanted = stored(case)
    named = {f"lora_unet_{where}.{name}": tensor for name, tensor in tensors.items()}
    found, file = parts(), identify(saved(tmp_path / "l.safetensors", named))
    before = made(found, where)
    assert loras.use(found, [(file, 1.0)]) == ()
    assert alike(made(found, where), wanted)
    assert not alike(wanted, before)
    loras.use(found, [(file, 0.25)])
    assert alike(made(found, where), before + 0.25 * (wanted - before))
    loras.use(found, [])
    assert torch.equal(made(found, where), before)


PEFT_CASES: dict[str, dict[str, Any]] = {
    "plain": {"r": 3, "lora_alpha": 5},
    "rslora": {"r": 4, "lora_alpha": 6, "use_rslora": True},
    "ranks": {"r": 2, "lora_alpha": 4, "rank_pattern": {"conv": 3}, "alpha_pattern": {"conv": 9}},
    "rs and patterns": {
        "r": 2, "lora_alpha": 4, "use_rslora": True,
        "rank_pattern": {"^linear$": 4}, "alpha_pattern": {r"lin\w*": 3, "linear": 7},
    },
    "dora": {"r": 2, "lora_alpha": 4, "use_dora": True},
    "bias": {"r": 2, "lora_alpha": 5, "lora_bias": True},
}  # fmt: skip


def by_peft(how: dict[str, Any], adapter: str = "default") -> tuple[Any, dict[str, torch.Tensor]]:
    """PEFT's network with drawn weights, and what it saves of it."""
    config = LoraConfig(target_modules=[LINEAR, CONV, POINT], init_lora_weights=False, **how)
    torch.manual_seed(9)
    net: Any = get_peft_model(Small(), config, adapter_name=adapter)  # type: ignore[arg-type]
    with torch.no_grad():
        for name, value in net.named_parameters():
            if "magnitude" in name:
                value.mul_(1 + 0.2 * torch.rand_like(value))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it takes every bias for one that was not gathered
        return net.eval(), get_peft_model_state_dict(net, adapter_name=adapter)


@pytest.mark.parametrize("case", PEFT_CASES)
def test_settings_of_peft_are_what_peft_makes_of_them(case: str, tmp_path: Path) -> None:
    how = PEFT_CASES[case]
    if "rs and patterns" in case:
        how = how | {"alpha_pattern": {"linear": 7}}
    net, tensors = by_peft(how)
    found = parts()
    settings = {f"unet.{key}": value for key, value in how.items()}
    named = {name.replace("base_model.model.", "unet."): t for name, t in tensors.items()}
    path = saved(tmp_path / "l.safetensors", named, lora_adapter_metadata=json.dumps(settings))
    assert loras.use(found, [(identify(path), 1.0)]) == ()
    for where in (LINEAR, CONV, POINT):
        with torch.no_grad():
            wanted = getattr(net.base_model.model, where)(asked(where))
        assert alike(made(found, where), wanted), where


def test_a_folder_of_peft_is_read_with_its_settings(tmp_path: Path) -> None:
    net, tensors = by_peft(PEFT_CASES["rslora"])
    path = saved(tmp_path / "adapter_model.safetensors", tensors)
    (tmp_path / "adapter_config.json").write_text(json.dumps(PEFT_CASES["rslora"]))
    found = parts()
    assert loras.use(found, [(identify(path), 1.0)]) == ()
    with torch.no_grad():
        assert alike(made(found, LINEAR), net.base_model.model.linear(asked(LINEAR)))


def pair(stem: str = "lora_unet_linear", rank: int = 2) -> dict[str, torch.Tensor]:
    torch.manual_seed(2)
    return {
        f"{stem}.lora_down.weight": torch.randn(rank, 16),
        f"{stem}.lora_up.weight": torch.randn(12, rank),
    }


def delta(tensors: dict[str, torch.Tensor], scale: float = 1.0) -> torch.Tensor:
    down, up = (t.float() for t in list(tensors.values())[:2])
    return Small().linear.weight.detach() + scale * (up @ down)


@pytest.mark.parametrize(
    ("down", "up"),
    [
        ("unet.linear.lora_A.mine.weight", "unet.linear.lora_B.mine.weight"),
        ("base_model.model.linear.lora_A.weight", "base_model.model.linear.lora_B.weight"),
        (
            "base_model.model.unet.linear.lora_A.weight",
            "base_model.model.unet.linear.lora_B.weight",
        ),
        ("lycoris_linear.lora_down.weight", "lycoris_linear.lora_up.weight"),
        ("unet.linear.lora_linear_layer.down.weight", "unet.linear.lora_linear_layer.up.weight"),
        ("linear.lora.down.weight", "linear.lora.up.weight"),
        ("diffusion_model.linear.lora_down.weight", "diffusion_model.linear.lora_up.weight"),
    ],
)
def test_names_of_all_ages_lead_to_the_module(down: str, up: str, tmp_path: Path) -> None:
    drawn = pair()
    named = dict(zip((down, up), drawn.values()))
    found = parts()
    assert loras.use(found, [(identify(saved(tmp_path / "l.safetensors", named)), 1.0)]) == ()
    assert alike(made(found, LINEAR), merged(LINEAR, delta(drawn)))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float8_e4m3fn])
def test_any_number_format_is_read(dtype: torch.dtype, tmp_path: Path) -> None:
    drawn = {name: t.to(dtype) for name, t in pair().items()}
    found = parts()
    loras.use(found, [(identify(saved(tmp_path / "l.safetensors", drawn)), 1.0)])
    assert alike(made(found, LINEAR), merged(LINEAR, delta(drawn)))


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_alpha_may_have_any_shape(shape: tuple[int, ...], tmp_path: Path) -> None:
    tensors = pair() | {"lora_unet_linear.alpha": torch.full(shape, 3.0)}
    found = parts()
    loras.use(found, [(identify(saved(tmp_path / "l.safetensors", tensors)), 1.0)])
    assert alike(made(found, LINEAR), merged(LINEAR, delta(tensors, 1.5)))


def test_two_loras_of_different_kinds_add_up(tmp_path: Path) -> None:
    tensors, alone = stored("loha")
    named = {f"lora_unet_linear.{name}": tensor for name, tensor in tensors.items()}
    one = identify(saved(tmp_path / "a.safetensors", named))
    two = identify(saved(tmp_path / "b.safetensors", pair()))
    found = parts()
    loras.use(found, [(one, 0.5), (two, -1.0)])
    base = made(parts(), LINEAR)
    wanted = base + 0.5 * (alone - base) - (merged(LINEAR, delta(pair())) - base)
    assert alike(made(found, LINEAR), wanted)


@pytest.mark.parametrize(
    ("change", "error", "reason"),
    [
        ({"lora_unet_linear.alpha": torch.tensor(float("nan"))}, ModelUnreadable, "nan"),
        ({"lora_unet_linear.alpha": torch.ones(3)}, LoraMisfit, "damaged"),
        ({"lora_unet_linear.lora_up.weight": torch.full((12, 2), torch.inf)},
         ModelUnreadable, "nan"),
        ({"lora_unet_linear.lora_up.weight": torch.zeros(12, 3)}, LoraMisfit, "damaged"),
        ({"lora_unet_linear.lora_up.weight": torch.zeros(13, 2)}, LoraMisfit, "family"),
        ({"lora_unet_linear.lora_down.weight": torch.zeros(2, 32)}, LoraMisfit, "kind"),
        ({"lora_unet_linear.dora_scale": torch.ones(5, 1)}, LoraMisfit, "damaged"),
        ({"lora_unet_conv.hada_w1_a": torch.zeros(12, 2)}, LoraMisfit, "damaged"),
        ({"lora_unet_conv.lokr_w1": torch.zeros(2, 2), "lora_unet_conv.lokr_w2": torch.zeros(4, 4)},
         LoraMisfit, "family"),
        ({"lora_unet_norm.w_norm": torch.zeros(7)}, LoraMisfit, "family"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_refused_and_changes_nothing(
    change: dict[str, torch.Tensor], error: type[Any], reason: str, tmp_path: Path
) -> None:
    found = parts()
    before = made(found, LINEAR)
    path = saved(tmp_path / "l.safetensors", pair() | change)
    with pytest.raises(error) as caught:
        loras.use(found, [(identify(path), 1.0)])
    assert caught.value.reason == reason
    assert torch.equal(made(found, LINEAR), before)
    assert not found.loaded_loras


@pytest.mark.parametrize(
    "name",
    ["bundle_emb.token.string_to_param.*", "lora_unet_nowhere.diff_b", "lora_unet_linear.odd"],
)
def test_one_tensor_without_a_place_is_said(name: str, tmp_path: Path) -> None:
    path = saved(tmp_path / "l.safetensors", pair() | {name: torch.zeros(2)})
    found = parts()
    assert loras.use(found, [(identify(path), 1.0)]) == ("lora_partly",)
    assert alike(made(found, LINEAR), merged(LINEAR, delta(pair())))


@pytest.mark.parametrize("pattern", ["(a+)+$", "x" * 300, "[a-z]*"])
def test_a_pattern_that_is_not_followed_is_refused(pattern: str, tmp_path: Path) -> None:
    _, tensors = by_peft({"r": 2})
    named = {name.replace("base_model.model.", "unet."): t for name, t in tensors.items()}
    settings = {"unet.lora_alpha": 2, "unet.alpha_pattern": {pattern: 3}}
    path = saved(tmp_path / "l.safetensors", named, lora_adapter_metadata=json.dumps(settings))
    with pytest.raises(LoraMisfit) as caught:
        loras.use(parts(), [(identify(path), 1.0)])
    assert caught.value.reason == "kind"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("lora_unet_linear.oft_blocks", "boft"),
        ("lora_unet_linear.oft_diag", "oft"),
        ("lora_unet_linear.on_input", "ia3"),
        ("lora_unet_linear.a1.weight", "glora"),
        ("double_blocks.0.processor.qkv_lora1.down.weight", "xlabs"),
        ("lora_controlnet", "control"),
    ],
)
def test_kinds_that_are_not_used_are_named(name: str, kind: str, tmp_path: Path) -> None:
    path = saved(tmp_path / "l.safetensors", {name: torch.zeros(4, 4)})
    found = identify(path)
    assert found.problem == "kind"
    with pytest.raises(LoraMisfit) as caught:
        loras.use(parts(), [(found, 1.0)])
    assert (caught.value.reason, caught.value.found) == ("kind", kind)


class Packed(torch.nn.Linear):
    """A layer whose weight is no matrix, as those of 4 bits have it."""

    def __init__(self, inner: torch.nn.Linear) -> None:
        super().__init__(inner.in_features, inner.out_features)
        self.inner, self.bias = (inner,), inner.bias
        self.weight = torch.nn.Parameter(torch.zeros(96, 1, dtype=torch.uint8), requires_grad=False)

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return self.inner[0](input)


def test_dora_on_a_packed_layer_is_that_on_the_layer_itself(tmp_path: Path) -> None:
    tensors, wanted = stored("dora rows")
    named = {f"lora_unet_linear.{name}": tensor for name, tensor in tensors.items()}
    found = parts()
    found.backbone.linear = Packed(found.backbone.linear)
    loras.use(found, [(identify(saved(tmp_path / "l.safetensors", named)), 1.0)])
    assert alike(made(found, LINEAR), wanted)


def flux_delta(
    folder: Path, stem: str, tensors: dict[str, torch.Tensor], x: torch.Tensor, *paths: str
) -> list[torch.Tensor]:
    """What modules of a tiny FLUX make more of `x` with such a file."""
    found = parts_of(Family.FLUX_DEV)
    modules = [found.backbone.get_submodule(path) for path in paths]
    with torch.no_grad():
        before = [module(x) for module in modules]
        named = {f"lora_unet_{stem}.{name}": tensor for name, tensor in tensors.items()}
        loras.use(found, [(identify(saved(folder / "l.safetensors", named)), 1.0)])
        after = [found.backbone.get_submodule(path)(x) for path in paths]
    return [one - other for one, other in zip(after, before)]


def test_flux_halves_that_lie_the_other_way_round_change_places(tmp_path: Path) -> None:
    width = parts_of(Family.FLUX_DEV).backbone.norm_out.linear.in_features
    diff = torch.randn(2 * width, width)
    x = torch.randn(3, width)
    (more,) = flux_delta(
        tmp_path, "final_layer_adaLN_modulation_1", {"diff": diff}, x, "norm_out.linear"
    )
    assert torch.allclose(more, x @ torch.cat(diff.chunk(2)[::-1]).T, atol=1e-4)


@pytest.mark.parametrize("length", ["rows", "columns"])
def test_dora_of_flux_is_shared_out_over_query_key_and_value(length: str, tmp_path: Path) -> None:
    block = parts_of(Family.FLUX_DEV).backbone.transformer_blocks[0].attn
    whole = torch.cat([part.weight for part in (block.to_q, block.to_k, block.to_v)]).detach()
    width = whole.shape[1]
    down, up = torch.randn(2, width) * 0.1, torch.randn(len(whole), 2)
    shape = (len(whole), 1) if length == "rows" else (1, width)
    magnitude = 1 + torch.rand(shape)
    x = torch.randn(3, width)
    tensors = {"lora_down.weight": down, "lora_up.weight": up, "dora_scale": magnitude}
    paths = [f"transformer_blocks.0.attn.to_{part}" for part in "qkv"]
    more = flux_delta(tmp_path, "double_blocks_0_img_attn_qkv", tensors, x, *paths)
    changed = whole + up @ down
    apart = magnitude / changed.norm(dim=1 if length == "rows" else 0, keepdim=True)
    wanted = x @ (changed * apart - whole).T
    assert torch.allclose(torch.cat(more, dim=1), wanted, atol=1e-4)


@pytest.mark.parametrize("stem", ["img_in", "txt_in", "time_in_in_layer", "final_layer_linear"])
def test_what_lies_outside_the_blocks_of_flux_has_a_place(stem: str, tmp_path: Path) -> None:
    path = {"img_in": "x_embedder", "txt_in": "context_embedder", "final_layer_linear": "proj_out",
            "time_in_in_layer": "time_text_embed.timestep_embedder.linear_1"}[stem]  # fmt: skip
    module = parts_of(Family.FLUX_DEV).backbone.get_submodule(path)
    diff, x = torch.randn_like(module.weight), torch.randn(3, module.in_features)
    (more,) = flux_delta(tmp_path, stem, {"diff": diff.detach()}, x, path)
    assert torch.allclose(more, x @ diff.T, atol=1e-4)


def test_norms_are_found_by_the_names_of_single_files(tmp_path: Path) -> None:
    found = parts_of(Family.SDXL)
    named = {"lora_unet_input_blocks_1_0_in_layers_0.w_norm": torch.ones(
        found.backbone.down_blocks[0].resnets[0].norm1.num_channels)}  # fmt: skip
    before = found.backbone.down_blocks[0].resnets[0].norm1
    x = torch.randn(1, before.num_channels, 4, 4)
    with torch.no_grad():
        alone = before(x)
        loras.use(found, [(identify(saved(tmp_path / "l.safetensors", named)), 1.0)])
        after = found.backbone.down_blocks[0].resnets[0].norm1(x)
        plain = torch.nn.functional.group_norm(x, before.num_groups, None, None, before.eps)
    assert torch.allclose(after, alone + plain, atol=1e-5)
