/** What `kopipe train --setup-torch` does, from the sources: `make peers` brings torch while the addon is built. */

import { silent } from '../core/progress.ts'
import { setUpTorch } from '../training/engines/torch-python.ts'

const { path, torch } = await setUpTorch(undefined, { ...silent, note: (line) => console.log(`torch: ${line}`) })
console.log(`torch ${torch}: ${path}`)
