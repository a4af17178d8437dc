"""Tensors in and out: first weights from the loop's connection, checkpoints as safetensors, one tensor at a time.

A parameter that is spread over processes is gathered by all of them and written by the first, so a file knows nothing of
how many there were. The `safetensors` package reads; its writer wants all tensors in memory at once, so writing is here.
"""

import json
import os
from collections.abc import Callable, Iterable

import torch
from safetensors import safe_open
from torch.distributed.tensor import DTensor, distribute_tensor


def whole(tensor: torch.Tensor) -> torch.Tensor:
    """All of a tensor; with parts elsewhere, every process has to ask."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def put(into: torch.Tensor, values: torch.Tensor) -> None:
    """Takes values that every process has."""
    with torch.no_grad():
        if isinstance(into, DTensor):
            values = distribute_tensor(values.to(into.device), into.device_mesh, into.placements, src_data_rank=None)
        into.copy_(values)


def write(path: str, tensors: Iterable[tuple[str, torch.Tensor]], first: bool) -> None:
    """Writes tensors as fp32 under a temporary name, synced, then renamed. Only the first process writes."""
    named = list(tensors)
    # transformers 4.40 loads nothing that does not say whose layout it has.
    header, end = {"__metadata__": {"format": "pt"}}, 0
    for name, tensor in named:
        start, end = end, end + 4 * tensor.numel()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    try:
        write_tensors(path, text, [tensor for _, tensor in named], first)
    except OSError as error:
        # A write that fails does not know its file.
        raise OSError(error.errno, error.strerror, path) from error


def write_tensors(path: str, header: bytes, tensors: list[torch.Tensor], first: bool) -> None:
    file = open(f"{path}.tmp", "wb") if first else None
    if file:
        file.write(len(header).to_bytes(8, "little") + header)
    for tensor in tensors:
        values = whole(tensor.detach())
        if file:
            file.write(memoryview(values.float().cpu().contiguous().numpy()).cast("B"))
    if file:
        file.flush()
        os.fsync(file.fileno())
        file.close()
        os.replace(f"{path}.tmp", path)
        folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def read(path: str, tensors: Iterable[tuple[str, torch.Tensor]]) -> None:
    """Fills tensors from a file; each has to be there in its shape."""
    with safe_open(path, "pt") as file:
        there = set(file.keys())
        for name, tensor in tensors:
            if name not in there:
                raise ValueError(f"{path}: parameter {name} of shape {list(tensor.shape)} is missing")
            values = file.get_tensor(name)
            if values.shape != tensor.shape:
                raise ValueError(f"{path}: parameter {name} of shape {list(tensor.shape)} has the shape {list(values.shape)}")
            put(tensor, values)


def receive(read_into: Callable[[memoryview], None] | None, tensors: Iterable[torch.Tensor], broadcast: Callable[[torch.Tensor], None]) -> None:
    """Fills tensors in order with the fp32 numbers of the connection, which the first process has; the others get them of it."""
    for tensor in tensors:
        values = torch.empty(tensor.shape)
        if read_into:
            read_into(memoryview(values.view(-1).numpy()).cast("B"))
        broadcast(values)
        put(tensor, values)
