#!/usr/bin/env bash
# lycoris-lora 4.1.3 merges LoHa and LoKr with alpha / rank squared, and trains with it once.
#
# A module of LyCORIS has two ways to its change: `forward`, which is what training sees, adds the product
# times alpha / rank; `get_merged_weight`, which is what merging a file into a model uses, gives the product
# times (alpha / rank) squared for LohaModule and LokrModule. LoConModule is the same both ways. With
# alpha equal to the rank nobody notices; with alpha 2 at rank 4 the merged effect is half of the trained.
# One would expect the merged layer to answer as the trained one does (the package's own guide: "merge ...
# into a single model", https://github.com/KohakuBlueleaf/LyCORIS).
#
# Lacuna scales once, as training does (engine/local/nets/adapters/changes.py); its tests compare with what
# `forward` makes (tests/engine/local/nets/lycoris_reference.py).
#
# Output on 2026-12-01:
#     lycoris-lora 4.1.3, torch 2.13.0+cpu
#     LoConModule: merged over trained 1.00
#     LohaModule: merged over trained 0.50
#     LokrModule: merged over trained 0.50
#
# Exit code: 0 as described, 1 not any more, 2 it could not be tried.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv" || exit 2
"$folder/venv/bin/python" -m pip install --quiet torch==2.13.0 numpy==2.3.5 safetensors==0.8.0 einops==0.8.1 toml==0.10.2 tqdm==4.67.1 || exit 2
"$folder/venv/bin/python" -m pip install --quiet --no-deps lycoris-lora==4.1.3 || exit 2
cd "$folder"
venv/bin/python - <<'PY'
import sys
from importlib.metadata import version

import torch
from lycoris.modules import LoConModule, LohaModule, LokrModule

print(f"lycoris-lora {version('lycoris-lora')}, torch {torch.__version__}")
found = {}
for kind, how in ((LoConModule, {}), (LohaModule, {}), (LokrModule, {"factor": 4})):
    torch.manual_seed(1)
    base, x = torch.nn.Linear(64, 64, bias=False), torch.randn(8, 64)
    module = kind("x", base, lora_dim=4, alpha=2.0, **how)
    with torch.no_grad():
        for value in module.parameters():
            value.copy_(0.1 * torch.randn_like(value))
        plain = base(x)
        merged = torch.nn.functional.linear(x, module.get_merged_weight(1.0, base.weight.shape)[0])
        module.apply_to()
        trained = module.eval()(x)
    ratio = float((merged - plain).norm() / (trained - plain).norm())
    found[kind.__name__] = round(ratio, 2)
    print(f"{kind.__name__}: merged over trained {ratio:.2f}")
sys.exit(0 if found == {"LoConModule": 1.0, "LohaModule": 0.5, "LokrModule": 0.5} else 1)
PY
