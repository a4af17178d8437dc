"""nanoGPT's training step at a shape of ours, on one batch: `nanogpt.py FOLDER` with karpathy/nanoGPT's model.py in it.

Its loop's arithmetic as train.py has it: passes under autocast, clipping, fused AdamW, gradients set to none. Prints what
bare.py prints of ours.
"""

import argparse
import contextlib
import json
import statistics
import sys
import time
from pathlib import Path

arguments = argparse.ArgumentParser()
arguments.add_argument("folder", type=Path)
arguments.add_argument("--shape", required=True, help="as JSON")
arguments.add_argument("--length", type=int, required=True)
arguments.add_argument("--batch", type=int, required=True)
arguments.add_argument("--pass-size", type=int, required=True)
arguments.add_argument("--steps", type=int, default=30)
arguments.add_argument("--warm-up", type=int, default=10)
arguments.add_argument("--precision", default="bf16")
arguments.add_argument("--eager", action="store_true")
options = arguments.parse_args()
sys.path.insert(0, str(options.folder))

import torch  # noqa: E402

from model import GPT, GPTConfig  # noqa: E402

kind = "cuda" if torch.cuda.is_available() else "cpu"
# As its train.py has it.
torch.backends.cuda.matmul.allow_tf32 = True
torch.backends.cudnn.allow_tf32 = True
shape = json.loads(options.shape)
assert shape["feedForward"] == 4 * shape["width"], "nanoGPT knows feed-forward layers of 4 d only"
torch.manual_seed(1)
with contextlib.redirect_stdout(sys.stderr):
    sizes = {"n_layer": shape["layers"], "n_head": shape["heads"], "n_embd": shape["width"], "vocab_size": shape["vocabulary"]}
    model = GPT(GPTConfig(block_size=options.length, bias=True, dropout=0.0, **sizes)).to(kind)
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in model.parameters() if p.dim() >= 2], "weight_decay": 0.1},
            {"params": [p for p in model.parameters() if p.dim() < 2], "weight_decay": 0.0},
        ],
        lr=1e-4,
        betas=(0.9, 0.95),
        fused=True,
    )
run = model if options.eager else torch.compile(model)
autocast = torch.autocast(kind, torch.bfloat16) if options.precision == "bf16" else contextlib.nullcontext()
tokens = torch.randint(shape["vocabulary"], (options.batch, options.length + 1), device=kind)
passes = range(0, options.batch, options.pass_size)
times = []
for _ in range(options.steps):
    start = time.perf_counter()
    for first in passes:
        part = tokens[first : first + options.pass_size]
        with autocast:
            _, loss = run(part[:, :-1], part[:, 1:].contiguous())
        (loss / len(passes)).backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    last = loss.item()
    times.append(time.perf_counter() - start)
seconds = statistics.median(times[options.warm_up :])
print(
    json.dumps(
        {
            "seconds": round(seconds, 5),
            "tokensPerSecond": round(options.batch * options.length / seconds),
            "peakMemory": torch.cuda.max_memory_allocated() if kind == "cuda" else 0,
            "loss": round(last, 4),
            "torch": torch.__version__,
            "device": torch.cuda.get_device_name() if kind == "cuda" else "CPU",
        }
    )
)
