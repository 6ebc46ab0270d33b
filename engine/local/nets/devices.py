"""Where to compute and how exactly, by what was measured (notes of the design)."""

import platform
from pathlib import Path

import torch

from engine.families import Family
from engine.local.messages import Device


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
        torch=torch.__version__,
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


def dtype_for(family: Family | None, device: torch.device) -> torch.dtype:
    """fp32 on processors (half is many times slower there) and for LaMa (its FFT wants it)."""
    if device.type == "cpu" or family in (Family.LAMA, Family.MAT):
        return torch.float32
    if device.type == "mps":
        return torch.float32 if family in (Family.SAM3, Family.SAM2) else torch.float16
    exact = torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if exact else torch.float16


PRECISIONS = {torch.float32: "fp32", torch.float16: "fp16", torch.bfloat16: "bf16"}


def is_out_of_memory(error: BaseException) -> bool:
    """Of a card, or of the computer as torch says it."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)


def empty(device: torch.device) -> None:
    """Give back what torch only keeps for later."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()


def has_nvidia() -> bool:
    """Whether a card is there, whatever torch thinks of it."""
    if Path("/proc/driver/nvidia/version").exists():
        return True
    system = Path("C:/Windows/System32/nvidia-smi.exe")
    return platform.system() == "Windows" and system.exists()


def _processor() -> str:
    return platform.processor() or platform.machine()
