"""Light models beside torch: processor seconds and memory of a click and of a removal.

    python -m tests.bench.light [ROUNDS]

Random weights of the published layouts, one thread, each run in a process of its own, torch and
light alternating; figures are medians over the rounds. Every ratio is of that run on that machine.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from engine.jobs.operations import Decode, Encode, Fill, MaskLogits
from engine.local.segment.scaling import scale_picture
from engine.models.families import Family
from engine.models.model_file import ModelFile
from tests.engine.light import random_weights

PHOTO = (4000, 6000, 3)  # 24 megapixels
CANVAS, HOLE = 768, 512
RUNS = ("torch sam2", "light sam2", "light edgetam", "torch lama", "light lama")
BARS = (  # row, of which run, over which, at most
    ("start to first mask", "light edgetam", "torch sam2", "first", 0.15),
    ("start to first mask", "light sam2", "torch sam2", "first", 0.6),
    ("encode, the same network", "light sam2", "torch sam2", "encode", 1.05),
    ("second click", "light sam2", "torch sam2", "second", 0.65),
    ("peak memory, click", "light edgetam", "torch sam2", "peak_mb", 0.4),
    ("peak memory, click, same network", "light sam2", "torch sam2", "peak_mb", 0.4),
    ("removal, cold", "light lama", "torch lama", "first", 0.75),
    ("removal, warm", "light lama", "torch lama", "second", 0.95),
    ("peak memory, removal", "light lama", "torch lama", "peak_mb", 0.8),
)


class Quiet:
    def report(self, fraction: float, note: str = "", preview: object = None) -> None: ...


def one(run: str, path: Path) -> dict[str, float]:
    """In a fresh process: from its start to the first answer, and the second."""
    runtime, network = run.split()
    model = random_weights.model_at(path, Family(network))
    executor = _executor(runtime)
    found = removal(executor, model) if network == "lama" else click(executor, model)
    return {**found, "peak_mb": peak_mb()}


def _executor(runtime: str) -> Any:
    if runtime == "light":
        from engine.light.executor import LightExecutor

        return LightExecutor()
    import torch

    from engine.local.nets.executor import Executor

    torch.set_num_threads(1)
    return Executor()


def click(executor: Any, model: ModelFile) -> dict[str, float]:
    random = np.random.default_rng(0)
    start_s = time.process_time()
    photo = random.integers(0, 256, PHOTO, np.uint8)
    made_s = time.process_time() - start_s
    scaled = scale_picture(photo, 1024)
    del photo  # the window has it and makes the small one of it, not the process
    forget_peak()
    before_s = time.process_time()
    executor.perform(Encode(model=model, key="a", pixels=scaled.pixels), Quiet())
    decode(executor, model)
    first_s = time.process_time()
    executor.perform(Encode(model=model, key="b", pixels=scaled.pixels[::-1]), Quiet())
    encoded_s = time.process_time()
    decode(executor, model)
    second_s = time.process_time()
    return {
        "first": first_s - made_s,
        "load and first": first_s - before_s,
        "encode": encoded_s - first_s,
        "second": second_s - encoded_s,
    }


def decode(executor: Any, model: ModelFile) -> None:
    points, labels = np.array([[0.4, 0.6]], np.float32), np.array([1], np.int64)
    request = Decode(model=model, key="a", points=points, labels=labels)
    assert isinstance(executor.perform(request, Quiet()), MaskLogits)


def removal(executor: Any, model: ModelFile) -> dict[str, float]:
    image = np.random.default_rng(0).integers(0, 256, (CANVAS, CANVAS, 3), np.uint8)
    mask = np.zeros((CANVAS, CANVAS), np.uint8)
    edge = (CANVAS - HOLE) // 2
    mask[edge:-edge, edge:-edge] = 255
    executor.perform(Fill(model=model, image=image, mask=mask), Quiet())
    first_s = time.process_time()
    executor.perform(Fill(model=model, image=image[::-1], mask=mask), Quiet())
    return {"first": first_s, "second": time.process_time() - first_s}


def forget_peak() -> None:
    """The peak counts from now on; where the system knows no such thing, from the start."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_mb() -> float:
    """Of this process; 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def measured(files: dict[str, Path], rounds: int) -> dict[str, dict[str, float]]:
    found: dict[str, list[dict[str, float]]] = {run: [] for run in RUNS}
    for _ in range(rounds):
        for run in RUNS:
            command = [sys.executable, "-m", "tests.bench.light", "--one", run]
            environment = os.environ | {"OMP_NUM_THREADS": "1"}
            done = subprocess.run(
                [*command, str(files[run.split()[1]])],
                env=environment, capture_output=True, text=True, check=True,
            )  # fmt: skip
            found[run].append(json.loads(done.stdout.splitlines()[-1]))
            print(run, {k: round(v, 2) for k, v in found[run][-1].items()}, flush=True)
    return {
        run: {key: statistics.median(each[key] for each in all_of) for key in all_of[0]}
        for run, all_of in found.items()
    }


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = {
            "sam2": random_weights.write_sam2_tiny(Path(folder) / "sam2.safetensors").path,
            "edgetam": random_weights.write_edgetam(Path(folder) / "edgetam.safetensors").path,
            "lama": random_weights.write_lama(Path(folder) / "lama.safetensors").path,
        }
        found = measured(files, rounds)
    for row, ours, theirs, key, bar in BARS:
        ratio = found[ours][key] / found[theirs][key]
        verdict = "ok" if ratio <= bar else "OVER"
        print(f"{row:34} {ours:14} / {theirs:11} {ratio:6.2f}  at most {bar:4.2f}  {verdict}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one(sys.argv[2], Path(sys.argv[3]))))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 3)
