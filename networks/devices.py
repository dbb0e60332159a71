"""Where networks run, and in which precision."""

from __future__ import annotations

from pathlib import Path

import torch

from networks.errors import NetworkError

__all__ = ["autocast_dtype", "describe", "fast_dtype", "is_out_of_memory", "resolve_device"]

HALF = {"bfloat16": torch.bfloat16, "float16": torch.float16}
FAST_CPU_FLAGS = {"amx_bf16", "avx512_bf16"}


def resolve_device(device: str) -> torch.device:
    """Return the device of a name; ``auto`` is the first CUDA device, Apple's GPU, or the CPU.

    Raises
    ------
    NetworkError
        When it is not there: says which are.
    """
    if device == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda", 0)
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    chosen = torch.device(device)
    if chosen.type == "cuda" and (chosen.index or 0) >= torch.cuda.device_count():
        raise NetworkError(f"the device {device} is asked for, and {_cuda_devices()}.")
    if chosen.type == "mps" and not torch.backends.mps.is_available():
        raise NetworkError("the device mps is asked for, and this machine or this build of torch has none.")
    return torch.device("cuda", chosen.index or 0) if chosen.type == "cuda" else chosen


def _cuda_devices() -> str:
    count = torch.cuda.device_count()
    if not count:
        return "torch finds no CUDA device (device: cpu, or auto, needs none)"
    return f"torch finds {count}: {', '.join(f'cuda:{i}' for i in range(count))}"


def describe(device: torch.device) -> str:
    """Return the name of a device for people."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def fast_dtype(device: torch.device) -> torch.dtype:
    """Return the precision in which a device is fastest: bfloat16 where it computes in it, else float32.

    CUDA devices from compute capability 8.0 on compute in bfloat16, older ones from 7.0 on in float16; CPUs
    with AMX or AVX512-BF16 in bfloat16.
    """
    if device.type == "cuda":
        capability = torch.cuda.get_device_capability(device)
        return (
            torch.bfloat16
            if capability >= (8, 0)
            else torch.float16
            if capability >= (7, 0)
            else torch.float32
        )
    return torch.bfloat16 if device.type == "cpu" and _cpu_flags() & FAST_CPU_FLAGS else torch.float32


def _cpu_flags() -> set[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return set()
    return next((set(line.split()) for line in lines if line.startswith("flags")), set())


def autocast_dtype(precision: str, device: torch.device) -> torch.dtype:
    """Return the number format that a precision stands for on a device.

    Parameters
    ----------
    precision : {"auto", "float32", "bfloat16", "float16"}
    """
    if precision == "auto":
        return fast_dtype(device)
    return HALF.get(precision, torch.float32)


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error says that memory ran out, of a device or of the machine."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in str(error)
