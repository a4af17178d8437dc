"""GPT-NeoX in PyTorch: x + attention(LN1 x) + perceptron(LN2 x) a layer, or one after the other, rotary on a part of each head.

Modules have the names of Hugging Face's GPTNeoXForCausalLM (Apache-2.0), so parameters do, too. The residual stream is in
the precision of the matrix products, as in GPT-NeoX; LayerNorm, the rotary turn and the loss compute in fp32.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from head import head_loss

ROTARY_BASE = 10_000
NORM_EPSILON = 1e-5


@dataclass(frozen=True)
class Shape:
    """As `ModelShape` of training/presets.ts."""

    layers: int
    width: int
    feedForward: int
    heads: int
    rotary: int
    vocabulary: int
    sequential: bool = False


class Attention(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.rotary = shape.rotary
        self.query_key_value = nn.Linear(shape.width, 3 * shape.width)
        self.dense = nn.Linear(shape.width, shape.width)

    def forward(self, x: Tensor, turn: Tensor, mask: Tensor | None) -> Tensor:
        return self.mixed(*self.parts(x, turn), mask)

    def parts(self, x: Tensor, turn: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Query, key and value, [samples, heads, length, dimensions], the first two turned."""
        samples, length, width = x.shape
        # Of each head they stand one after the other.
        parts = self.query_key_value(x).view(samples, length, self.heads, 3, width // self.heads)
        query, key, value = (part.transpose(1, 2) for part in parts.unbind(3))
        return turned(query, turn, self.rotary), turned(key, turn, self.rotary), value

    def mixed(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
        seen = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, is_causal=mask is None)
        return self.dense(seen.transpose(1, 2).flatten(2))


def turned(x: Tensor, turn: Tensor, rotary: int) -> Tensor:
    """Su et al.'s rotation (2021) of the first `rotary` numbers, in GPT-NeoX's layout of two halves."""
    first, second, rest = x.split([rotary // 2, rotary // 2, x.shape[-1] - rotary], -1)
    cos, sin = turn.unbind(0)
    return torch.cat([(first * cos - second * sin).to(x.dtype), (second * cos + first * sin).to(x.dtype), rest], -1)


class Perceptron(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.dense_h_to_4h = nn.Linear(shape.width, shape.feedForward)
        self.dense_4h_to_h = nn.Linear(shape.feedForward, shape.width)

    def forward(self, x: Tensor) -> Tensor:
        return self.dense_4h_to_h(F.gelu(self.dense_h_to_4h(x)))


class Layer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.sequential = shape.sequential
        self.input_layernorm = nn.LayerNorm(shape.width, NORM_EPSILON)
        self.post_attention_layernorm = nn.LayerNorm(shape.width, NORM_EPSILON)
        self.attention = Attention(shape)
        self.mlp = Perceptron(shape)

    def forward(self, x: Tensor, turn: Tensor, mask: Tensor | None) -> Tensor:
        attended = self.attention(self.input_layernorm(x).to(x.dtype), turn, mask)
        if self.sequential:
            x = x + attended
            return x + self.mlp(self.post_attention_layernorm(x).to(x.dtype))
        return x + attended + self.mlp(self.post_attention_layernorm(x).to(x.dtype))


class Body(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        # Weights come from elsewhere: drawing some, be it on the device that keeps none, loads torch's compiler, a second.
        self.embed_in = nn.Embedding.from_pretrained(torch.empty(shape.vocabulary, shape.width), freeze=False)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.final_layer_norm = nn.LayerNorm(shape.width, NORM_EPSILON)


class NeoX(nn.Module):
    def __init__(self, shape: Shape, length: int, recompute: bool = False) -> None:
        """`length`: the longest sequence. With `recompute`, layers are computed again in the backward pass (Chen et al. 2016)."""
        super().__init__()
        self.gpt_neox = Body(shape)
        self.embed_out = nn.Linear(shape.width, shape.vocabulary, bias=False)
        self.recompute = recompute
        self.register_buffer("turn", rotary_table(shape.rotary, length), persistent=False)

    def hidden(self, tokens: Tensor, starts: Tensor | None, resets: "Resets", dtype: torch.dtype) -> Tensor:
        """The stream behind the last layer, [samples, length, width], for tokens of [samples, length]."""
        length = tokens.shape[1]
        turn, mask = self.turn[:, :length], None
        if starts is not None:
            places = torch.arange(length, device=tokens.device)
            if resets.positions:
                turn = self.turn[:, places - starts].unsqueeze(2)
            if resets.attention:
                mask = ((places <= places[:, None]) & (places >= starts[..., None])).unsqueeze(1)
        x = self.gpt_neox.embed_in(tokens).to(dtype)
        for layer in self.gpt_neox.layers:
            x = checkpoint(layer, x, turn, mask, use_reentrant=False) if self.recompute else layer(x, turn, mask)
        return x

    def normed(self, hidden: Tensor) -> Tensor:
        return self.gpt_neox.final_layer_norm(hidden).to(hidden.dtype)

    def logits(self, hidden: Tensor) -> Tensor:
        return self.embed_out(self.normed(hidden))

    def loss(self, hidden: Tensor, labels: Tensor, weights: Tensor | None) -> Tensor:
        """Sum of the labels' losses in nats, each times its weight."""
        normed, labels = self.normed(hidden).flatten(0, 1), labels.flatten()
        weights = None if weights is None else weights.flatten()
        if hidden.device.type == "cpu":
            return head_loss(normed, self.embed_out.weight, labels, weights)
        losses = F.cross_entropy(self.embed_out(normed).float(), labels, reduction="none")
        return losses.sum() if weights is None else (losses * weights).sum()

    def forward(self, tokens: Tensor, labels: Tensor, starts: Tensor | None, weights: Tensor | None, resets: "Resets", dtype: torch.dtype) -> Tensor:
        return self.loss(self.hidden(tokens, starts, resets, dtype), labels, weights)


@dataclass(frozen=True)
class Resets:
    """As `Resets` of training/engines/engine.ts."""

    positions: bool = False
    attention: bool = False


def rotary_table(rotary: int, length: int) -> Tensor:
    """Cosines and sines, [2, length, rotary / 2], from angles in 64 bits."""
    powers = torch.arange(0, rotary, 2, dtype=torch.float64, device="cpu") / rotary
    angles = torch.arange(length, dtype=torch.float64, device="cpu")[:, None] / ROTARY_BASE**powers
    return torch.stack([angles.cos(), angles.sin()]).float()
