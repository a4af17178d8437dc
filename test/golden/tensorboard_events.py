"""What TensorBoard reads of folders: `tensorboard_events.py FOLDER...` → {folder: {files, events, scalars}} as JSON.
`tensorboard_events.py --watch EARLIER LATER` → the scalars of one that has read the first when it becomes the second.

`events` counts what the file loader gives, CRCs checked, without leaving out anything; `scalars` is what the accumulator
keeps, [step, value, wall time] by tag.
"""

import json
import os
import shutil
import sys
import tempfile

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader


def scalars(accumulator):
    accumulator.Reload()
    return {
        tag: [[event.step, event.value, event.wall_time] for event in accumulator.Scalars(tag)]
        for tag in accumulator.Tags()["scalars"]
    }


def read(folder):
    files = sorted(os.listdir(folder))
    events = [event for name in files for event in EventFileLoader(os.path.join(folder, name)).Load()]
    return {"files": files, "events": len(events), "scalars": scalars(EventAccumulator(folder, size_guidance={"scalars": 0}))}


def watch(earlier, later):
    with tempfile.TemporaryDirectory() as folder:
        accumulator = EventAccumulator(folder, size_guidance={"scalars": 0})
        shutil.copytree(earlier, folder, dirs_exist_ok=True)
        scalars(accumulator)
        shutil.copytree(later, folder, dirs_exist_ok=True)
        return scalars(accumulator)


if sys.argv[1] == "--watch":
    print(json.dumps(watch(*sys.argv[2:])))
else:
    print(json.dumps({folder: read(folder) for folder in sys.argv[1:]}))
