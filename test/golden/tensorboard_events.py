"""What TensorBoard reads of folders: `tensorboard_events.py FOLDER...` → {folder: {files, events, scalars}} as JSON.

`events` counts what the file loader gives, CRCs checked, without leaving out anything; `scalars` is what the accumulator
keeps, [step, value, wall time] by tag.
"""

import json
import os
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader


def read(folder):
    files = sorted(os.listdir(folder))
    events = [event for name in files for event in EventFileLoader(os.path.join(folder, name)).Load()]
    accumulator = EventAccumulator(folder, size_guidance={"scalars": 0})
    accumulator.Reload()
    scalars = {
        tag: [[event.step, event.value, event.wall_time] for event in accumulator.Scalars(tag)]
        for tag in accumulator.Tags()["scalars"]
    }
    return {"files": files, "events": len(events), "scalars": scalars}


print(json.dumps({folder: read(folder) for folder in sys.argv[1:]}))
