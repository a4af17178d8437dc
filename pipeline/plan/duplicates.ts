/**
 * What the search for duplicates holds and reads over all documents, reckoned as `dedupe/search.rs` cuts its jobs. Two samples
 * cannot show it: their tables are small, and each is sorted whole.
 */

/** Half of the records may be moved while they are sorted: bytes of a digest with its number, and of a band's hash with it. */
const DIGEST = 48
const BAND = 12
/** Records that a job of a small corpus sorts. */
const AT_ONCE = 2 ** 24
/** What reading a column again is reckoned with, as nothing here measures the disk: bytes a second. */
const DISK = 500e6
/** Bytes of a band's hash in a table of signatures. */
const COLUMN = 8

export interface DuplicateTables {
  /** Bytes at the most. */
  memory: number
  /** Bytes of the tables over all records, which cannot be parted. */
  whole: number
  /** The least `--memory` that the command takes. */
  least: number
  /** Seconds of reading columns once more, where a band is sorted in parts. */
  again: number
}

const BANDS = { ko: 16, datatrove: 14 }

export function duplicateTables(
  records: number,
  {
    dedupe,
    nearProfile,
    memory,
    workers,
  }: { dedupe: 'near' | 'exact' | 'off'; nearProfile: 'ko' | 'datatrove'; memory: number; workers: number },
): DuplicateTables {
  if (dedupe === 'off') return { memory: 0, whole: 0, least: 0, again: 0 }
  const whole = 4.25 * records
  const share = Math.max(memory / 2 - whole, memory / 8) / workers
  const bands = dedupe === 'near' ? BANDS[nearProfile] : 0
  const bandsAtOnce = Math.min(Math.max(1, Math.floor(AT_ONCE / Math.max(1, records))), Math.max(1, Math.ceil(bands / workers)))
  const parts = Math.max(1, Math.ceil((2 * BAND * records) / share))
  const copies = workers * Math.min(share, (DIGEST * records) / Math.max(1, Math.min(workers, records / (AT_ONCE / 16))))
  const edges = bands === 0 ? 0 : (workers * bandsAtOnce * BAND * records) / parts
  return { memory: whole + Math.max(copies / 2, edges), whole, least: 2 * whole, again: ((parts - 1) * bands * COLUMN * records) / DISK }
}
