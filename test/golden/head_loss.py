"""The CPU's loss against F.cross_entropy behind F.linear, on random numbers, as JSON on stdout: of each case the largest
difference of loss and gradients over the largest number."""

import itertools
import json
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

sys.path.insert(0, str(Path(__file__).parents[2] / "training/engines/torch"))
from head import head_loss  # noqa: E402

torch.set_num_threads(1)
torch.manual_seed(1)
cases = []
for places, dtype, weighted in itertools.product([1, 255, 256, 257, 1000], [torch.float32, torch.bfloat16], [False, True]):
    width, vocabulary = 48, 301
    hidden = (3 * torch.randn(places, width)).to(dtype).requires_grad_()
    layer = torch.randn(vocabulary, width).to(dtype).float().requires_grad_()
    labels = torch.randint(vocabulary, (places,))
    weights = torch.rand(places).round(decimals=1) if weighted else None

    def plain():
        losses = F.cross_entropy(F.linear(hidden, layer.to(dtype)).float(), labels, reduction="none")
        return losses.sum() if weights is None else (losses * weights).sum()

    results = []
    for loss in (plain, lambda: head_loss(hidden, layer, labels, weights)):
        with torch.autocast("cpu", torch.bfloat16, dtype == torch.bfloat16):
            value = loss() * 0.37
        results.append([value.detach(), *torch.autograd.grad(value, (hidden, layer))])
        with torch.no_grad():
            results[-1].append(loss())
    differences = [((a - b).abs().max() / b.abs().max()).item() for b, a in zip(*results)]
    cases.append({"places": places, "type": str(dtype).removeprefix("torch."), "weighted": weighted, "differences": differences})
json.dump(cases, sys.stdout)
