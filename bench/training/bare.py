"""The torch engine's step with nothing around it: no loop, no socket, one batch that lies on the GPU already.

What the loop costs is its time against this one's. Prints a line of JSON: seconds a step (median of those behind the
first `--warm-up`), tokens a second, MFU, peak memory.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

arguments = argparse.ArgumentParser()
arguments.add_argument("engine", type=Path, help="the folder of worker.py")
arguments.add_argument("--shape", required=True, help="as JSON")
arguments.add_argument("--length", type=int, default=2048)
arguments.add_argument("--batch", type=int, required=True)
arguments.add_argument("--pass-size", type=int, required=True)
arguments.add_argument("--steps", type=int, default=30)
arguments.add_argument("--warm-up", type=int, default=10)
arguments.add_argument("--precision", default="bf16")
arguments.add_argument("--recompute", action="store_true")
arguments.add_argument("--eager", action="store_true")
arguments.add_argument("--attention", help="flash or cudnn alone")
arguments.add_argument("--peak", type=float, default=989e12, help="FLOP/s that MFU is of")
arguments.add_argument("--profile", action="store_true")
options = arguments.parse_args()
sys.path.insert(0, str(options.engine))

import torch  # noqa: E402
from torch.nn.attention import SDPBackend  # noqa: E402

from shards import Samples  # noqa: E402
from trainer import Place, Trainer  # noqa: E402


class OneBatch:
    """In place of shards."""

    def __init__(self, vocabulary: int, device: torch.device) -> None:
        tokens = torch.randint(vocabulary, (options.batch, options.length + 1), device=device)
        self.samples = Samples(tokens[:, :-1].contiguous(), tokens[:, 1:].contiguous(), None, None)

    def counted(self, spans: list) -> int:
        return options.batch * options.length

    def gather(self, spans: list) -> Samples:
        return self.samples


device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
shape = json.loads(options.shape)
with torch.random.fork_rng():
    trainer = Trainer(
        Place(0, 1, device),
        {
            "shape": shape,
            "resets": {},
            "precision": options.precision,
            "optimizer": {"beta1": 0.9, "beta2": 0.95, "epsilon": 1e-8, "weightDecay": 0.1, "clip": 1.0},
            "passSize": options.pass_size,
            "deterministic": False,
            "length": options.length,
            "recompute": options.recompute,
            "compile": not options.eager,
            "shard": False,
            "decays": [],
            "train": None,
            "valid": None,
        },
    )
torch.manual_seed(1)
with torch.no_grad():
    for name, parameter in trainer.parameters.items():
        if parameter.dim() == 2:
            parameter.normal_(0, 0.02)
        else:
            parameter.fill_(1.0 if "norm" in name and name.endswith("weight") else 0.0)
trainer.train = OneBatch(shape["vocabulary"], device)
if options.attention:
    trainer.backends = [{"flash": SDPBackend.FLASH_ATTENTION, "cudnn": SDPBackend.CUDNN_ATTENTION}[options.attention], SDPBackend.MATH]

spans = [[0, 0, 1]] * options.batch
times = []
began = time.perf_counter()
for step in range(1, options.steps + 1):
    start = time.perf_counter()
    result = trainer.step(step, spans, 1e-4, [])
    times.append(time.perf_counter() - start)
    if step == 1:
        first = time.perf_counter() - began
if options.profile:
    with torch.profiler.profile() as profile:
        trainer.step(options.steps + 1, spans, 1e-4, [])
    print(profile.key_averages().table(sort_by="cuda_time_total", row_limit=30, max_name_column_width=90), file=sys.stderr)

seconds = statistics.median(times[options.warm_up :])
tokens = options.batch * options.length
d, layers = shape["width"], shape["layers"]
without_embedding = sum(parameter.numel() for parameter in trainer.parameters.values()) - shape["vocabulary"] * d
flops = 6 * without_embedding + 12 * layers * d * options.length
peak_memory = torch.cuda.max_memory_allocated() if device.type == "cuda" else 0
print(
    json.dumps(
        {
            "seconds": round(seconds, 5),
            "meanSeconds": round(statistics.mean(times[options.warm_up :]), 5),
            "tokensPerSecond": round(tokens / seconds),
            "mfu": round(tokens / seconds * flops / options.peak, 4),
            "peakMemory": peak_memory,
            "firstStep": round(first, 1),
            "loss": round(result["loss"], 4),
            "torch": torch.__version__,
            "device": torch.cuda.get_device_name() if device.type == "cuda" else "CPU",
        }
    )
)
