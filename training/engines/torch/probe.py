"""What a Python has for the torch engine, as one line of JSON on stdout."""

import importlib
import json
import os
import sys

NEEDED = ("torch", "numpy", "safetensors")

out = os.dup(1)
os.dup2(2, 1)
missing, broken = [], None
for name in NEEDED:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing.append(error.name or name)
    except Exception as error:
        broken = f"{name}: {error}"
found = {"python": ".".join(map(str, sys.version_info[:3])), "missing": missing, "broken": broken, "gpus": []}
if not missing and not broken:
    import torch

    found["torch"] = torch.__version__
    for i in range(torch.cuda.device_count()):
        properties = torch.cuda.get_device_properties(i)
        found["gpus"].append({"name": properties.name, "memory": properties.total_memory, "bf16": torch.cuda.is_bf16_supported()})
os.write(out, json.dumps(found).encode() + b"\n")
