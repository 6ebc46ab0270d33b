"""The official `sam3` package on a CPU, full-size or tiny: the oracle of test_sam3_oracle.py.

It is no dependency of ours. What it needs besides torch (timm, iopath, ftfy, pycocotools) has to
be on the path with it; the vocabulary comes from our resources.
"""

import contextlib
import functools
import re
import warnings
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any
from unittest import mock

import numpy as np
import torch
from PIL import Image
from torch.overrides import TorchFunctionMode

from engine.jobs.operations import Decode, Search

VOCABULARY = str(files("resources") / "tokenizers" / "bpe_simple_vocab_16e6.txt.gz")
TINY_SIDE, FULL_SIDE = 96, 1008
_TINY: dict[str, dict[str, Any]] = {
    "ViT": {
        "img_size": TINY_SIDE, "pretrain_img_size": 32, "patch_size": 8, "embed_dim": 64,
        "depth": 8, "num_heads": 1, "mlp_ratio": 2.0, "global_att_blocks": (1, 3, 5, 7),
        "window_size": 4,
    },
    "Sam3DualViTDetNeck": {"d_model": 32},
    "VETextEncoder": {"d_model": 32, "width": 64, "heads": 1, "layers": 2},
    "TransformerEncoderLayer": {"d_model": 32, "dim_feedforward": 64},
    "TransformerDecoderLayer": {"d_model": 32, "dim_feedforward": 64},
    "TransformerDecoderLayerv2": {"d_model": 32, "dim_feedforward": 64},
    "TransformerEncoderFusion": {"d_model": 32, "num_layers": 2},
    "TransformerEncoderCrossAttention": {"d_model": 32, "num_layers": 1},
    "TransformerDecoder": {
        "d_model": 32, "num_layers": 2, "num_queries": 12, "resolution": TINY_SIDE, "stride": 8,
    },
    "TransformerWrapper": {"d_model": 32},
    "MultiheadAttention": {"embed_dim": 32},
    "RoPEAttention": {"embedding_dim": 32, "kv_in_dim": 16, "feat_sizes": [12, 12]},
    "MLP": {"input_dim": 32, "hidden_dim": 64, "output_dim": 32},
    "DotProductScoring": {"d_model": 32, "d_proj": 32},
    "PixelDecoder": {"hidden_dim": 32},
    "UniversalSegmentationHead": {"hidden_dim": 32},
    "SequenceGeometryEncoder": {"d_model": 32, "num_layers": 2},
    "CXBlock": {"dim": 32},
    "SimpleMaskEncoder": {"out_dim": 16},
    "Sam3TrackerPredictor": {"image_size": TINY_SIDE, "backbone_stride": 8},
}  # fmt: skip
"""What the package's own builder is given instead, where it gives anything."""


