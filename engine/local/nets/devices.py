"""Devices: the choice of where to compute, precision by device, and memory figures."""

import contextlib
import os
import platform
from pathlib import Path

import torch

from engine.jobs.operations import Device
from engine.models.families import Family


def choose() -> torch.device:
    """The best device that torch can use here."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def describe(device: torch.device) -> Device:
    """What the window shows of it; free memory as of now."""
    free_mb, total_mb = memory_mb(device)
    return Device(
        kind=device.type,
        name=torch.cuda.get_device_name() if device.type == "cuda" else _processor(),
        total_mb=total_mb,
        free_mb=free_mb,
        torch=str(torch.__version__),  # a class of torch's, which the window would import
        warning="cpu_torch" if device.type == "cpu" and has_nvidia() else "",
    )


def memory_mb(device: torch.device) -> tuple[int, int]:
    """Free and total; of a Mac the memory that all share."""
    if device.type == "cuda":
        free, total = torch.cuda.mem_get_info()
        return free >> 20, total >> 20
    from psutil import virtual_memory

    memory = virtual_memory()
    return memory.available >> 20, memory.total >> 20


def held_mb(device: torch.device) -> int:
    """What this process has of it, and could give back."""
    if device.type == "cuda":
        return torch.cuda.memory_reserved() >> 20
    if device.type == "mps":
        return torch.mps.driver_allocated_memory() >> 20
    from psutil import Process

    return Process(os.getpid()).memory_info().rss >> 20


def dtype_for(family: Family | None, device: torch.device) -> torch.dtype:
    """fp32 on processors, and for LaMa: its Fourier transforms know nothing else.

    Half precision on a processor was measured 3 to 260 times slower (notes of the design, 1.2);
    with AVX512_BF16 or AMX it may not be, which nobody has measured for us.
    """
    if device.type == "cpu" or family in (Family.LAMA, Family.MAT):
        return torch.float32
    if device.type == "mps":
        selects = family is not None and (family.is_sam3 or family is Family.SAM2)
        return torch.float32 if selects else torch.float16
    exact = torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if exact else torch.float16


PRECISIONS = {torch.float32: "fp32", torch.float16: "fp16", torch.bfloat16: "bf16"}


OUT_OF_MEMORY = (
    "can't allocate memory",  # a processor's, on Linux and macOS
    "not enough memory: you tried",  # on Windows
    "MPS backend out of memory",
    "CUDA error: out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
)


def is_out_of_memory(error: BaseException) -> bool:
    """Of a card, or of the computer as torch says it."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(text in str(error) for text in OUT_OF_MEMORY)


def empty(device: torch.device) -> None:
    """Give back what torch only keeps for later."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()


def has_nvidia() -> bool:
    """Whether a card is there, whatever torch thinks of it."""
    if (
        any(Path("/proc/driver/nvidia/gpus").glob("*"))
        or Path("/usr/lib/wsl/lib/nvidia-smi").exists()
    ):
        return True
    system = Path(os.environ.get("SYSTEMROOT", "C:/Windows")) / "System32" / "nvidia-smi.exe"
    return platform.system() == "Windows" and system.exists()


def _processor() -> str:
    """Linux alone tells its name; elsewhere it is a code."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
