"""What a SAM3 is asked when it is compared with the official one, and the job it is asked in."""

from pathlib import Path
from typing import Any

import numpy as np
from transformers import Sam2Config

from engine.jobs.backend import JobContext
from engine.jobs.operations import Decode, Search
from engine.models.families import Family, Kind
from engine.models.model_file import ModelFile

SAM2_SIDE = 128
NO_POINTS = np.zeros((0, 2), np.float32)
NO_LABELS = np.zeros(0, np.int64)
TWO = np.array([[0.4, 0.55], [0.7, 0.2]], np.float32)
SIGNS = np.array([1, 0], np.int64)
BOX = np.array([0.2, 0.3, 0.7, 0.8], np.float32)

CLICKS: dict[str, dict[str, Any]] = {
    "two_points": {"points": TWO, "labels": SIGNS},
    "one_point": {"points": TWO[:1], "labels": SIGNS[:1], "several": False},
    "box": {"points": NO_POINTS, "labels": NO_LABELS, "box": BOX, "several": False},
    "box_and_not": {"points": TWO[1:], "labels": SIGNS[1:], "box": BOX, "several": False},
    "corrected": {"points": TWO, "labels": SIGNS, "several": False},  # of two_points' best
}
SEARCHES: dict[str, dict[str, Any]] = {
    "text": {"prompt": "a red truck", "boxes": [], "labels": []},
    "exemplars": {
        "prompt": "",
        "boxes": [[0.4, 0.5, 0.3, 0.2], [0.7, 0.2, 0.1, 0.3]],
        "labels": [1, 0],
    },
    "text_and_box": {"prompt": "plate with food", "boxes": [[0.4, 0.5, 0.3, 0.2]], "labels": [1]},
}
MODEL = ModelFile(
    path=Path("sam3.pt"),
    kind=Kind.SEGMENTER,
    family=Family.SAM3,
    name="sam3.pt",
    title="SAM3",
)


class Job(JobContext):
    """Counts the reports; raises what it is given at the one that is named."""

    def __init__(self, stop_at: int = -1, error: type[Exception] = Exception) -> None:
        self.fractions: list[float] = []
        self._stop_at, self._error = stop_at, error

    def report(self, fraction: float, note: str = "", preview: Any = None) -> None:
        self.fractions.append(fraction)
        if len(self.fractions) == self._stop_at:
            raise self._error


def click(name: str, previous: Any = None) -> Decode:
    wanted = {"several": True, **CLICKS[name]}
    return Decode(model=MODEL, key="key", previous=previous, **wanted)


def search(name: str, floor: float = 0.0) -> Search:
    wanted = SEARCHES[name]
    return Search(
        model=MODEL,
        key="key",
        prompt=wanted["prompt"],
        boxes=np.array(wanted["boxes"], np.float32).reshape(-1, 4),
        labels=np.array(wanted["labels"], np.int64),
        floor=floor,
    )


def picture(side: int) -> np.ndarray:
    """Waves of three directions."""
    y, x = np.mgrid[:side, :side] / side * 2 * np.pi
    waves = np.stack([np.sin(2 * x + y), np.sin(3 * y - x), np.sin(x * y)], axis=-1)
    return np.clip(np.rint(127.5 + 120 * waves), 0, 255).astype(np.uint8)


def tiny_sam2() -> Sam2Config:
    return Sam2Config(
        vision_config={
            "model_type": "sam2_vision_model",
            "backbone_config": {
                "model_type": "sam2_hiera_det_model",
                "image_size": [SAM2_SIDE, SAM2_SIDE],
                "hidden_size": 16,
                "blocks_per_stage": [1, 1, 2, 1],
                "embed_dim_per_stage": [16, 32, 64, 128],
                "window_size_per_stage": [8, 4, 4, 2],
                "global_attention_blocks": [3],
                "window_positional_embedding_background_size": [8, 8],
            },
            "backbone_channel_list": [128, 64, 32, 16],
            "backbone_feature_sizes": [[32, 32], [16, 16], [8, 8]],
            "fpn_hidden_size": 32,
        },
        prompt_encoder_config={"hidden_size": 32, "image_size": SAM2_SIDE},
        mask_decoder_config={"hidden_size": 32, "mlp_dim": 64, "iou_head_hidden_dim": 32},
    )
