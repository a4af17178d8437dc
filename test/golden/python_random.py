"""What Python's random.Random gives, for training/model/mersenne-twister.ts: .venv/bin/python test/golden/python_random.py"""

import json
import pathlib
import random

ASKED = [(10, 3), (3665, 5), (4000, 10), (100, 50), (21, 5), (22, 5), (85, 6), (86, 6), (1, 1), (5, 0), (2**31, 2)]

golden = []
for seed in (0, 1, 1234, 2**32 - 1, 2**32 + 5):
    generator = random.Random(seed)
    # A seed is a key of 32-bit words, the lowest first.
    words = [seed % 2**32, seed >> 32] if seed >= 2**32 else [seed]
    numbers = [generator.random() for _ in range(3)]
    samples = [{"n": n, "k": k, "drawn": generator.sample(range(n), k)} for n, k in ASKED]
    # Far enough for the state to be renewed.
    later = [generator.random() for _ in range(1000)][-3:]
    golden.append({"seed": words, "numbers": numbers, "samples": samples, "later": later})
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
