/** The Python that has the peers, once `make peers` has brought it. */

import { join, resolve } from 'node:path'

export const PEERS = process.env.KOPIPE_PEERS ?? join(resolve(import.meta.dirname, '..'), '.venv/bin/python')
