/** The page in a real browser: no text of a corpus acts in it, it fits a phone, and its words can be read in both modes. */

/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import puppeteer, { type Browser, type Page } from 'puppeteer-core'
import type { Lang } from '../../core/page/page.ts'
import type { Stats } from '../../pipeline/report/measures.ts'
import { renderReport } from '../../pipeline/report/page.ts'
import { chromium, folder } from '../kit.ts'
import { HOSTILE, hostileStats } from './report-hostile.ts'

/** Everything that a page of ours is made of. What a text smuggled in would be something else. */
const ELEMENTS: Record<string, string[]> = {
  '*': ['class', 'id', 'dir', 'aria-label'],
  html: ['lang'],
  head: [],
  meta: ['charset', 'name', 'content', 'http-equiv'],
  title: [],
  style: [],
  body: [],
  main: [],
  nav: [],
  section: [],
  a: ['href'],
  details: ['open'],
  th: ['scope'],
  svg: ['role', 'viewBox', 'width', 'height', 'fill', 'text-anchor'],
  g: [
    'transform',
    'text-anchor',
    'fill',
    'stroke',
    'stroke-opacity',
    'stroke-width',
    'font-variant',
    'clip-path',
    'stroke-linejoin',
    'stroke-linecap',
    'stroke-miterlimit',
    'aria-hidden',
  ],
  rect: ['x', 'y', 'width', 'height', 'rx', 'fill'],
  path: ['d', 'fill', 'stroke', 'stroke-width', 'stroke-opacity', 'transform'],
  line: ['x1', 'x2', 'y1', 'y2'],
  circle: ['cx', 'cy', 'r'],
  text: ['transform', 'x', 'y', 'dx', 'dy'],
  clipPath: [],
  desc: [],
}
for (const plain of 'h1 h2 h3 h4 p div b i span small br code pre blockquote ins del ol ul li table thead tbody tr td summary'.split(' ')) {
  ELEMENTS[plain] ??= []
}

interface Watched {
  page: Page
  asked: string[]
  dialogs: string[]
  said: string[]
}

/** One for all tests. */
let browser: Promise<Browser> | undefined
after(async () => (await browser)?.close())

