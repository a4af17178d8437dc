"""Samples of packed shards, mapped here and cut by the spans that the loop sends: shard, first token, number of tokens."""

import mmap
from dataclasses import dataclass

import numpy as np
import torch

DTYPES = {"u16": np.uint16, "i32": np.int32}


@dataclass
class Samples:
    """Of [samples, length] each; `starts` and `weights` where they are asked for."""

    tokens: torch.Tensor
    labels: torch.Tensor
    starts: torch.Tensor | None
    weights: torch.Tensor | None

    def part(self, first: int, end: int, device: torch.device) -> "Samples":
        def of(tensor: torch.Tensor | None) -> torch.Tensor | None:
            return None if tensor is None else tensor[first:end].to(device, non_blocking=True)

        return Samples(of(self.tokens), of(self.labels), of(self.starts), of(self.weights))


class Shards:
    """The samples of one split."""

    def __init__(self, files: list[dict], length: int, vocabulary: int, padding: int, starts: bool, weights: bool, pin: bool) -> None:
        self.files = [np.memmap(file["path"], DTYPES[file["dtype"]], "r") for file in files]
        for file in self.files:
            # Documents come in a random order: reading ahead would be for nothing.
            file._mmap.madvise(mmap.MADV_RANDOM)
        self.length = length
        self.vocabulary = vocabulary
        self.padding = padding
        self.starts = starts
        self.weights = weights
        self.pin = pin

    def counted(self, spans: list[list[int]]) -> int:
        """Predictions that count. The last token of a span has none to predict: what follows is another document."""
        if not self.weights:
            return len(spans) * self.length
        return sum(sum(count - 1 for count in sample[2::3]) for sample in spans)

    def gather(self, spans: list[list[int]]) -> Samples:
        tokens = np.full((len(spans), self.length + 1), self.padding, np.int64)
        starts = np.zeros((len(spans), self.length), np.int64) if self.starts else None
        weights = np.zeros((len(spans), self.length), np.float32) if self.weights else None
        for row, sample in enumerate(spans):
            at = 0
            for shard, first, count in zip(sample[0::3], sample[1::3], sample[2::3]):
                tokens[row, at : at + count] = self.files[shard][first : first + count]
                if starts is not None:
                    starts[row, at : at + count] = at
                if weights is not None:
                    weights[row, at : at + count - 1] = 1
                at += count
            if starts is not None:
                starts[row, at:] = at
        largest = int(tokens.max(initial=0))
        if largest >= self.vocabulary or int(tokens.min(initial=0)) < 0:
            raise ValueError(f"token {largest} is outside the vocabulary of {self.vocabulary}: the shards were packed with another tokenizer")

        def tensor(array: np.ndarray | None) -> torch.Tensor | None:
            if array is None:
                return None
            made = torch.from_numpy(array)
            return made.pin_memory() if self.pin else made

        read, predicted = (np.ascontiguousarray(tokens[:, part]) for part in (slice(None, -1), slice(1, None)))
        return Samples(tensor(read), tensor(predicted), tensor(starts), tensor(weights))
