/** The design's table of what goes wrong, row by row, for the inputs that commands can meet; `clean` stands for all that read the same way. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { campaign, folder, kopipe, koreanLines, lines, random, tree, withNearDuplicates } from '../kit.ts'

test('records that are no documents go to the rejects with file, offset and why', async (t) => {
  const dir = folder(t)
  const good = '{"text":"이것은 멀쩡한 문서입니다 정말로"}'
  const bad: [Buffer | string, RegExp][] = [
    ['not json', /not a JSON object/],
    ['{"text":5}', /is a number, not a string/],
    ['{"body":"텍스트 키가 없습니다"}', /no key "text"/],
    [Buffer.concat([Buffer.from('{"text":"'), Buffer.from([0xb0, 0xa1, 0xc7]), Buffer.from('"}')]), /not text in a known encoding/],
    [`{"text":"깊은 문서","x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, /nested deeper than 128/],
  ]
  const input = join(dir, 'in.jsonl')
  writeFileSync(
    input,
    Buffer.concat([...bad.map(([line]) => line), good].flatMap((line) => [Buffer.from(line as string), Buffer.from('\n')])),
  )
  const { code, summary } = await kopipe(['clean', input, '-o', join(dir, 'out'), '--json', '--quiet'])
  assert.equal(code, 0, 'the run goes on')
  assert.equal(summary.malformed.docs, bad.length)
  let offset = 0
  for (const [i, reject] of lines(join(dir, 'out'), 'rejects').entries()) {
    const k = reject.kopipe as { why: string; file: string; offset: number }
    assert.match(k.why, bad[i]?.[1] as RegExp)
    assert.deepEqual([k.file, k.offset], [input, offset])
    offset += Buffer.byteLength(bad[i]?.[0] ?? '') + 1
  }
})

test('a document over the limit is dropped as too-long, its first megabyte kept', async (t) => {
  const dir = folder(t)
  const input = join(dir, 'in.jsonl.zst')
  const long = JSON.stringify({ id: 'long', text: '가'.repeat(1_000_000) })
  const huge = JSON.stringify({ id: 'huge', text: '나'.repeat(4_000_000) })
  writeFileSync(input, zstdCompressSync(`${long}\n${huge}\n{"text":"짧지만 충분히 긴 문서입니다"}\n`))
  const run = await kopipe(['clean', input, '-o', join(dir, 'out'), '--json', '--quiet', '--max-document', '2MB', '--memory', '200MB'])
  assert.equal(run.code, 0, run.stderr)
  assert.deepEqual(run.summary.dropped['too-long'], { docs: 2, bytes: 3_000_000 + Buffer.byteLength(huge) + 1 })
  for (const reject of lines(join(dir, 'out'), 'rejects')) {
    const head = (reject.text ?? reject.raw) as string
    assert.ok(Buffer.byteLength(head) <= 2 ** 20 && Buffer.byteLength(head) > 2 ** 20 - 4)
  }
})

const TOKENIZER = join(import.meta.dirname, '..', 'golden', 'tokenizer', 'korean.json')

for (const [command, ...flags] of [
  ['clean', '--recipe', 'none'],
  ['tokenize', '--vocab-size', '1000'],
  ['pack', '--tokenizer', TOKENIZER],
] as const) {
  test(`damaged compressed input: what can be read goes through ${command}, exit 1 says where`, async (t) => {
    const dir = folder(t)
    const text = koreanLines(20_000, 11)
    for (const [name, whole] of [
      ['in.jsonl.gz', gzipSync(text)],
      ['in.jsonl.zst', zstdCompressSync(text)],
    ] as const) {
      const truncated = whole.subarray(0, Math.floor(whole.length * 0.6))
      const flipped = Buffer.from(whole)
      flipped.fill(0xff, Math.floor(whole.length * 0.6), Math.floor(whole.length * 0.6) + 64)
      for (const [kind, bytes] of [
        ['truncated', truncated],
        ['corrupt', flipped],
      ] as const) {
        const input = join(dir, `${kind}-${name}`)
        writeFileSync(input, bytes)
        const out = join(dir, `out-${kind}-${name}`)
        const { code, stderr, summary } = await kopipe([command, input, '-o', out, ...flags, '--json', '--quiet'])
        assert.equal(code, 1)
        assert.match(stderr, new RegExp(`${kind}-${name} after \\d+ decoded bytes`))
        assert.ok(summary.kept.docs > 5000, `${kind} ${name}: ${summary.kept.docs} documents`)
        assert.equal(lines(out, 'rejects').length, summary.read.docs - summary.kept.docs, 'the record that was cut among them')
        const allowed = ['--allow-corrupt', '--quiet']
        assert.equal((await kopipe([command, input, '-o', out, ...flags, ...allowed])).code, 0, 'of what is done')
        assert.equal((await kopipe([command, input, '-o', `${out}-anew`, ...flags, ...allowed])).code, 0, 'from the start')
      }
    }
  })
}

test('a zip bomb and endless lines stay within memory', async (t) => {
  const dir = folder(t)
  const input = join(dir, 'bomb.jsonl.zst')
  // 1 GB of one line, in 35 kB.
  writeFileSync(
    input,
    Buffer.concat([
      ...Array.from({ length: 16 }, () => zstdCompressSync(Buffer.alloc(64e6, 'x'))),
      zstdCompressSync('\n{"text":"폭탄 뒤에 온 문서입니다"}\n'),
    ]),
  )
  let peak = 0
  const run = await kopipe(['clean', input, '-o', join(dir, 'out'), '--json', '--quiet', '--max-document', '8MB', '--memory', '300MB'], {
    started: (child) => {
      const watch = setInterval(() => {
        try {
          const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
          peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024)
        } catch {
          clearInterval(watch)
        }
      }, 20)
      child.on('close', () => clearInterval(watch))
    },
  })
  assert.equal(run.code, 0, run.stderr)
  assert.equal(run.summary.kept.docs, 1)
  assert.equal(run.summary.dropped['too-long']?.bytes, 16 * 64e6 + 1)
  assert.ok(peak < 300e6, `peak RSS ${peak}`)
})

test('disk full, input/output errors and a crash at any operation: a clear stop, then the same command finishes', async (t) => {
  const dir = folder(t)
  const input = join(dir, 'in.jsonl')
  writeFileSync(input, withNearDuplicates(koreanLines(3000, 5)))
  const args = (out: string, dedupe: string) => [
    'clean',
    input,
    '-o',
    join(dir, out),
    '--quiet',
    '--unit-size',
    '200KB',
    '--dedupe',
    dedupe,
    ...(dedupe === 'near' ? ['--keep-index'] : []),
  ]
  const reference = new Map<string, Map<string, string>>()
  // Without duplicates to find, the first pass writes the documents.
  for (const dedupe of ['near', 'off']) {
    await kopipe(args(dedupe, dedupe))
    reference.set(dedupe, tree(join(dir, dedupe)))
  }
  const next = random(99)
  const rounds = campaign(6, 12)
  let failed = 0
  for (const fault of ['enospc', 'eio', 'crash']) {
    for (let round = 0; round < rounds; round++) {
      const [out, dedupe] = [`${fault}-${round}`, round % 3 ? 'near' : 'off']
      const at = 1 + Math.floor(next() * 400)
      const broken = await kopipe(args(out, dedupe), { env: { KOPIPE_FAULT: `${fault}@${at}` } })
      if (broken.code === 0) continue
      failed += 1
      if (fault === 'crash') assert.equal(broken.code, 137)
      else assert.match(broken.stderr, /kopipe: cannot \w+ \/.*(No space left|Input\/output error)/, `${fault}@${at}`)
      assert.equal((await kopipe(args(out, dedupe))).code, 0, `${fault}@${at}`)
      assert.deepEqual(tree(join(dir, out)), reference.get(dedupe), `${fault}@${at}`)
    }
  }
  assert.ok(failed >= 1.5 * rounds, `only ${failed} faults hit`)
})

test('a disk that is full at any step: a clear stop, then with more room the same command finishes', async (t) => {
  const dir = folder(t)
  const disk = join(dir, 'disk')
  mkdirSync(disk)
  const mount = (...options: string[]) => spawnSync('mount', options).status === 0
  if (!mount('-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk)) return t.skip('SKIPPED: no tmpfs can be mounted here (needs root)')
  try {
    const input = join(dir, 'in.jsonl')
    writeFileSync(input, withNearDuplicates(koreanLines(6000, 6)))
    const args = (out: string) => ['clean', input, '-o', out, '--unit-size', '400KB', '--keep-index', '--quiet']
    await kopipe(args(join(dir, 'reference')))
    const reference = tree(join(dir, 'reference'))
    const steps = new Set<string>()
    for (let size = 64; size < 8192; size = Math.ceil(size * 1.12)) {
      assert.ok(mount('-o', `remount,size=${size}k`, disk))
      const out = join(disk, 'out')
      const full = await kopipe(args(out))
      if (full.code === 0) break
      assert.match(full.stderr, /kopipe: cannot .*No space left/, full.stderr)
      steps.add(
        /scratch\/duplicates\/(\w+)-|(scratch|documents|rejects|duplicates|index|parts)\//.exec(full.stderr)?.slice(1).find(Boolean) ??
          'other',
      )
      assert.ok(mount('-o', 'remount,size=64m', disk))
      const more = await kopipe(args(out))
      assert.equal(more.code, 0, more.stderr)
      assert.deepEqual(tree(out), reference, `${size} KB`)
      rmSync(out, { recursive: true })
    }
    // Keeping the index needs less than what the search before it had, so it is the random faults above that meet it.
    for (const step of ['scratch', 'candidates']) assert.ok(steps.has(step), `not full at ${step}: ${[...steps]}`)
  } finally {
    spawnSync('umount', [disk])
  }
})

test('permission and missing input name the path', async (t) => {
  const dir = folder(t)
  const missing = await kopipe(['clean', join(dir, 'nope.jsonl'), '-o', join(dir, 'out')])
  assert.equal(missing.code, 1)
  assert.match(missing.stderr, /no such input: .*nope\.jsonl/)
  // Root may write anywhere: the other half runs as nobody.
  const nobody = process.getuid?.() === 0 ? { uid: 65534 } : {}
  const locked = join(dir, 'locked')
  mkdirSync(locked)
  chmodSync(dir, 0o755)
  chmodSync(locked, 0o555)
  writeFileSync(join(dir, 'in.jsonl'), koreanLines(3, 5))
  const started = await kopipe(['--version'], nobody).catch(() => undefined)
  if (started?.code !== 0) {
    t.diagnostic('SKIPPED: nobody may not read this checkout; the permission half needs another user')
    return
  }
  const denied = await kopipe(['clean', join(dir, 'in.jsonl'), '-o', join(locked, 'out')], nobody)
  assert.equal(denied.code, 1)
  assert.match(denied.stderr, /cannot create .*locked/)
})

test('an unknown key, value or recipe is refused before anything runs, with the nearest name', async (t) => {
  const dir = folder(t)
  writeFileSync(join(dir, 'in.jsonl'), koreanLines(3, 5))
  for (const [yaml, message] of [
    ['clean:\n  filters:\n    lenght: {min: 3}\n', /clean\.filters\.lenght: there is no such key; did you mean "length"\?/],
    ['clean:\n  filters:\n    length: {min: abc}\n', /clean\.filters\.length\.min: .*got "abc"/],
    ['klean: {}\n', /klean: there is no such key; did you mean "clean"\?/],
    ['dedupe: {}\n', /dedupe: there is no such key; it stands under "clean"/],
    ['extends: ko\n', /extends: there is no such key; there are inputs, output, .*, clean\b/],
    ['a: [\n', /is not YAML/],
  ] as const) {
    writeFileSync(join(dir, 'r.yaml'), yaml)
    const { code, stderr } = await kopipe(['clean', join(dir, 'in.jsonl'), '-o', join(dir, 'out'), '--recipe', join(dir, 'r.yaml')])
    assert.equal(code, 2)
    assert.match(stderr, message)
  }
})

test('hostile text is text: special tokens, terminal escapes, JSON tricks', async (t) => {
  const dir = folder(t)
  const hostile = '특수 토큰 <|endoftext|> 과 \\u001b[31m 이스케이프, </script> 와 \\"따옴표\\" \\n 까지'
  const name = 'in\u001b[2J.jsonl'
  writeFileSync(join(dir, name), `{"text":"${hostile}"}\nbroken\n`)
  const run = await kopipe(['clean', join(dir, name), '-o', join(dir, 'out'), '--json'])
  assert.equal(run.code, 0)
  const [document] = lines(join(dir, 'out'), 'documents')
  assert.equal(
    document?.text,
    '특수 토큰 <|endoftext|> 과 [31m 이스케이프, </script> 와 "따옴표"\n 까지',
    'ESC is a control character, and no line ends in a blank; the rest stays',
  )
  const gone = await kopipe(['clean', join(dir, `${name}x`), '-o', join(dir, 'out2')])
  assert.ok(!gone.stderr.includes('\u001b'), 'a path cannot act on the terminal')
})

test('what a command reads is not where it writes: --overwrite would take it away', async (t) => {
  const dir = folder(t)
  const [input, clean, packed] = ['in.jsonl', 'clean', 'packed'].map((name) => join(dir, name)) as [string, string, string]
  writeFileSync(input, koreanLines(20, 5))
  const tokenizer = join(import.meta.dirname, '..', 'golden', 'tokenizer', 'korean.json')
  assert.equal((await kopipe(['clean', input, '-o', clean, '--quiet'])).code, 0)
  assert.equal((await kopipe(['pack', clean, '--tokenizer', tokenizer, '-o', packed, '--quiet'])).code, 0)
  for (const [args, read] of [
    [['clean', clean, '-o', clean], /clean\/documents\/00000\.jsonl\.zst is read from/],
    [['pack', clean, '--tokenizer', join(packed, 'tokenizer.json'), '-o', packed], /packed\/tokenizer\.json is read from/],
    [['pack', input, '--tokenizer', tokenizer, '--append-to', packed, '-o', packed], /packed\/dataset\.json is read from/],
  ] as const) {
    const { code, stderr } = await kopipe([...args, '--overwrite'])
    assert.equal(code, 2, stderr)
    assert.match(stderr, read)
  }
  assert.ok(existsSync(join(clean, 'documents/00000.jsonl.zst')) && existsSync(join(packed, 'shards/00000.bin')))
})
