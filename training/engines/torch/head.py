"""Cross-entropy behind the output layer on a CPU, some places at a time: logits of all never stand at once.

A gradient of [places, vocabulary], filled and passed over again in memory fresh from the system, costs as much as the products
do; so each piece's is made where its logits lie, in the forward pass (Liger Kernel's fused linear cross-entropy, Hsu et al.
2024). Of the time of `F.linear` and `F.cross_entropy` it takes half at width 128, .7 to .85 at 384 and 768. A GPU's compiled loss
is left as it is.
"""

import torch
from torch import Tensor

# Places at a time: the layer's weights are read three times for each piece, which from here on no longer shows.
PIECE = 256


def head_loss(hidden: Tensor, layer: Tensor, labels: Tensor, weights: Tensor | None) -> Tensor:
    """Sum of the labels' losses in nats, each times its weight. Of the hidden stream [places, width], the output layer
    [vocabulary, width], labels and weights [places]. Products are in the precision of `hidden`, the loss is fp32."""
    return HeadLoss.apply(hidden, layer, labels, weights, torch.is_grad_enabled())


class HeadLoss(torch.autograd.Function):
    @staticmethod
    def forward(ctx, hidden: Tensor, layer: Tensor, labels: Tensor, weights: Tensor | None, learns: bool) -> Tensor:
        matrix = layer.to(hidden.dtype)
        losses = torch.empty(len(labels))
        of_hidden, of_layer = (torch.empty_like(hidden), torch.zeros_like(layer)) if learns else (None, None)
        logits, room = torch.empty(PIECE, len(layer), dtype=hidden.dtype), torch.empty(PIECE, len(layer))
        for first in range(0, len(labels), PIECE):
            piece = slice(first, first + PIECE)
            rows, label = hidden[piece], labels[piece, None]
            scores = torch.mm(rows, matrix.t(), out=logits[: len(rows)])
            logprobs = torch.log_softmax(scores.float(), 1, out=room[: len(rows)])
            losses[piece] = -logprobs.gather(1, label)[:, 0]
            if learns:
                gradient = logprobs.exp_().scatter_add_(1, label, torch.full(label.shape, -1.0))
                if weights is not None:
                    gradient *= weights[piece, None]
                gradient = gradient.to(hidden.dtype)
                torch.mm(gradient, matrix, out=of_hidden[piece])
                of_layer.addmm_(gradient.t().to(layer.dtype), rows.to(layer.dtype))
        ctx.save_for_backward(of_hidden, of_layer)
        return losses.sum() if weights is None else (losses * weights).sum()

    @staticmethod
    def backward(ctx, share: Tensor) -> tuple[Tensor, Tensor, None, None, None]:
        of_hidden, of_layer = ctx.saved_tensors
        return of_hidden * share.to(of_hidden.dtype), of_layer * share.to(of_layer.dtype), None, None, None
