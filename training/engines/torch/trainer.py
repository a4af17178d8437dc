"""What the loop asks of this engine: steps, losses, checkpoints. Parameters, moments and gradients are fp32; with bf16 the
matrix products and the residual stream are in bf16 by autocast.

Layers are compiled one by one, which takes seconds where the whole model takes minutes, and leaves them to FSDP2 and to
recomputation as they are. While the GPU computes a step, the next one's samples are gathered and copied.
"""

import contextlib

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.parallel import DistributedDataParallel

from model import NeoX, Resets, Shape, rotary_table
from process import Place, told
from shards import Samples, Shards
from tensors import read, receive, whole, write


class Trainer:
    def __init__(self, place: Place, setup: dict) -> None:
        shape = Shape(**setup["shape"])
        self.place = place
        self.resets = Resets(**setup["resets"])
        self.dtype = torch.bfloat16 if setup["precision"] == "bf16" else torch.float32
        self.optimizer_of = setup["optimizer"]
        # Samples of this process that one pass takes.
        self.pass_size = setup["passSize"]
        deterministic(setup["deterministic"])
        self.backends = attention_backends(place.device, setup["deterministic"])

        with torch.device("meta"):
            model = NeoX(shape, setup["length"], setup["recompute"])
        if setup["compile"]:
            compile_parts(model, place.device)
        if setup["shard"]:
            policy = MixedPrecisionPolicy(param_dtype=self.dtype, reduce_dtype=torch.float32, cast_forward_inputs=False)
            for layer in model.gpt_neox.layers:
                fully_shard(layer, mp_policy=policy)
            fully_shard(model, mp_policy=policy)
        model.to_empty(device=place.device)
        model.turn = rotary_table(shape.rotary, setup["length"]).to(place.device)
        self.model = model
        self.parameters = dict(model.named_parameters())
        spread = place.world > 1 and not setup["shard"]
        self.run = DistributedDataParallel(model, gradient_as_bucket_view=True) if spread else model
        self.sharded = setup["shard"]

        decays = [self.parameters[name] for name in setup["decays"]]
        rest = [parameter for name, parameter in self.parameters.items() if name not in set(setup["decays"])]
        groups = [
            {"params": decays, "weight_decay": self.optimizer_of["weightDecay"]},
            {"params": rest, "weight_decay": 0.0},
        ]
        betas = (self.optimizer_of["beta1"], self.optimizer_of["beta2"])
        self.optimizer = torch.optim.AdamW(groups, lr=0.0, betas=betas, eps=self.optimizer_of["epsilon"], fused=True)
        for parameter in self.parameters.values():
            zeros = {"exp_avg": torch.zeros_like(parameter), "exp_avg_sq": torch.zeros_like(parameter)}
            self.optimizer.state[parameter] = {"step": torch.zeros((), device=place.device), **zeros}
        self.steps = 0
        self.ahead: tuple[list, Samples] | None = None

        def shards(split: dict | None) -> Shards | None:
            return None if split is None else Shards(**split, length=setup["length"], pin=place.device.type == "cuda")

        self.train, self.valid = shards(setup["train"]), shards(setup["valid"])

    def first_weights(self, names: list[str], read_into, broadcast) -> None:
        receive(read_into, (self.parameters[name] for name in names), broadcast)

    def step(self, step: int, spans: list, rate: float, following: list) -> dict:
        """Optimizer step `step`, counted from 1: the mean loss of the whole batch before it, and the gradient's length."""
        mine, counted = self.mine(spans), self.train.counted(spans)
        samples = self.ahead[1] if self.ahead and self.ahead[0] == mine else self.train.gather(mine)
        # Processes' gradients are averaged, where a sum is wanted.
        scale = self.place.world / max(counted, 1)
        loss = torch.zeros((), device=self.place.device)
        passes = range(0, len(mine), self.pass_size)
        for first in passes:
            last = first + self.pass_size >= len(mine)
            with self.together(last), self.computing():
                part = samples.part(first, first + self.pass_size, self.place.device)
                share = self.run(part.tokens, part.labels, part.starts, part.weights, self.resets, self.dtype) * scale
            with self.together(last), sdpa_kernel(self.backends, set_priority=True):
                share.backward()
            loss += share.detach()
        norm = whole(torch.nn.utils.clip_grad_norm_(self.parameters.values(), self.optimizer_of["clip"]))
        if step != self.steps + 1:
            for state in self.optimizer.state.values():
                state["step"].fill_(step - 1)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.steps = step
        # The GPU is busy with all this still.
        coming = self.mine(following)
        self.ahead = (coming, self.train.gather(coming)) if coming else None
        return {"loss": told(self.averaged(loss)), "gradientNorm": told(norm.item())}

    @torch.no_grad()
    def evaluate(self, spans: list) -> dict:
        mine, counted = self.mine(spans), self.valid.counted(spans)
        samples = self.valid.gather(mine)
        loss = torch.zeros((), device=self.place.device)
        for first in range(0, len(mine), self.pass_size):
            with self.computing():
                part = samples.part(first, first + self.pass_size, self.place.device)
                loss += self.model(part.tokens, part.labels, part.starts, part.weights, self.resets, self.dtype)
        return {"loss": told(self.averaged(loss * (self.place.world / max(counted, 1))))}

    def save(self, folder: str) -> None:
        first = self.place.rank == 0
        write(f"{folder}/model.safetensors", self.parameters.items(), first)
        write(f"{folder}/optimizer.safetensors", self.moments(), first)

    def load(self, folder: str) -> None:
        read(f"{folder}/model.safetensors", self.parameters.items())
        read(f"{folder}/optimizer.safetensors", self.moments())
        # What step comes next says the next step.
        self.steps = -1

    def moments(self):
        for name, key in (("first", "exp_avg"), ("second", "exp_avg_sq")):
            for parameter, tensor in self.parameters.items():
                yield f"{name}.{parameter}", self.optimizer.state[tensor][key]

    def mine(self, spans: list) -> list:
        """Neighbours, so that all processes in their order are the batch."""
        share = len(spans) // self.place.world
        return spans[self.place.rank * share : (self.place.rank + 1) * share]

    def averaged(self, value: Tensor) -> float:
        if self.place.world > 1:
            dist.all_reduce(value)
            value = value / self.place.world
        return value.item()

    @contextlib.contextmanager
    def computing(self):
        kind = self.place.device.type
        with sdpa_kernel(self.backends, set_priority=True), torch.autocast(kind, torch.bfloat16, self.dtype == torch.bfloat16):
            yield

    @contextlib.contextmanager
    def together(self, last: bool):
        """Processes exchange gradients in the last pass alone."""
        if self.sharded:
            self.model.set_requires_gradient_sync(last)
        if last or self.run is self.model:
            yield
        else:
            with self.run.no_sync():
                yield


def compile_parts(model: NeoX, device: torch.device) -> None:
    for layer in model.gpt_neox.layers:
        layer.compile(dynamic=False)
    # A CPU's loss is made in pieces as it is (head.py).
    if device.type == "cuda":
        model.loss = torch.compile(model.loss, dynamic=False)


def attention_backends(device: torch.device, deterministic: bool) -> list[SDPBackend]:
    """By preference. On Hopper and later cuDNN's kernels are the fastest, before it flash attention's; both want bf16."""
    fused = [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION]
    if device.type == "cuda" and torch.cuda.get_device_capability(device)[0] >= 9 and not deterministic:
        fused = [SDPBackend.CUDNN_ATTENTION, *fused]
    return [*fused, SDPBackend.MATH]


def deterministic(on: bool) -> None:
    torch.use_deterministic_algorithms(on)
    torch.backends.cudnn.deterministic = on
    torch.backends.cudnn.benchmark = False
