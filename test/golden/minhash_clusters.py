"""datatrove's clusters of near-duplicates: its whole MinHash pipeline, as the partition that it ends in.

    python test/golden/minhash_clusters.py FILE.jsonl[.zst]|FOLDER OUT.json

Words are cut at white space; everything else is datatrove's default: shingles of five, 14 bands of 8, XXH64, one task, one
worker. OUT.json is a list of clusters, in order of their first members, each the sorted numbers of its documents (from
0, in input order; the files of a folder by name). Documents that are alone are left out. The last line printed is JSON:
documents, clusters, documents in clusters, and the seconds of each step.
"""

import json
import os
import struct
import sys
import tempfile
import time

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.readers import JsonlReader
from minhash import signatures


def adapter(_reader, data, path, number):
    """An empty text is none to the reader, which would leave it out of the numbering."""
    return {"text": data["text"] or " ", "id": f"{path}/{number}"}


def reader(path: str) -> JsonlReader:
    if os.path.isdir(path):
        return JsonlReader(path, glob_pattern="*.jsonl*", adapter=adapter)
    return JsonlReader(os.path.dirname(os.path.abspath(path)), glob_pattern=os.path.basename(path), adapter=adapter)


def partition(path: str, work: str) -> tuple[list[list[int]], dict[str, float]]:
    seconds: dict[str, float] = {}
    folder = {name: os.path.join(work, name) for name in ("signatures", "buckets", "clusters")}

    def run(name: str, *steps, tasks: int = 1) -> None:
        started = time.perf_counter()
        logs = os.path.join(work, "logs", name)
        LocalPipelineExecutor(list(steps), tasks=tasks, workers=1, logging_dir=logs, skip_completed=False).run()
        seconds[name] = round(time.perf_counter() - started, 2)

    run("signatures", reader(path), signatures(folder["signatures"]))
    bands = MinhashConfig().num_buckets
    run("buckets", MinhashDedupBuckets(folder["signatures"], folder["buckets"]), tasks=bands)
    run("clusters", MinhashDedupCluster(folder["buckets"], folder["clusters"], save_cluster_id=True))
    members: dict[int, list[int]] = {}
    written = os.path.join(folder["clusters"], "000000.clusters")
    if os.path.exists(written):
        with open(written, "rb") as file:
            for document, cluster in struct.iter_unpack("<2I", file.read()):
                members.setdefault(cluster, []).append(document)
    return sorted(sorted(documents) for documents in members.values()), seconds


def main() -> None:
    path, out = sys.argv[1:]
    with tempfile.TemporaryDirectory() as work:
        clusters, seconds = partition(path, work)
        with open(os.path.join(work, "logs", "signatures", "stats.json")) as file:
            read = next(step for step in json.load(file) if "READER" in step["name"])
    assert all(len(cluster) > 1 for cluster in clusters)
    with open(out, "w") as file:
        file.write("[" + ",\n".join(json.dumps(cluster, separators=(",", ":")) for cluster in clusters) + "]\n")
    documents = read["stats"]["documents"]["total"]
    print(json.dumps({"documents": documents, "clusters": len(clusters), "clustered": sum(map(len, clusters)), "seconds": seconds}))


if __name__ == "__main__":
    main()
