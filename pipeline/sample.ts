/** `sample`: a synthetic Korean corpus with planted truth, file by file; each is sealed, so that it resumes. */

import PQueue from 'p-queue'
import { z } from 'zod'
import { Artifact } from '../core/artifact.ts'
import { interrupted } from '../core/errors.ts'
import { common, output, size } from '../core/options.ts'
import type { Session } from '../core/progress.ts'
import { partName } from '../core/units.ts'
import { io, native, type SealedFile } from '../native/index.ts'

export const sampleOptions = z.strictObject({
  output,
  size: size().default(64e6).meta({ help: 'bytes of JSON lines', placeholder: 'SIZE', shownDefault: '64MB' }),
  seed: z.coerce
    .number()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .default(1)
    .meta({ help: 'the same seed gives the same corpus', placeholder: 'N' }),
  workers: common.workers,
  overwrite: common.overwrite,
  quiet: common.quiet,
  json: common.json,
})

export type SampleOptions = z.output<typeof sampleOptions>

/** The files take turns, so that every way of reading is met: compressed in frames, split inside, gzip members. */
const FORMATS = ['jsonl.zst', 'jsonl', 'jsonl.zst', 'jsonl.gz'] as const

/** Text files in EUC-KR, one a 16 MB of the sample. */
const EUC_KR_EVERY = 16e6

interface PartRecord {
  documents: number
  bytes: number
  files: Record<string, SealedFile>
}

export interface SampleSummary {
  documents: number
  bytes: number
  files: number
  artifact: string
}

export async function sample(options: SampleOptions, session: Session): Promise<SampleSummary> {
  native.startWorkers(options.workers)
  const configuration = { size: options.size, seed: options.seed }
  const artifact = await Artifact.open(options.output, { kind: 'sample', configuration, inputs: [], overwrite: options.overwrite }, io)
  if (!artifact.done) {
    for (const folder of ['documents', 'euc-kr', 'parts', 'scratch']) await io.createFolder(artifact.path(folder))
    const sampler = new native.CorpusSampler(options.seed)
    const sizes = fileSizes(options.size, sampler.fileSize)
    const sealed = await artifact.sealed<PartRecord>('parts')
    session.progress.stage('sampling', options.size)

    const makeFile = async (size: number, number: number): Promise<PartRecord> => {
      if (session.signal.aborted) throw interrupted()
      const name = partName(number)
      const format = FORMATS[number % FORMATS.length] as string
      const path = `documents/${name}.${format}`
      const made = await sampler.writeFile(number, size, format, artifact.path(path), truthOf(artifact, number))
      const record = { documents: made.documents, bytes: made.bytes, files: { [path]: made.file, [`scratch/${name}.truth`]: made.truth } }
      await artifact.seal(artifact.path('parts', `${name}.done.json`), record)
      session.progress.advance({ of: made.bytes, docs: made.documents, bytes: made.bytes })
      return record
    }
    const queue = new PQueue({ concurrency: options.workers })
    const parts = await Promise.all(sizes.map((size, number) => sealed.get(partName(number)) ?? queue.add(() => makeFile(size, number))))

    const eucKr = Math.ceil(options.size / EUC_KR_EVERY)
    const eucKrTruth: Buffer[] = []
    for (let number = 0; number < eucKr; number++) {
      eucKrTruth.push(await sampler.writeEucKr(number, artifact.path('euc-kr', `${partName(number)}.txt`)))
    }
    await io.commitFile(artifact.path('scratch', 'euc-kr.truth'), Buffer.concat(eucKrTruth))
    const pieces = sizes.map((_, number) => truthOf(artifact, number))
    const truth = await native.joinFiles([...pieces, artifact.path('scratch', 'euc-kr.truth')], artifact.path('truth.jsonl'))
    const total = (key: 'documents' | 'bytes') => parts.reduce((sum, part) => sum + part[key], 0)
    await artifact.finish({ documents: total('documents'), bytes: total('bytes'), files: parts.length, truth })
  }
  await io.removeFolder(artifact.path('scratch'))
  const { documents, bytes, files } = artifact.record as unknown as SampleSummary
  return { documents, bytes, files, artifact: options.output }
}

function truthOf(artifact: Artifact, number: number): string {
  return artifact.path('scratch', `${partName(number)}.truth`)
}

/** Full files and a rest. */
function fileSizes(size: number, fileSize: number): number[] {
  return Array.from({ length: Math.ceil(size / fileSize) }, (_, i) => Math.min(fileSize, size - i * fileSize))
}
