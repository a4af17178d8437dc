/** In a real terminal, tmux's, narrow and wide: what is drawn fits, stays where it should, and goes when it should. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import measured from 'fast-string-truncated-width'
import { folder, KOPIPE, kopipe, koreanLines } from '../kit.ts'

/** A terminal of so many columns, in which a shell waits. */
class Terminal {
  readonly #socket: string
  constructor(t: TestContext, columns: number) {
    this.#socket = `kopipe-${process.pid}-${Math.random().toString(36).slice(2)}`
    this.#tmux(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-x',
      String(columns),
      '-y',
      '40',
      'env',
      '-u',
      'NO_COLOR',
      'PS1=$ ',
      'LANG=C.UTF-8',
      'sh',
    )
    t.after(() => this.#tmux('kill-server'))
  }

  #tmux(...args: string[]): string {
    return execFileSync('tmux', ['-u', '-L', this.#socket, ...args], { encoding: 'utf8' })
  }

  /** Until the shell waits for the next command. */
  async prompt(): Promise<void> {
    await this.until(/\n\$\s*$/)
  }

  /** On an empty screen: what is seen from here on is of this command, not of the one before. */
  fresh(text: string): void {
    this.#tmux('send-keys', '-R')
    this.type(text)
  }

  type(text: string): void {
    this.#tmux('send-keys', '-l', text)
    this.key('Enter')
  }

  key(name: string): void {
    this.#tmux('send-keys', name)
  }

  /** What it shows; with `colours` as it was sent. */
  lines(colours = false): string[] {
    return this.#tmux('capture-pane', '-p', ...(colours ? ['-e'] : [])).split('\n')
  }

  async until(seen: RegExp): Promise<string> {
    for (let tries = 0; tries < 600; tries += 1) {
      const screen = this.lines().join('\n')
      if (seen.test(screen)) return screen
      await sleep(100)
    }
    throw new Error(`${seen} was not seen in:\n${this.lines().join('\n')}`)
  }
}

function terminal(t: TestContext, columns: number): Terminal | undefined {
  try {
    execFileSync('tmux', ['-V'])
  } catch {
    t.skip('SKIPPED: no tmux (Debian: apt-get install tmux)')
    return undefined
  }
  return new Terminal(t, columns)
}

for (const columns of [60, 120]) {
  test(`a run is one line of ${columns} columns while it lasts`, async (t) => {
    const screen = terminal(t, columns)
    if (!screen) return
    const dir = folder(t)
    screen.type(`${KOPIPE} sample -o ${dir}/s --size 200MB --workers 1`)
    await screen.until(/sample · [^\n]*\d %/)
    for (let i = 0; i < 5; i += 1) {
      await sleep(250)
      const lines = screen.lines()
      const at = lines.findIndex((line) => /^sample · /.test(line))
      if (at < 0) continue
      const line = lines[at] as string
      assert.ok(measured(line).width < columns)
      if (columns === 120) assert.match(line, /[█░]{20}/)
      // Behind it there is nothing: it did not run over into another line.
      assert.deepEqual(lines.slice(at + 1).filter(Boolean), [])
    }
    screen.key('C-c')
    await screen.until(/interrupted/)
    await screen.prompt()
    screen.type('echo "exit $?"')
    await screen.until(/^exit 130$/m)
    assert.deepEqual(
      screen.lines().filter((line) => /^sample · /.test(line)),
      [],
      'the line goes when the run does',
    )
  })
}

test('columns are aligned by what a syllable takes', async (t) => {
  const screen = terminal(t, 120)
  if (!screen) return
  const dir = folder(t)
  const texts = Array.from({ length: 50 }, (_, i) => `${JSON.stringify({ text: `문서 ${i}의 글은 이렇게 이어집니다.` })}\n`).join('')
  for (const name of ['뉴스기사', 'web']) writeFileSync(join(dir, `${name}.jsonl`), texts)
  await kopipe(['tokenize', join(dir, 'web.jsonl'), '-o', join(dir, 't'), '--vocab-size', '400', '--quiet'])
  screen.fresh(`cd ${dir} && ${KOPIPE} pack 뉴스기사.jsonl web.jsonl --tokenizer t/tokenizer.json -o p --shuffle 1 --epochs web=2`)
  await screen.until(/→ p$/m)
  const rows = screen.lines().filter((line) => line.includes('% of the tokens'))
  assert.equal(rows.length, 2)
  const [first, second] = rows.map((row) => measured(row.slice(0, row.indexOf(' documents,'))).width)
  assert.equal(first, second, rows.join('\n'))
})

test('init asks, and Enter takes what is proposed', async (t) => {
  const screen = terminal(t, 80)
  if (!screen) return
  const dir = folder(t)
  writeFileSync(join(dir, 'raw.jsonl'), koreanLines(10, 5))
  screen.fresh(`cd ${dir} && ${KOPIPE} init raw.jsonl -o r.yaml`)
  for (const question of [/How are documents cleaned/, /Which duplicates go/, /How many tokens/, /Which model/, /In which language/]) {
    await screen.until(question)
    await sleep(200)
    screen.key('Enter')
  }
  await screen.until(/next: kopipe run r\.yaml/)
  assert.match(readFileSync(join(dir, 'r.yaml'), 'utf8'), /vocab-size: 30003/)
  screen.fresh(`${KOPIPE} init raw.jsonl -o other.yaml`)
  await screen.until(/How are documents cleaned/)
  screen.key('C-c')
  await screen.until(/Nothing was written/)
  await screen.prompt()
  screen.type('echo "exit $?"')
  await screen.until(/^exit 130$/m)
  // A signal from outside ends it as well, whatever question stands.
  screen.fresh(`sh -c 'echo $$ > pid; exec ${KOPIPE} init raw.jsonl -o other.yaml'`)
  await screen.until(/How are documents cleaned/)
  process.kill(Number(readFileSync(join(dir, 'pid'), 'utf8')), 'SIGTERM')
  await screen.until(/Nothing was written/)
  await screen.until(/nothing was written[\s\S]*\n\$\s*$/)
  assert.ok(!existsSync(join(dir, 'other.yaml')))
})

test('colours are for terminals, and off when asked', async (t) => {
  const screen = terminal(t, 80)
  if (!screen) return
  const dir = folder(t)
  writeFileSync(join(dir, 'raw.jsonl'), koreanLines(200, 5))
  await kopipe(['tokenize', join(dir, 'raw.jsonl'), '-o', join(dir, 't'), '--vocab-size', '400', '--quiet'])
  await kopipe(['pack', join(dir, 'raw.jsonl'), '--tokenizer', join(dir, 't/tokenizer.json'), '-o', join(dir, 'p'), '--quiet'])
  const inspect = `${KOPIPE} inspect ${dir}/p --document 0; echo done`
  screen.fresh(inspect)
  await screen.until(/^done$/m)
  // A dark letter on a background.
  const coloured = /\[(?:30;)?4[2-6]m/
  assert.match(screen.lines(true).join('\n'), coloured)
  screen.fresh(`NO_COLOR=1 ${inspect}`)
  await screen.until(/^done$/m)
  assert.doesNotMatch(screen.lines(true).join('\n'), coloured)
})