/** The page as a browser shows it, with all it asks and says; every fold is open. */
async function shown(t: TestContext, stats: Stats, lang: Lang, width: number): Promise<Watched | undefined> {
  const executablePath = chromium(t)
  if (executablePath === undefined) return undefined
  const file = join(folder(t), 'report.html')
  writeFileSync(file, renderReport(stats, lang))
  browser ??= puppeteer.launch({
    executablePath,
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu', '--disable-dev-shm-usage'],
  })
  const page = await (await browser).newPage()
  t.after(() => page.close())
  const watched: Watched = { page, asked: [], dialogs: [], said: [] }
  page.on('request', (request) => watched.asked.push(request.url()))
  page.on('console', (message) => watched.said.push(message.text()))
  page.on('dialog', (dialog) => {
    watched.dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  await page.evaluateOnNewDocument(() => {
    document.addEventListener('securitypolicyviolation', (event) => console.log(`violation: ${event.violatedDirective} ${event.sample}`))
  })
  await page.setViewport({ width, height: 800 })
  await page.goto(pathToFileURL(file).href)
  await page.evaluate(() => {
    for (const fold of document.querySelectorAll('details')) fold.open = true
  })
  return watched
}

test('no text acts in the page: nothing runs, nothing is asked, nothing stands in it but what it is made of', async (t) => {
  const watched = await shown(t, hostileStats(), 'en', 1280)
  if (!watched) return
  const { page, asked, dialogs, said } = watched
  // A person who moves over, focuses and clicks what there is.
  await page.evaluate(() => {
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      for (const kind of ['mouseover', 'focus', 'click', 'toggle']) element.dispatchEvent(new Event(kind, { bubbles: true }))
    }
  })
  await new Promise((done) => setTimeout(done, 200))
  const found = await page.evaluate((allowed) => {
    const strange = new Set<string>()
    for (const element of document.querySelectorAll('*')) {
      const own = allowed[element.localName]
      if (!own) strange.add(`<${element.localName}>`)
      for (const { name, value } of element.attributes) {
        if (![...(own ?? []), ...(allowed['*'] ?? [])].includes(name)) strange.add(`<${element.localName} ${name}="${value}">`)
        if (/^(?:href|src|action|data)$/.test(name) && !/^#[\w-]+$/.test(value)) strange.add(`${name}="${value}"`)
      }
    }
    const dead = [...document.querySelectorAll<HTMLAnchorElement>('a')].filter(
      (a) => !document.getElementById((a.getAttribute('href') ?? '').slice(1)),
    )
    return {
      strange: [...strange],
      dead: dead.length,
      ran: (window as unknown as { ran?: unknown }).ran,
      text: document.querySelector('main')?.textContent ?? '',
      at: location.href,
    }
  }, ELEMENTS)
  assert.deepEqual(found.strange, [])
  assert.equal(found.ran, undefined)
  assert.equal(found.dead, 0)
  assert.deepEqual(dialogs, [])
  assert.deepEqual(said, [])
  assert.deepEqual(asked, [found.at.replace(/#.*/, '')])
  // It is there, as text; marks that turn are named.
  for (const text of [HOSTILE[0], HOSTILE[2], HOSTILE[10], HOSTILE[11], '⟨U+202E⟩gnitic']) assert.ok(found.text.includes(text ?? ''), text)
  assert.ok(!/[\u202a-\u202e\u2066-\u2069]/.test(found.text))
})

test('what would act is refused by the policy of the page, too', async (t) => {
  const watched = await shown(t, hostileStats(), 'en', 1280)
  if (!watched) return
  const { page, asked, said } = watched
  const before = asked.length
  // As if the escaping had failed.
  await page.evaluate(() => {
    const smuggled = document.createElement('div')
    smuggled.innerHTML =
      '<img src="https://example.com/a.png" onerror="window.ran=1"><p style="position:fixed">x</p><style>main{display:none}</style>'
    const script = document.createElement('script')
    script.textContent = 'window.ran = 2'
    document.body.append(smuggled, script)
  })
  await new Promise((done) => setTimeout(done, 200))
  const acted = await page.evaluate(() => ({
    ran: (window as unknown as { ran?: unknown }).ran,
    hidden: getComputedStyle(document.querySelector('main') as Element).display,
    fixed: getComputedStyle(document.querySelector('div > p:last-of-type') as Element).position,
  }))
  assert.deepEqual(acted, { hidden: 'block', fixed: 'static' })
  const reached = asked.slice(before).filter((url) => !said.some((line) => line.includes(url)))
  assert.deepEqual(reached, [])
  assert.ok(said.some((line) => line.startsWith('violation: img-src')))
})

for (const lang of ['en', 'ko'] as const) {
  test(`the page fits a phone and its words can be read in both modes (${lang})`, async (t) => {
    const watched = await shown(t, hostileStats(), lang, 360)
    if (!watched) return
    const { page } = watched
    const wide = await page.evaluate(() =>
      [...document.querySelectorAll('body *')]
        .filter((element) => !element.closest('.wide, pre, svg') && element.getBoundingClientRect().right > 360.5)
        .map((element) => `${element.localName}.${element.className} ${element.textContent?.slice(0, 40)}`),
    )
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360, wide.slice(0, 5).join('\n'))
    // Charts are those drawn for a phone, at their own size: their type is not shrunk.
    const scales = await page.evaluate(() =>
      [...document.querySelectorAll('svg')].filter((svg) => svg.clientWidth > 0).map((svg) => svg.clientWidth / svg.viewBox.baseVal.width),
    )
    assert.ok(scales.length >= 8 && Math.min(...scales) > 0.9, `${Math.min(...scales)}`)
    for (const value of ['light', 'dark']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value }])
      assert.deepEqual(await page.evaluate(faint), [], value)
    }
    await page.emulateMediaType('print')
    assert.equal(await page.evaluate(() => document.querySelector<SVGElement>('svg.on-page')?.getBoundingClientRect().width !== 0), true)
  })
}

/** Texts whose contrast with what is behind them is under that of WCAG AA, as the browser computes colours. */
function faint(): string[] {
  const channels = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number)
  const luminance = (colour: string) => {
    const [r = 0, g = 0, b = 0] = channels(colour).map((value) =>
      value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
    )
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = (element: Element | null): string => {
    if (!element) return getComputedStyle(document.documentElement).colorScheme.startsWith('dark') ? 'rgb(0, 0, 0)' : 'rgb(255, 255, 255)'
    const { backgroundColor } = getComputedStyle(element)
    return (channels(backgroundColor)[3] ?? 1) === 0 ? behind(element.parentElement) : backgroundColor
  }
  const found = new Set<string>()
  for (const element of document.querySelectorAll('body *')) {
    if (![...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim())) continue
    const style = getComputedStyle(element)
    const colour = element.closest('svg') ? style.fill : style.color
    const [a, b] = [luminance(colour), luminance(behind(element))].sort((x, y) => y - x) as [number, number]
    const ratio = (a + 0.05) / (b + 0.05)
    if (ratio < 4.5) found.add(`${element.localName}.${element.getAttribute('class')} ${ratio.toFixed(2)} ${colour} on ${behind(element)}`)
  }
  return [...found]
}
