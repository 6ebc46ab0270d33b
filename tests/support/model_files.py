"""Weight files of zeros, sparse on disk: what headers say, and nothing else."""

import json
import struct
from pathlib import Path

SD15 = {
    "model.diffusion_model.input_blocks.0.0.weight": (320, 4, 3, 3),
    "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (320, 768),
    "first_stage_model.decoder.conv_in.weight": (512, 4, 3, 3),
    "cond_stage_model.transformer.text_model.encoder.layers.0.mlp.fc1.weight": (8, 8),
}
SDXL = SD15 | {
    "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (640, 2048),
    "conditioner.embedders.0.transformer.text_model.embeddings.position_ids": (1, 77),
}
MODULE = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
LORA = {f"{MODULE}.lora_down.weight": (4, 768), f"{MODULE}.lora_up.weight": (320, 4)}
VAE = {"decoder.conv_in.weight": (512, 16, 3, 3), "encoder.conv_in.weight": (128, 3, 3, 3)}
SAM2 = {
    "vision_encoder.backbone.blocks.0.attn.qkv.weight": (8, 8),
    "mask_decoder.x": (2, 2),
    "prompt_encoder.y": (2, 2),
}


def weights(
    path: Path,
    tensors: dict[str, tuple[int, ...]],
    metadata: dict[str, str] | None = None,
    dtype: str = "F16",
) -> Path:
    """A safetensors file."""
    at, header = 0, {}
    for name, shape in tensors.items():
        size = 4 if dtype == "F32" else 2
        for side in shape:
            size *= side
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    if metadata is not None:
        header["__metadata__"] = metadata  # type: ignore[assignment]
    raw = json.dumps(header).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(raw)) + raw)
        file.truncate(8 + len(raw) + at)
    return path
