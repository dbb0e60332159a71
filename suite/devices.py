"""Which devices a run owns."""

from __future__ import annotations

from suite.registry import Registry

__all__ = ["owned_devices", "runs_on_device"]


def runs_on_device(registry: Registry, kind: str, plugin: str) -> bool:
    """Tell whether a plugin runs on a device: it has a parameter of that name."""
    return "device" in registry.parameters(kind, plugin)


def owned_devices(device: str) -> tuple[str, ...]:
    """Return the devices that ``run.device`` means: with ``auto`` and ``cuda`` all CUDA devices there are.

    Where there is none, ``auto`` means the CPU; what names one all the same is refused by the network.
    """
    if device == "cpu":
        return ()
    if device == "mps":
        return ("mps",)
    import torch

    count = torch.cuda.device_count()
    if ":" in device:
        return (device,) if int(device.split(":")[1]) < count else ()
    return tuple(f"cuda:{index}" for index in range(count))
