/** The report: its numbers are those of the documents, and text of the corpus cannot act in the page. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { html } from '../../core/page/html.ts'
import { folder, kopipe, koreanLines, lines } from '../kit.ts'

test('stats.json counts what the documents hold', async (t) => {
  const dir = folder(t)
  writeFileSync(join(dir, 'in.jsonl'), koreanLines(800, 31))
  await kopipe(['clean', join(dir, 'in.jsonl'), '-o', join(dir, 'clean'), '--quiet'])
  const { code, stderr } = await kopipe(['stats', join(dir, 'clean'), '-o', join(dir, 'report.html'), '--quiet', '--workers', '2'])
  assert.equal(code, 0, stderr)
  const texts = lines(join(dir, 'clean'), 'documents').map(({ text }) => text as string)
  const { documents } = JSON.parse(readFileSync(join(dir, 'stats.json'), 'utf8')) as { documents: { total: Record<string, unknown> } }
  const { docs, bytes, chars, eojeol, scripts } = documents.total
  assert.deepEqual(
    { docs, bytes, chars, eojeol },
    {
      docs: texts.length,
      bytes: texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
      chars: texts.reduce((sum, text) => sum + [...text].length, 0),
      eojeol: texts.reduce((sum, text) => sum + text.split(/\s+/).filter(Boolean).length, 0),
    },
  )
  assert.equal((scripts as { syllables: number }).syllables, texts.join('').match(/[가-힣]/g)?.length)
})

test('hostile names are text in the page, which asks nothing of any network', async (t) => {
  const dir = folder(t)
  const evil = '</title><script>alert(1)</script><img src=x onerror=alert(2)>'
  const record = { text: '이 문서는 악의적인 출처를 가지고 있습니다', source: evil }
  writeFileSync(join(dir, 'in.jsonl'), `${JSON.stringify(record)}\n`)
  await kopipe(['clean', join(dir, 'in.jsonl'), '-o', join(dir, 'clean'), '--quiet'])
  for (const lang of ['ko', 'en']) {
    await kopipe(['stats', join(dir, 'clean'), '-o', join(dir, 'report.html'), '--lang', lang, '--quiet'])
    const page = readFileSync(join(dir, 'report.html'), 'utf8')
    assert.ok(page.includes('&lt;script&gt;'))
    assert.ok(!/<script|<img|\son\w+=/i.test(page.replace(/&lt;.*?&gt;/g, '')))
    assert.ok(!/(?:src|href)\s*=\s*["']?(?:https?:)?\/\//i.test(page))
    assert.match(page, /Content-Security-Policy" content="default-src 'none'/)
  }
})

test('the template escapes whatever is put in', () => {
  assert.equal(
    html`<p title="${'"><b>'}">${['a'].map((x) => html`<i>${x}${'&'}</i>`)}</p>`.text,
    '<p title="&quot;&gt;&lt;b&gt;"><i>a&amp;</i></p>',
  )
})
