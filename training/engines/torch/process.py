"""What training and asking a model have in common: where a process stands, and how it tells a number."""

import math
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Place:
    """Where this process stands among all, and what it computes on."""

    rank: int
    world: int
    device: torch.device


def told(value: float) -> float | None:
    """JSON has no NaN and no infinity."""
    return value if math.isfinite(value) else None
