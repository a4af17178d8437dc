"""What a Python has for the torch engine, as one line of JSON on stdout.

Importing torch takes seconds, and the processes that compute import it again: with `--quick` what is installed is looked up
instead, where there is no GPU to ask it for.
"""

import ctypes
import importlib
import json
import os
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

NEEDED = ("torch", "numpy", "safetensors")


def may_have_gpus() -> bool:
    """CUDA's part of torch wants the driver's library, ROCm's its device: without them it finds none."""
    if os.path.exists("/dev/kfd"):
        return True
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    return True


def looked_up() -> dict:
    missing = [name for name in NEEDED if find_spec(name) is None]
    return {"missing": missing, "broken": None, "gpus": []} | ({} if missing else {"torch": version("torch")})


def imported() -> dict:
    missing, broken = [], None
    for name in NEEDED:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            missing.append(error.name or name)
        except Exception as error:
            broken = f"{name}: {error}"
    found = {"missing": missing, "broken": broken, "gpus": []}
    if not missing and not broken:
        import torch

        found["torch"] = torch.__version__
        for i in range(torch.cuda.device_count()):
            properties = torch.cuda.get_device_properties(i)
            found["gpus"].append({"name": properties.name, "memory": properties.total_memory, "bf16": torch.cuda.is_bf16_supported()})
    return found


def found() -> dict:
    if "--quick" in sys.argv and not may_have_gpus():
        try:
            return looked_up()
        except PackageNotFoundError:
            # A torch that no package brought.
            pass
    return imported()


out = os.dup(1)
os.dup2(2, 1)
os.write(out, json.dumps({"python": ".".join(map(str, sys.version_info[:3])), **found()}).encode() + b"\n")
