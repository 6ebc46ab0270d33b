"""Networks of diffusers under the names that single files have (A1111, ComfyUI)."""

import re

import torch

Weights = dict[str, torch.Tensor]

_RESNET = (
    ("norm1", "in_layers.0"), ("conv1", "in_layers.2"), ("norm2", "out_layers.0"),
    ("conv2", "out_layers.3"), ("time_emb_proj", "emb_layers.1"),
    ("conv_shortcut", "skip_connection"),
)  # fmt: skip
_TOP = (
    ("time_embedding.linear_1", "time_embed.0"), ("time_embedding.linear_2", "time_embed.2"),
    ("add_embedding.linear_1", "label_emb.0.0"), ("add_embedding.linear_2", "label_emb.0.2"),
    ("conv_in", "input_blocks.0.0"), ("conv_norm_out", "out.0"), ("conv_out", "out.2"),
    ("mid_block.resnets.0", "middle_block.0"), ("mid_block.attentions.0", "middle_block.1"),
    ("mid_block.resnets.1", "middle_block.2"),
)  # fmt: skip


def unet(weights: Weights, layers: int, prefix: str = "model.diffusion_model.") -> Weights:
    """`layers` is layers_per_block."""
    has_attention = {
        match[1] for name in weights if (match := re.match(r"up_blocks\.(\d+)\.attentions", name))
    }

    def down(match: re.Match[str]) -> str:
        at = (layers + 1) * int(match[1]) + int(match[3]) + 1
        return f"input_blocks.{at}.{0 if match[2] == 'resnets' else 1}"

    def up(match: re.Match[str]) -> str:
        at = (layers + 1) * int(match[1]) + int(match[3])
        return f"output_blocks.{at}.{0 if match[2] == 'resnets' else 1}"

    def renamed(name: str) -> str:
        for old, new in _TOP:
            if name.startswith(old + "."):
                name = new + name[len(old) :]
        name = re.sub(r"down_blocks\.(\d+)\.(resnets|attentions)\.(\d+)", down, name)
        name = re.sub(r"up_blocks\.(\d+)\.(resnets|attentions)\.(\d+)", up, name)
        name = re.sub(
            r"down_blocks\.(\d+)\.downsamplers\.0\.conv",
            lambda m: f"input_blocks.{(layers + 1) * (int(m[1]) + 1)}.0.op", name,
        )  # fmt: skip
        name = re.sub(
            r"up_blocks\.(\d+)\.upsamplers\.0",
            lambda m: f"output_blocks.{(layers + 1) * int(m[1]) + layers}."
            f"{2 if m[1] in has_attention else 1}", name,
        )  # fmt: skip
        if re.match(r"(input|output)_blocks\.\d+\.0\.|middle_block\.[02]\.", name):
            for old, new in _RESNET:
                name = re.sub(rf"\.{old}\.", f".{new}.", name)
        return prefix + name

    return {renamed(name): tensor for name, tensor in weights.items()}


def vae(weights: Weights, blocks: int, prefix: str = "first_stage_model.") -> Weights:
    """Attention is 1 x 1 convolution there; the decoder counts from the other end."""
    rules = (
        (r"encoder\.down_blocks\.(\d+)\.resnets\.(\d+)", r"encoder.down.\1.block.\2"),
        (r"encoder\.down_blocks\.(\d+)\.downsamplers\.0", r"encoder.down.\1.downsample"),
        (r"mid_block\.resnets\.0", "mid.block_1"), (r"mid_block\.resnets\.1", "mid.block_2"),
        (r"mid_block\.attentions\.0\.group_norm", "mid.attn_1.norm"),
        (r"mid_block\.attentions\.0\.to_(q|k|v)", r"mid.attn_1.\1"),
        (r"mid_block\.attentions\.0\.to_out\.0", "mid.attn_1.proj_out"),
        (r"conv_norm_out", "norm_out"), (r"conv_shortcut", "nin_shortcut"),
    )  # fmt: skip
    found: Weights = {}
    for name, tensor in weights.items():
        new = re.sub(
            r"decoder\.up_blocks\.(\d+)\.resnets\.(\d+)",
            lambda m: f"decoder.up.{blocks - 1 - int(m[1])}.block.{m[2]}", name,
        )  # fmt: skip
        new = re.sub(
            r"decoder\.up_blocks\.(\d+)\.upsamplers\.0",
            lambda m: f"decoder.up.{blocks - 1 - int(m[1])}.upsample", new,
        )  # fmt: skip
        for old, repl in rules:
            new = re.sub(old, repl, new)
        if "attn_1" in new and new.endswith("weight") and "norm" not in new:
            tensor = tensor[..., None, None]
        found[prefix + new] = tensor.contiguous()
    return found


def clip(weights: Weights, prefix: str) -> Weights:
    """CLIP of transformers: the published names have a level `text_model`, which 5.x dropped."""
    return {
        prefix + ("" if name.startswith(("text_model.", "text_projection")) else "text_model.")
        + name: tensor
        for name, tensor in weights.items()
        if "position_ids" not in name
    }  # fmt: skip


