"""The torch engine's process, one a GPU, driven by the loop in TypeScript.

The first process connects to the socket that KOPIPE_SOCKET names: a line of JSON a request, a line an answer, and after
`init` the first weights as fp32 numbers. The others are told each request by the first. Stdout is not part of it: whatever
libraries print there goes to stderr. Every process ends when the connection does.
"""

import errno
import json
import os
import signal
import socket
import traceback
from typing import TYPE_CHECKING

import torch
import torch.distributed as dist

from process import Place

if TYPE_CHECKING:
    from language import Language
    from trainer import Trainer


class Connection:
    """The first process's end of the socket."""

    def __init__(self, path: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.file = self.socket.makefile("rb", buffering=1 << 20)

    def request(self) -> dict:
        line = self.file.readline()
        return json.loads(line) if line else {"do": "close"}

    def read_into(self, view: memoryview) -> None:
        while view:
            count = self.file.readinto(view)
            if not count:
                raise EOFError("the loop has gone")
            view = view[count:]

    def answer(self, answer: dict) -> None:
        self.socket.sendall(json.dumps(answer, allow_nan=False).encode() + b"\n")


def main() -> None:
    os.dup2(2, 1)
    # An interrupt is the loop's matter: it saves, then closes the connection.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    place, control = join()
    connection = Connection(os.environ["KOPIPE_SOCKET"]) if place.rank == 0 else None
    worker = Worker(place, control, connection)
    while True:
        request = worker.told(connection.request() if connection else None)
        if request["do"] == "close":
            break
        try:
            answer = {"ok": worker.do(request)}
        except Exception as error:
            traceback.print_exc()
            if connection:
                connection.answer(refusal(error))
            # What a failed step left behind is no state to go on from.
            os._exit(1)
        if connection:
            connection.answer(answer)
    if place.world > 1:
        dist.destroy_process_group()


def join() -> tuple[Place, dist.ProcessGroup | None]:
    """This process's place, and how the first one tells the others what to do."""
    rank, world, local = (int(os.environ.get(name, default)) for name, default in (("RANK", 0), ("WORLD_SIZE", 1), ("LOCAL_RANK", 0)))
    gpu = torch.cuda.is_available()
    device = torch.device("cuda", local) if gpu else torch.device("cpu")
    if gpu:
        torch.cuda.set_device(device)
    if world == 1:
        return Place(rank, world, device), None
    dist.init_process_group("cpu:gloo,cuda:nccl" if gpu else "gloo")
    return Place(rank, world, device), dist.new_group(backend="gloo")


class Worker:
    def __init__(self, place: Place, control: dist.ProcessGroup | None, connection: Connection | None) -> None:
        self.place = place
        self.control = control
        self.connection = connection
        self.trainer: Trainer | None = None
        self.language: Language | None = None

    def told(self, request: dict | None) -> dict:
        if self.control is None:
            return request
        box = [json.dumps(request)]
        dist.broadcast_object_list(box, 0, self.control)
        return json.loads(box[0])

    def do(self, request: dict) -> dict:
        match request["do"]:
            case "init":
                # Not before it is wanted: what spreads weights over processes takes most of a second to load.
                from trainer import Trainer

                self.trainer = Trainer(self.place, request["setup"])
                self.trainer.first_weights(request["setup"]["names"], self.connection and self.connection.read_into, self.broadcast)
                return device_of(self.place, request["setup"]["precision"])
            case "step":
                done = self.trainer.step(request["step"], request["spans"], request["rate"], request["next"])
                return {**done, **memory_of(self.place.device)}
            case "evaluate":
                return self.trainer.evaluate(request["spans"])
            case "save":
                self.trainer.save(request["folder"])
            case "load":
                self.trainer.load(request["folder"])
            case "open":
                from language import Language

                self.language = Language(self.place.device, **request["model"])
                return device_of(self.place, "")
            case "score":
                return self.language.score(request["inputs"])
            case "next":
                return self.language.next(request["rows"])
            case other:
                raise ValueError(f"there is no request {other!r}")
        return {}

    def broadcast(self, tensor: torch.Tensor) -> None:
        if self.control is not None:
            dist.broadcast(tensor, 0, self.control)


def refusal(error: Exception) -> dict:
    message = str(error) or type(error).__name__
    if isinstance(error, torch.OutOfMemoryError):
        return {"error": "memory", "message": message}
    # PyTorch has no class for a machine whose memory is full.
    if isinstance(error, MemoryError) or "DefaultCPUAllocator" in message:
        return {"error": "machine-memory", "message": message}
    if "InvalidCxxCompiler" in message:
        what = "--compile wants a C++ compiler on a CPU, and none works here (c++, or what CXX names)"
        return {"error": "invalid", "message": f"{what}: install one, or leave it out"}
    if isinstance(error, OSError):
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        return {"error": "disk-full" if full else "io", "message": error.strerror or message, "path": error.filename}
    return {"error": "invalid" if isinstance(error, ValueError) else "internal", "message": message}


# Dense tensor-core rates of NVIDIA's data sheets, in bf16, by the names that devices give themselves.
# The first that is part of a name counts.
PEAKS = {
    "H100 PCIe": 756e12,
    "H100 NVL": 835e12,
    "H100": 989e12,
    "H200": 989e12,
    "B200": 2250e12,
    "A100": 312e12,
    "A800": 312e12,
    "A10": 125e12,
    "L40S": 362e12,
    "L4": 121e12,
    "4090": 165e12,
}


def device_of(place: Place, precision: str) -> dict:
    if place.device.type == "cpu":
        return {"name": f"CPU (PyTorch {torch.__version__}, {torch.get_num_threads()} threads)", "count": place.world, "peakFlops": None}
    name = torch.cuda.get_device_name(place.device)
    peak = next((flops for part, flops in PEAKS.items() if part in name), None)
    return {"name": name, "count": place.world, "peakFlops": peak if precision == "bf16" else None}


def memory_of(device: torch.device) -> dict:
    """Bytes that tensors took at the most."""
    return {"peakMemory": torch.cuda.max_memory_allocated(device)} if device.type == "cuda" else {}


if __name__ == "__main__":
    main()
