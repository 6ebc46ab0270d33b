"""The networks of transformers and spandrel, split and changed as the graphs need them."""

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from spandrel.architectures.LaMa import LaMa
from torch import nn
from torch.export import Dim
from transformers import EdgeTamConfig, EdgeTamModel, Sam2Model

from engine.light.lama import fourier_matrices
from engine.local.nets.segment.sam2 import published_config
from tests.engine.light.migan_net import Generator
from tests.engine.light.subject_nets import IsNet, NestedU, U2NetP

SAM2 = {"tiny": (96, 12), "small": (96, 16), "base_plus": (112, 24), "large": (144, 48)}
EDGETAM_BACKBONE = {
    "model_type": "timm_wrapper",
    "architecture": "repvit_m1.dist_in1k",
    "num_classes": 1,
    "do_pooling": False,
    "model_args": {"in_chans": 3, "features_only": True, "out_indices": (0, 1, 2, 3)},
}


class SamEncoder(nn.Module):
    """(1, 3, 1024, 1024) normalised -> the three levels that clicks are decoded on."""

    def __init__(self, m: Any) -> None:
        super().__init__()
        self.m = m

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, ...]:
        levels = self.m.vision_encoder(pixels).fpn_hidden_states
        decoder, nothing_before = self.m.mask_decoder, self.m.no_memory_embedding
        return (
            decoder.conv_s0(levels[0]),
            decoder.conv_s1(levels[1]),
            levels[2] + nothing_before.view(1, -1, 1, 1),
        )


class Sam2Encoder(SamEncoder):
    """The same with the places of its (256, 256) patches from outside."""

    def forward(self, pixels: torch.Tensor, places: torch.Tensor) -> tuple[torch.Tensor, ...]:
        self.m.vision_encoder.backbone._get_pos_embed = lambda _: places
        return super().forward(pixels)


class SamDecoder(nn.Module):
    """All four masks of one object; a box is two points with the labels 2 and 3."""

    def __init__(self, m: Any) -> None:
        super().__init__()
        self.m = m
        m.mask_decoder._dynamic_multimask_via_stability = lambda masks, scores: (masks, scores)

    def forward(
        self,
        high0: torch.Tensor,
        high1: torch.Tensor,
        embedding: torch.Tensor,
        positions: torch.Tensor,
        points: torch.Tensor,
        labels: torch.Tensor,
        previous: torch.Tensor,
        has_previous: torch.Tensor,
    ) -> tuple[torch.Tensor, ...]:
        prompts = self.m.prompt_encoder
        sparse = prompts._embed_points(points[:, None], labels[:, None], pad=True)
        none = prompts.no_mask_embed.weight.reshape(1, -1, 1, 1)
        dense = has_previous * prompts.mask_embed(previous) + (1 - has_previous) * none
        masks, scores, _, is_object = self.m.mask_decoder(
            image_embeddings=embedding,
            image_positional_embeddings=positions,
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense,
            multimask_output=False,
            high_resolution_features=[high0, high1],
        )
        return masks[0, 0], scores[0, 0], is_object[0, 0]