def open_clip(weights: Weights, prefix: str) -> Weights:
    """OpenCLIP's names, with query, key and value in one."""
    plain = {name.removeprefix("text_model."): t for name, t in weights.items()}
    found: Weights = {
        "token_embedding.weight": plain["embeddings.token_embedding.weight"],
        "positional_embedding": plain["embeddings.position_embedding.weight"],
        "ln_final.weight": plain["final_layer_norm.weight"],
        "ln_final.bias": plain["final_layer_norm.bias"],
    }
    if "text_projection.weight" in plain:
        found["text_projection"] = plain["text_projection.weight"].T.contiguous()
    names = (
        ("layer_norm1", "ln_1"), ("layer_norm2", "ln_2"), ("mlp.fc1", "mlp.c_fc"),
        ("mlp.fc2", "mlp.c_proj"), ("self_attn.out_proj", "attn.out_proj"),
    )  # fmt: skip
    for number in sorted({int(n.split(".")[2]) for n in plain if n.startswith("encoder.layers.")}):
        old, new = f"encoder.layers.{number}", f"transformer.resblocks.{number}"
        for end in ("weight", "bias"):
            joined = [plain[f"{old}.self_attn.{which}_proj.{end}"] for which in "qkv"]
            found[f"{new}.attn.in_proj_{end}"] = torch.cat(joined)
            for theirs, ours in names:
                found[f"{new}.{ours}.{end}"] = plain[f"{old}.{theirs}.{end}"]
    return {prefix + name: tensor for name, tensor in found.items()}


_FLUX = (
    ("time_text_embed.timestep_embedder.linear_1", "time_in.in_layer"),
    ("time_text_embed.timestep_embedder.linear_2", "time_in.out_layer"),
    ("time_text_embed.text_embedder.linear_1", "vector_in.in_layer"),
    ("time_text_embed.text_embedder.linear_2", "vector_in.out_layer"),
    ("time_text_embed.guidance_embedder.linear_1", "guidance_in.in_layer"),
    ("time_text_embed.guidance_embedder.linear_2", "guidance_in.out_layer"),
    ("context_embedder", "txt_in"), ("x_embedder", "img_in"),
    ("proj_out", "final_layer.linear"), ("norm_out.linear", "final_layer.adaLN_modulation.1"),
)  # fmt: skip
_DOUBLE = (
    ("norm1.linear", "img_mod.lin"), ("norm1_context.linear", "txt_mod.lin"),
    ("attn.to_out.0", "img_attn.proj"), ("attn.to_add_out", "txt_attn.proj"),
    ("ff.net.0.proj", "img_mlp.0"), ("ff.net.2", "img_mlp.2"),
    ("ff_context.net.0.proj", "txt_mlp.0"), ("ff_context.net.2", "txt_mlp.2"),
)  # fmt: skip
_NORMS = (
    ("attn.norm_q", "img_attn.norm.query_norm"), ("attn.norm_k", "img_attn.norm.key_norm"),
    ("attn.norm_added_q", "txt_attn.norm.query_norm"),
    ("attn.norm_added_k", "txt_attn.norm.key_norm"),
)  # fmt: skip


def flux(weights: Weights, prefix: str = "") -> Weights:
    """The names of Black Forest Labs: query, key and value in one, shift before scale."""
    found: Weights = {}
    for end in ("weight", "bias"):
        for theirs, ours in _FLUX:
            found[f"{ours}.{end}"] = weights[f"{theirs}.{end}"]
        name = f"final_layer.adaLN_modulation.1.{end}"
        found[name] = torch.cat(found[name].chunk(2)[::-1])
        for number in _numbers(weights, "transformer_blocks."):
            found |= _double(weights, number, end)
        for number in _numbers(weights, "single_transformer_blocks."):
            found |= _single(weights, number, end)
    return {prefix + name: tensor for name, tensor in (found | _flux_norms(weights)).items()}


def _double(weights: Weights, number: int, end: str) -> Weights:
    old, new = f"transformer_blocks.{number}", f"double_blocks.{number}"
    found = {f"{new}.{ours}.{end}": weights[f"{old}.{theirs}.{end}"] for theirs, ours in _DOUBLE}
    for side, names in (("img", "to_q to_k to_v"), ("txt", "add_q_proj add_k_proj add_v_proj")):
        joined = [weights[f"{old}.attn.{name}.{end}"] for name in names.split()]
        found[f"{new}.{side}_attn.qkv.{end}"] = torch.cat(joined)
    return found


def _single(weights: Weights, number: int, end: str) -> Weights:
    old, new = f"single_transformer_blocks.{number}", f"single_blocks.{number}"
    names = ("attn.to_q", "attn.to_k", "attn.to_v", "proj_mlp")
    return {
        f"{new}.linear1.{end}": torch.cat([weights[f"{old}.{name}.{end}"] for name in names]),
        f"{new}.linear2.{end}": weights[f"{old}.proj_out.{end}"],
        f"{new}.modulation.lin.{end}": weights[f"{old}.norm.linear.{end}"],
    }


def _flux_norms(weights: Weights) -> Weights:
    found: Weights = {}
    for number in _numbers(weights, "transformer_blocks."):
        for theirs, ours in _NORMS:
            norm = weights[f"transformer_blocks.{number}.{theirs}.weight"]
            found[f"double_blocks.{number}.{ours}.scale"] = norm
    for number in _numbers(weights, "single_transformer_blocks."):
        for which, word in (("q", "query"), ("k", "key")):
            norm = weights[f"single_transformer_blocks.{number}.attn.norm_{which}.weight"]
            found[f"single_blocks.{number}.norm.{word}_norm.scale"] = norm
    return found


def _numbers(weights: Weights, start: str) -> list[int]:
    return sorted({int(name.split(".")[1]) for name in weights if name.startswith(start)})