class NoCuda(TorchFunctionMode):
    """Tensors that are asked for on "cuda" come on the default device; nothing is pinned."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        if str(kwargs.get("device", "")).startswith("cuda"):
            kwargs["device"] = torch.get_default_device()
        if func in (torch.Tensor.pin_memory, torch.Tensor.cuda):
            return args[0]
        return func(*args, **kwargs)


@contextlib.contextmanager
def on_cpu() -> Iterator[None]:
    with NoCuda(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def build(*, tiny: bool) -> Any:
    """The image model with clicks, its weights filled by `fill`."""
    with on_cpu(), contextlib.ExitStack() as patches:
        import sam3.model_builder as builder

        if tiny:
            _shrink(builder, patches)
        model = builder.build_sam3_image_model(
            bpe_path=VOCABULARY, device="cpu", load_from_HF=False, enable_inst_interactivity=True
        )
    if tiny:
        model.inst_interactive_predictor._bb_feat_sizes = [(48, 48), (24, 24), (12, 12)]
    fill(model)
    return model


def _shrink(builder: Any, patches: contextlib.ExitStack) -> None:
    for name, sizes in _TINY.items():
        made = functools.partial(_smaller, getattr(builder, name), sizes)
        patches.enter_context(mock.patch.object(builder, name, made))
    sine = functools.partial(_smaller_sine, builder.PositionEmbeddingSine)
    patches.enter_context(mock.patch.object(builder, "PositionEmbeddingSine", sine))
    norm = functools.partial(_smaller_norm, torch.nn.LayerNorm)
    neural = mock.Mock(wraps=builder.nn, LayerNorm=norm)
    patches.enter_context(mock.patch.object(builder, "nn", neural))


def _smaller(made: Any, sizes: dict[str, Any], **given: Any) -> Any:
    return made(**{**given, **{name: size for name, size in sizes.items() if name in given}})


def _smaller_sine(
    made: Any, *, num_pos_feats: int, precompute_resolution: Any, **given: Any
) -> Any:
    return made(num_pos_feats=num_pos_feats // 8 if num_pos_feats == 256 else 16, **given)


def _smaller_norm(made: Any, _width: int) -> Any:
    return made(32)


def checkpoint(model: Any) -> dict[str, torch.Tensor]:
    """Its weights as `sam3.pt` names them."""
    named: dict[str, torch.Tensor] = {}
    for name, tensor in model.state_dict().items():
        if name.startswith("inst_interactive_predictor.model."):
            named["tracker." + name.removeprefix("inst_interactive_predictor.model.")] = tensor
        else:
            named["detector." + name] = tensor
    return named


def fill(model: Any) -> None:
    """Weights that are the same everywhere; none is left zero or constant, so each one matters."""
    for name, tensor in checkpoint(model).items():
        if not tensor.is_complex():
            tensor.copy_(weights(name, tuple(tensor.shape)))


def weights(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    """Random by name alone: what a network of this layout can be filled with."""
    random = np.random.RandomState(np.frombuffer(name.encode(), np.uint8).astype(np.uint32))
    values = random.standard_normal(shape).astype(np.float32)
    inputs = int(np.prod(shape[1:])) if len(shape) > 1 else 1
    if "norm" in name or ".ln_" in name:
        values = values * np.float32(0.1) + np.float32(name.endswith("weight"))
    elif name.endswith("bias"):
        values *= np.float32(0.05)
    elif re.search(r"(embed|embedding|embeddings\.\d|tokens?|matrix|points)(\.weight)?$", name):
        values *= np.float32(0.5)
    else:
        values *= np.float32(1 / np.sqrt(inputs))
    return torch.from_numpy(values)


def layout_of_video_model() -> dict[str, torch.Tensor]:
    """Tensors without memory, named and shaped as in the full `sam3.pt`."""
    real = torch.linspace
    with (
        on_cpu(),
        torch.device("meta"),
        mock.patch("torch.linspace", lambda *a: real(*a, device="cpu")),
    ):
        from sam3.model_builder import build_sam3_video_model

        model = build_sam3_video_model(load_from_HF=False, bpe_path=VOCABULARY, device="meta")
    return dict(model.state_dict())


class Official:
    """The official network, asked in our words."""

    def __init__(self, *, tiny: bool) -> None:
        self.side = TINY_SIDE if tiny else FULL_SIDE
        self.model = build(tiny=tiny).eval()
        self._state: dict[str, Any] = {}

    @torch.no_grad()
    def look(self, pixels: np.ndarray) -> None:
        with on_cpu():
            from sam3.model.sam3_image_processor import Sam3Processor

            processor = Sam3Processor(self.model, resolution=self.side, device="cpu")
            self._state = processor.set_image(Image.fromarray(pixels))
            self._stage = processor.find_stage

    @torch.no_grad()
    def click(self, request: Decode) -> tuple[np.ndarray, np.ndarray]:
        """Logits and scores, the most likely first."""
        side, previous = self.side, request.previous
        given = {
            "point_coords": request.points * side if len(request.points) else None,
            "point_labels": request.labels if len(request.points) else None,
            "box": None if request.box is None else request.box * side,
            "mask_input": None if previous is None else np.clip(previous, -32, 32)[None],
        }
        with on_cpu():
            _, scores, logits = self.model.predict_inst(
                self._state, multimask_output=request.several, **given
            )
        order = np.argsort(-scores, kind="stable")
        return logits[order], scores[order]

    @torch.no_grad()
    def search(self, request: Search) -> dict[str, np.ndarray]:
        """Everything for all queries, in their order; boxes as corners."""
        with on_cpu():
            from sam3.model.box_ops import box_cxcywh_to_xyxy

            words = self.model.backbone.forward_text([request.prompt or "visual"], device="cpu")
            prompt = self.model._get_dummy_prompt()
            for box, label in zip(request.boxes, request.labels):
                prompt.append_boxes(
                    torch.from_numpy(box).view(1, 1, 4), torch.tensor([[bool(label)]])
                )
            found = self.model.forward_grounding(
                backbone_out={**self._state["backbone_out"], **words},
                find_input=self._stage,
                geometric_prompt=prompt,
                find_target=None,
            )
            return {
                "pred_logits": found["pred_logits"][0, :, 0].numpy(),
                "pred_boxes": box_cxcywh_to_xyxy(found["pred_boxes"])[0].numpy(),
                "pred_masks": found["pred_masks"][0].numpy(),
                "presence_logits": found["presence_logit_dec"][0].numpy(),
            }