class LamaProducts(nn.Module):
    """LaMa whose Fourier transforms are products with matrices that come in.

    From the residual blocks on it computes only the cells whose `rows` and `columns` come in.
    """

    def __init__(self, m: LaMa) -> None:
        super().__init__()
        self.m = m
        for joined in (u for u in m.modules() if type(u).__name__ == "ConcatTupleLayer"):
            joined.forward = self._chosen
        for unit in (u for u in m.modules() if type(u).__name__ == "FourierUnit"):
            unit.forward = self._unit(unit)

    def _unit(self, unit: Any) -> Callable[[torch.Tensor], torch.Tensor]:
        def forward(x: torch.Tensor) -> torch.Tensor:
            cos_h, sin_h, cos_w, sin_w, back_cos, back_sin = self.matrices
            real, imaginary = x @ cos_w, -(x @ sin_w)
            real, imaginary = (
                cos_h @ real + sin_h @ imaginary,
                cos_h @ imaginary - sin_h @ real,
            )
            both = torch.stack((real, imaginary), 2).flatten(1, 2)
            both = unit.relu(unit.bn(unit.conv_layer(both))).unflatten(1, (-1, 2))
            real, imaginary = both[:, :, 0], both[:, :, 1]
            real, imaginary = (
                cos_h @ real - sin_h @ imaginary,
                cos_h @ imaginary + sin_h @ real,
            )
            return real @ back_cos + imaginary @ back_sin

        return forward

    def _chosen(self, local_and_global: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        rows, columns = self.cells
        return torch.cat(local_and_global, 1).index_select(2, rows).index_select(3, columns)

    def forward(
        self,
        image: torch.Tensor,
        hole: torch.Tensor,
        rows: torch.Tensor,
        columns: torch.Tensor,
        cos_h: torch.Tensor,
        sin_h: torch.Tensor,
        cos_w: torch.Tensor,
        sin_w: torch.Tensor,
        back_cos: torch.Tensor,
        back_sin: torch.Tensor,
    ) -> torch.Tensor:
        self.cells = rows, columns
        self.matrices = cos_h, sin_h, cos_w, sin_w, back_cos, back_sin
        return self.m.model(image * (1 - hole), hole)


class MiganGenerator(nn.Module):
    def __init__(self, m: Generator) -> None:
        super().__init__()
        self.m = m

    def forward(self, canvas: torch.Tensor) -> torch.Tensor:
        return self.m(canvas)


class SubjectPlane(nn.Module):
    def __init__(self, m: NestedU) -> None:
        super().__init__()
        self.m = m

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.m(pixels)


class Graph(NamedTuple):
    """One graph to export: the module, an example of each input, the lengths that may vary."""

    module: nn.Module
    inputs: dict[str, torch.Tensor]
    outputs: tuple[str, ...]
    dynamic: dict[str, dict[int, Any]] = {}  # noqa: RUF012 a default of a record


def perturbed(net: Any, seed: int = 0) -> Any:
    """No tensor is constant and none the same as another: so each of them shows in an answer."""
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in net.state_dict().items():
            if name.endswith("filter_const") or not tensor.is_floating_point():
                continue
            if name.endswith("running_var"):
                tensor.uniform_(0.5, 1.5, generator=random)
            elif tensor.numel() and (tensor == tensor.flatten()[0]).all():
                tensor.add_(torch.randn(tensor.shape, generator=random) * 0.02)
    return net.eval()


def sam2(size: str, seed: int = 0) -> Sam2Model:
    torch.manual_seed(seed)
    return perturbed(Sam2Model(published_config(*SAM2[size])))


def edgetam(seed: int = 0) -> EdgeTamModel:
    torch.manual_seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = EdgeTamModel(EdgeTamConfig(vision_config={"backbone_config": EDGETAM_BACKBONE}))
    return perturbed(net)


def lama(seed: int = 0) -> LaMa:
    """Weights at half their size: unscaled random ones grow through eighteen blocks."""
    torch.manual_seed(seed)
    net = perturbed(LaMa(in_nc=4, out_nc=3))
    with torch.no_grad():
        for tensor in net.parameters():
            tensor.mul_(0.5 if tensor.dim() > 1 else 1.0)
    return net


def migan(seed: int = 0) -> Generator:
    torch.manual_seed(seed)
    return perturbed(Generator())


def subject(kind: type[U2NetP] | type[IsNet], seed: int = 0) -> NestedU:
    torch.manual_seed(seed)
    return perturbed(kind())


def encoder_graph(net: Any) -> Graph:
    inputs = {"pixels": torch.rand(1, 3, 1024, 1024)}
    return Graph(SamEncoder(net).eval(), inputs, ("high0", "high1", "embedding"))


def sam2_graph(net: Sam2Model) -> Graph:
    places = torch.rand(1, 256, 256, net.config.vision_config.backbone_config.hidden_size)
    inputs = {"pixels": torch.rand(1, 3, 1024, 1024), "places": places}
    return Graph(Sam2Encoder(net).eval(), inputs, ("high0", "high1", "embedding"))


def decoder_graph(net: Any) -> Graph:
    inputs = {
        "high0": torch.rand(1, 32, 256, 256),
        "high1": torch.rand(1, 64, 128, 128),
        "embedding": torch.rand(1, 256, 64, 64),
        "positions": torch.rand(1, 256, 64, 64),
        "points": 1024 * torch.rand(1, 3, 2),
        "labels": torch.tensor([[1, 0, 2]]),
        "previous": torch.rand(1, 1, 256, 256),
        "has_previous": torch.ones(1),
    }
    count = Dim("count", min=1, max=512)
    dynamic = {"points": {1: count}, "labels": {1: count}}
    return Graph(SamDecoder(net).eval(), inputs, ("masks", "scores", "is_object"), dynamic)


def lama_graph(net: LaMa, height: int = 128, width: int = 192) -> Graph:
    made = fourier_matrices(height // 8, width // 8)
    inputs = {
        "image": torch.rand(1, 3, height, width),
        "hole": (torch.rand(1, 1, height, width) > 0.5).float(),
        "rows": torch.arange(2, 9),
        "columns": torch.arange(3, 12),
        **{name: torch.from_numpy(matrix) for name, matrix in made.items()},
    }
    rows, columns, half = Dim("rows", min=2), Dim("columns", min=2), Dim("half", min=2)
    sides = {2: 8 * rows, 3: 8 * columns}
    dynamic = {
        "image": sides,
        "hole": sides,
        "rows": {0: Dim("few_rows", min=1)},
        "columns": {0: Dim("few_columns", min=1)},
        **{name: {0: rows, 1: rows} for name in ("cos_h", "sin_h")},
        **{name: {0: columns, 1: half} for name in ("cos_w", "sin_w")},
        **{name: {0: half, 1: columns} for name in ("back_cos", "back_sin")},
    }
    return Graph(LamaProducts(net).eval(), inputs, ("filled",), dynamic)


def migan_graph(net: Generator) -> Graph:
    return Graph(MiganGenerator(net).eval(), {"canvas": torch.rand(1, 4, 512, 512)}, ("drawn",))


def subject_graph(net: NestedU, side: int) -> Graph:
    return Graph(SubjectPlane(net).eval(), {"pixels": torch.rand(1, 3, side, side)}, ("plane",))


GRAPHS: dict[str, Callable[[int], Graph]] = {
    **{f"sam2_{size}": (lambda seed, size=size: sam2_graph(sam2(size, seed))) for size in SAM2},
    "edgetam": lambda seed: encoder_graph(edgetam(seed)),
    "sam_decoder": lambda seed: decoder_graph(edgetam(seed)),
    "lama": lambda seed: lama_graph(lama(seed)),
    "migan": lambda seed: migan_graph(migan(seed)),
    "u2netp": lambda seed: subject_graph(subject(U2NetP, seed), 320),
    "isnet": lambda seed: subject_graph(subject(IsNet, seed), 1024),
}
