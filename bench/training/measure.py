"""Measures training on this machine's GPU with what lies beside: `python3 measure.py [--out FOLDER]`, a Python with torch.

Four parts, each printed as a line of JSON, and a table at the end:

- agrees      50 steps of the tiny preset in fp32 against jax-js's losses
- resumes     bf16, deterministic: stopped by a signal and resumed, against a run that was not, byte for byte
- speed       124M and 1.3B in bf16: the loop's tokens a second and MFU against the engine's step with nothing around it
- full        what is said where the GPU's memory is full
"""

import argparse
import hashlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHAPES = {
    "124M": {"layers": 12, "width": 768, "feedForward": 3072, "heads": 12, "rotary": 64, "vocabulary": 30080},
    "1.3B": {"layers": 24, "width": 2048, "feedForward": 8192, "heads": 16, "rotary": 64, "vocabulary": 30080},
}
# Of 989 TFLOP/s dense bf16 of an H100 or H200.
PUBLISHED = {"124M": "llm.c 35 %, nanoGPT 33 %, nanochat d12 41 %", "1.3B": "llm.c 44 % (1558M), nanochat d18 46 %"}
WARM_UP = 10

arguments = argparse.ArgumentParser()
arguments.add_argument("--out", type=Path, default=HERE / "results")
arguments.add_argument("--steps", type=int, default=40, help="of each speed run")
arguments.add_argument("--only", default="agrees,resumes,speed,full")
options = arguments.parse_args()
options.out.mkdir(parents=True, exist_ok=True)
work = Path(tempfile.mkdtemp(prefix="kopipe-gpu-"))
results: dict = {}


def main() -> None:
    began = time.time()
    with tarfile.open(HERE / "bundle.tar.xz") as bundle:
        bundle.extractall(work, filter="data")
    tell("unpacked", {"seconds": round(time.time() - began, 1)})
    for part in options.only.split(","):
        began = time.time()
        try:
            {"agrees": agrees, "resumes": resumes, "speed": speed, "full": full}[part]()
        except Exception as error:
            tell(f"{part} failed", {"error": str(error)[-3000:]})
        tell(f"{part} took", {"seconds": round(time.time() - began, 1)})
    table()


def kopipe(*args: object, stop_at: int | None = None, out: Path | None = None) -> tuple[int, dict, str]:
    """The command's exit code, its summary and what it said; with `stop_at` it is sent SIGTERM at that step."""
    command = [work / "kopipe/node", work / "kopipe/dist/cli/main.js", *args, "--json"]
    child = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "KOPIPE_PYTHON": sys.executable})
    if stop_at is not None:
        while child.poll() is None and not any(line.get("step", 0) >= stop_at for line in metrics(out)):
            time.sleep(0.01)
        child.send_signal(signal.SIGTERM)
    stdout, stderr = child.communicate()
    last = stdout.strip().split("\n")[-1]
    return child.returncode, json.loads(last) if last.startswith("{") else {}, stderr


def train(out: Path, *args: object, **more) -> tuple[int, dict, str]:
    return kopipe("train", work / "kopipe/data", "-o", out, "--engine", "torch", "--validate-every", 1000, *args, **more, out=out)


def metrics(out: Path) -> list[dict]:
    path = out / "metrics.jsonl"
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    return [json.loads(line) for line in lines]


def agrees() -> None:
    out = work / "fp32"
    code, _, stderr = train(out, "--preset", "tiny", "--steps", 50, "--precision", "fp32", "--rollbacks", 0)
    assert code == 0, stderr
    expected = [json.loads(line)["loss"] for line in (HERE / "expected.jsonl").read_text().split("\n") if '"loss"' in line]
    came = [line["loss"] for line in metrics(out) if "loss" in line]
    assert len(came) == len(expected) == 50
    apart = max(abs(a - b) for a, b in zip(came, expected))
    tell("agrees", {"steps": 50, "largestDifference": apart, "within": 1e-4, "ok": apart <= 1e-4})


