"""Changes as LyCORIS computes them, to compare with where that package is not at hand.

python -m tests.engine.local.nets.lycoris_reference

writes lycoris_reference.npz (needs `lycoris-lora`; made with 4.1.3)
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

FILE = Path(__file__).with_suffix(".npz")
LINEAR, CONV, POINT, NORM, GROUPS = "linear", "conv", "point", "norm", "groups"


class Small(torch.nn.Module):
    """One module of each kind that LyCORIS changes."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(11)
        self.linear = torch.nn.Linear(16, 12)
        self.conv = torch.nn.Conv2d(8, 12, 3, stride=2, padding=1)
        self.point = torch.nn.Conv2d(8, 12, 1)
        self.norm = torch.nn.LayerNorm(16)
        self.groups = torch.nn.GroupNorm(2, 8)


CASES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "locon": ("LoConModule", CONV, {}),
    "locon point": ("LoConModule", POINT, {}),
    "locon cp": ("LoConModule", CONV, {"use_tucker": True}),
    "lora rs": ("LoConModule", LINEAR, {"rs_lora": True}),
    "loha": ("LohaModule", LINEAR, {}),
    "loha conv": ("LohaModule", CONV, {}),
    "loha cp": ("LohaModule", CONV, {"use_tucker": True}),
    "lokr": ("LokrModule", LINEAR, {"factor": 2}),
    "lokr low": ("LokrModule", LINEAR, {"factor": 4, "lora_dim": 1, "decompose_both": True}),
    "lokr conv": ("LokrModule", CONV, {"factor": 2}),
    "lokr cp": ("LokrModule", CONV, {"factor": 4, "lora_dim": 1, "use_tucker": True}),
    "lokr whole": ("LokrModule", LINEAR, {"factor": 4, "full_matrix": True}),
    "full": ("FullModule", CONV, {}),
    "norm": ("NormModule", NORM, {}),
    "groups": ("NormModule", GROUPS, {}),
    "dora rows": ("LoConModule", LINEAR, {"weight_decompose": True}),
    "dora columns": ("LoConModule", LINEAR, {"weight_decompose": True, "wd_on_out": False}),
    "dora conv": ("LoConModule", CONV, {"weight_decompose": True, "wd_on_out": False}),
    "dora loha": ("LohaModule", LINEAR, {"weight_decompose": True}),
    "dora lokr": ("LokrModule", CONV, {"factor": 2, "weight_decompose": True}),
}


def asked(where: str) -> torch.Tensor:
    """What a module is given."""
    torch.manual_seed(5)
    return torch.randn(2, 5, 16) if where in (LINEAR, NORM) else torch.randn(2, 8, 6, 7)


def stored(case: str) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """The file's tensors by their ends, and what the changed module makes of `asked`."""
    with np.load(FILE) as found:
        names = json.loads(str(found["names"]))[case]
        tensors = {name: torch.from_numpy(found[f"{case}/{name}"]) for name in names}
        return tensors, torch.from_numpy(found[f"{case}:made"])


def _write() -> None:
    import lycoris.modules as kinds

    found: dict[str, np.ndarray] = {}
    names: dict[str, list[str]] = {}
    for case, (kind, where, how) in CASES.items():
        base = getattr(Small(), where)
        made = getattr(kinds, kind)(where, base, **{"lora_dim": 3, "alpha": 2.0, **how})
        torch.manual_seed(7)
        with torch.no_grad():
            for name, value in made.named_parameters():
                drawn = 0.4 * torch.randn_like(value)
                value.copy_(value * (1 + 0.5 * drawn) if name == "dora_scale" else drawn)
        made.apply_to()
        with torch.no_grad():  # as in training: `get_merged_weight` scales LoHa and LoKr twice
            found[f"{case}:made"] = made.eval()(asked(where)).numpy()
        tensors = {n: t for n, t in made.state_dict().items() if not n.startswith("org_module")}
        names[case] = list(tensors)
        found |= {f"{case}/{n}": t.detach().float().numpy() for n, t in tensors.items()}
    np.savez_compressed(FILE, names=np.array(json.dumps(names)), **found)


if __name__ == "__main__":
    _write()
