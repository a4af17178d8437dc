/** Bylines and footers through the command: cut in kept documents, counted outside the identity, said by the document. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Cut } from '../../core/ledger.ts'
import type { Fate } from '../../pipeline/explain/why.ts'
import { folder, kopipe, lines } from '../kit.ts'

const BODY =
  '정부는 오늘 새로운 청년 지원 정책을 발표했다. 이번 정책은 주거 안정과 취업 지원을 핵심으로 한다. 전문가들은 재원이 넉넉하지 않다고 보았고, ' +
  '현장에서는 절차가 번거롭다는 말이 나왔다. 장관은 내년까지 절차를 절반으로 줄이겠다고 말했다. 관련 법안은 다음 달 국회에 오른다.'
const NEWS = `[서울=뉴시스] 홍길동 기자 = ${BODY}\n\n홍길동 기자 hong@newsis.com\n<ⓒ 공감언론 뉴시스통신사. 무단전재-재배포 금지>`
const ABOUT = `홍길동 기자는 무단 전재 및 재배포 금지라는 문구를 기사마다 다는 까닭을 물었다. ${BODY}`

function write(path: string, texts: string[]): string {
  writeFileSync(path, texts.map((text, i) => `${JSON.stringify({ id: `n${i}`, text })}\n`).join(''))
  return path
}

test('clean cuts them, says how often, and counts what is cut; why tells it', async (t) => {
  const dir = folder(t)
  const input = write(join(dir, 'in.jsonl'), [NEWS, ABOUT, `${BODY}\n무단전재 금지`, '짧다'])
  const out = join(dir, 'out')
  const { code, summary, stderr } = await kopipe(['clean', input, '-o', out, '--dedupe', 'exact', '--json', '--quiet'])
  assert.equal(code, 0, stderr)
  assert.deepEqual(
    lines(out, 'documents').map(({ text, kopipe }) => [text, kopipe]),
    [
      [BODY, { cut: { byline: 2, footer: 1 }, cluster_size: 2 }],
      [ABOUT, undefined],
    ],
  )
  // The third is the first without its ends: what was cut from a duplicate counts no more.
  assert.equal(summary.dropped['exact-duplicate']?.docs, 1)
  const { byline, footer } = summary.cut as Record<string, Cut>
  const gone = Buffer.byteLength(NEWS) - Buffer.byteLength(BODY)
  assert.deepEqual([byline?.docs, byline?.hits, footer?.docs, footer?.hits], [1, 2, 1, 1])
  assert.equal((byline?.bytes ?? 0) + (footer?.bytes ?? 0), gone)
  const stages = (summary.funnel as { total: { stage: string; seconds: number }[] }).total
  assert.ok((stages.find(({ stage }) => stage === 'cut')?.seconds ?? 0) > 0)
  const [fate] = (await kopipe(['why', out, 'n0', '--json', '--quiet'])).summary.documents as Fate[]
  assert.deepEqual(fate?.steps.find(({ stage }) => stage === 'cut')?.text, BODY)
  const { stdout } = await kopipe(['clean', input, '-o', join(dir, 'told'), '--dedupe', 'exact'])
  assert.match(stdout, /cut footer +1 documents/)
})

test('a recipe cuts nothing unless it says so, and cleaning again changes nothing', async (t) => {
  const dir = folder(t)
  const input = write(join(dir, 'in.jsonl'), [NEWS])
  const recipe = join(dir, 'recipe.yaml')
  const cut = async (yaml: string, from: string, name: string) => {
    writeFileSync(recipe, yaml)
    assert.equal((await kopipe(['clean', from, '-o', join(dir, name), '--recipe', recipe, '--quiet'])).code, 0)
    return lines(join(dir, name), 'documents').map(({ text }) => text)
  }
  const off = 'clean:\n  mask:\n    style: "off"\n'
  assert.deepEqual(await cut(off, input, 'off'), [NEWS])
  assert.deepEqual(await cut(`${off}  cut:\n    footers: true\n`, input, 'footers'), [NEWS.slice(0, NEWS.indexOf('\n<'))])
  const both = `${off}  cut:\n    bylines: true\n    footers: true\n`
  assert.deepEqual(await cut(both, input, 'both'), [BODY])
  assert.deepEqual(await cut(both, join(dir, 'both'), 'again'), [BODY])
  assert.equal(
    readFileSync(join(dir, 'again/documents/00000.jsonl.zst')).equals(readFileSync(join(dir, 'both/documents/00000.jsonl.zst'))),
    true,
  )
  writeFileSync(recipe, `${off}  cut:\n    headers: true\n`)
  assert.equal((await kopipe(['clean', input, '-o', join(dir, 'bad'), '--recipe', recipe])).code, 2)
})