def resumes() -> None:
    args = ("--preset", "tiny", "--steps", 60, "--deterministic", "--precision", "bf16")
    whole, cut = work / "whole", work / "cut"
    code, _, stderr = train(whole, *args)
    assert code == 0, stderr
    code, _, stderr = train(cut, *args, stop_at=20)
    assert code == 130, (code, stderr)
    stopped = max(line["step"] for line in metrics(cut))
    code, _, stderr = train(cut, *args)
    assert code == 0, stderr
    digests = [digest(out / "checkpoints/step-000060/model.safetensors") for out in (whole, cut)]
    tell("resumes", {"stoppedAt": stopped, "of": 60, "ok": digests[0] == digests[1] and stopped < 60})


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def speed() -> None:
    for preset, batch in (("124M", 32), ("1.3B", 16)):
        out = work / preset
        args = ("--preset", preset, "--steps", options.steps, "--batch-size", batch, "--rollbacks", 0, "--save-every", 100000)
        code, summary, stderr = train(out, *args)
        assert code == 0, stderr
        lines = [line for line in metrics(out) if "loss" in line]
        times = [after["seconds"] - before["seconds"] for before, after in zip(lines[WARM_UP:], lines[WARM_UP + 1 :])]
        plan = next(line for line in stderr.split("\n") if " at a time" in line)
        micro = int(plan.split(" at a time")[0].split(" ")[-1])
        loop = {
            "seconds": statistics.median(times),
            "meanSeconds": round((lines[-1]["seconds"] - lines[WARM_UP]["seconds"]) / (len(lines) - 1 - WARM_UP), 5),
            "mfu": statistics.median(line["mfu"] for line in lines[WARM_UP:] if line.get("mfu")),
            "peakMemory": lines[-1].get("peak_memory"),
            "loss": [lines[0]["loss"], lines[-1]["loss"]],
            "saveSeconds": summary.get("saving", {}).get("seconds"),
        }
        subprocess.run(["rm", "-rf", out])
        bare = json.loads(
            subprocess.run(
                [sys.executable, HERE / "bare.py", work / "kopipe/dist/training/engines/torch", "--shape", json.dumps(SHAPES[preset])]
                + ["--batch", str(batch), "--pass-size", str(micro), "--steps", str(options.steps), "--warm-up", str(WARM_UP)],
                stdout=subprocess.PIPE,
                check=True,
                text=True,
                env={**os.environ, "PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True"},
            ).stdout
        )
        tokens = batch * 2048
        tell(
            f"speed {preset}",
            {
                "plan": plan,
                "loop": {**loop, "tokensPerSecond": round(tokens / loop["meanSeconds"])},
                "bare": bare,
                "loopCosts": round(loop["meanSeconds"] / bare["meanSeconds"] - 1, 4),
                "published": PUBLISHED[preset],
            },
        )


def full() -> None:
    out = work / "full"
    code, _, stderr = train(out, "--preset", "124M", "--steps", 2, "--batch-size", 1024, "--micro-batch", 1024, "--rollbacks", 0)
    said = "memory is full" in stderr or "GB a process at the least" in stderr
    tell("full", {"code": code, "said": stderr.strip().split("\n")[-2:], "ok": code == 1 and said})


def tell(name: str, what: dict) -> None:
    results[name] = what
    print(json.dumps({name: what}), flush=True)
    (options.out / "results.json").write_text(json.dumps(results, indent=1))


def table() -> None:
    print("\n| model | tokens/s | MFU | peak memory | the loop costs | published MFU, H100 |\n|---|---|---|---|---|---|")
    for preset in SHAPES:
        found = results.get(f"speed {preset}")
        if found:
            loop = found["loop"]
            memory = f"{loop['peakMemory'] / 1e9:.1f} GB"
            print(f"| {preset} | {loop['tokensPerSecond']:,} | {100 * loop['mfu']:.1f} % | {memory} | {100 * found['loopCosts']:.2f} % | {found['published']} |")


main()
