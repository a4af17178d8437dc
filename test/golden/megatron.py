"""Megatron-core's own IndexedDataset reads a packed dataset: documents as it finds them, as one JSON object.

    python test/golden/megatron.py DATASET

Needs test/requirements-alone.txt. The class takes nothing from torch but a name to inherit from, and remote storage is not in
play: both are stood in for, so that no torch is needed. What reads, `_IndexReader` and `_MMapBinReader` with their assertions, is Megatron's.
"""

import hashlib
import importlib.metadata
import importlib.util
import json
import pathlib
import sys
import types


def stand_in(name: str, **attributes) -> types.ModuleType:
    module = types.ModuleType(name)
    vars(module).update(attributes)
    sys.modules[name] = module
    return module


def indexed_dataset():
    files = importlib.metadata.files("megatron-core") or []
    path = next(file.locate() for file in files if str(file).endswith("core/datasets/indexed_dataset.py"))
    data = stand_in("torch.utils.data", Dataset=object)
    stand_in("torch", utils=stand_in("torch.utils", data=data), Tensor=object, distributed=types.SimpleNamespace(is_initialized=lambda: False))
    for package in ("megatron", "megatron.core", "megatron.core.datasets"):
        stand_in(package, __path__=[])
    storage = "cache_index_file dataset_exists get_index_cache_path get_object_storage_access parse_s3_path".split()
    stand_in(
        "megatron.core.datasets.object_storage_utils",
        S3Config=object,
        ObjectStorageConfig=object,
        is_object_storage_path=lambda path: False,
        **{name: None for name in storage},
    )
    stand_in("megatron.core.msc_utils", MultiStorageClientFeature=types.SimpleNamespace(is_enabled=lambda: False))
    stand_in("megatron.core.utils", log_single_rank=lambda *args, **more: None)
    spec = importlib.util.spec_from_file_location("megatron.core.datasets.indexed_dataset", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(dataset: str) -> dict:
    module = indexed_dataset()
    folder = pathlib.Path(dataset)
    found = {"documents": 0, "tokens": 0}
    content = hashlib.sha256()
    for shard in json.loads((folder / "dataset.json").read_text())["shards"]:
        reader = module.IndexedDataset(str(folder / shard["prefix"]), mmap=True)
        bounds = reader.document_indices
        for first, end in zip(bounds, bounds[1:]):
            tokens = [token for sequence in range(first, end) for token in reader[sequence].tolist()]
            found["documents"] += 1
            found["tokens"] += len(tokens)
            content.update(json.dumps(tokens, separators=(",", ":")).encode())
    return {**found, "sha256": content.hexdigest()}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
