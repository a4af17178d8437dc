/** The one style of all pages: type, colours of both modes (a test holds them to WCAG AA), phones, paper. */

export const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --paper: #fff; --raised: #f6f8fa; --line: #d8dee4; --accent: #1f63cc; --second: #b4500f; --ok: #1a6d33; --alarm: #8a5300; --stop: #b3202c; --gone: #ffe3e0; --new: #d9f2df }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #9aa4af; --paper: #14171b; --raised: #1b2026; --line: #30363d; --accent: #6ea3ff; --second: #f0995c; --ok: #63c97e; --alarm: #e5b04e; --stop: #ff8078; --gone: #4b2325; --new: #1d3d29 } }
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem }
body { font: 16px/1.6 system-ui, "Pretendard", "Noto Sans KR", "Noto Sans CJK KR", "Apple SD Gothic Neo", "Malgun Gothic", sans-serif; color: var(--ink); background: var(--paper); max-width: 48rem; margin: 0 auto; padding: 2.4rem 1rem 5rem; overflow-wrap: break-word }
:lang(ko) { word-break: keep-all }
main { overflow-x: clip }
h1 { font-size: 1.85rem; line-height: 1.25; letter-spacing: -.01em; margin: 0 0 1.4rem }
h2 { font-size: 1.3rem; line-height: 1.35; letter-spacing: -.005em; margin: 3.4rem 0 .5rem; padding-top: 1.3rem; border-top: 1px solid var(--line); overflow-wrap: anywhere }
h3 { font-size: 1rem; line-height: 1.4; margin: 1.9rem 0 .4rem; overflow-wrap: anywhere }
h4 { font-size: .9rem; margin: 1.2rem 0 .3rem; color: var(--soft); font-weight: 600 }
p { color: var(--soft); margin: .3rem 0 .9rem; max-width: 42rem }
a { color: var(--accent); text-underline-offset: .15em }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.2rem, 1fr)); gap: 1rem 1.2rem; margin: 1rem 0 1.4rem }
.figures b { display: block; font-size: 1.35rem; white-space: nowrap; line-height: 1.3; font-weight: 600; letter-spacing: -.01em; font-variant-numeric: tabular-nums }
.figures span { color: var(--soft); font-size: .88rem }
.chart { margin: .8rem 0 .6rem }
svg.plot { display: block; max-width: 100%; height: auto; color: var(--ink); font: 12px system-ui, "Pretendard", "Noto Sans KR", "Noto Sans CJK KR", "Apple SD Gothic Neo", "Malgun Gothic", sans-serif; font-variant-numeric: tabular-nums }
svg.plot text { white-space: pre }
svg.on-phone { display: none }
.wide { overflow-x: auto; margin: .6rem 0 1rem }
table { border-collapse: collapse; width: 100%; font-size: .875rem; line-height: 1.45; font-variant-numeric: tabular-nums }
th, td { text-align: right; padding: .32rem .6rem; border-bottom: 1px solid var(--line); vertical-align: baseline; white-space: nowrap }
th:first-child, td:first-child { text-align: left; white-space: normal; overflow-wrap: anywhere; padding-left: 0; min-width: 9rem } th:last-child, td:last-child { padding-right: 0 }
th.t, td.t { text-align: left; white-space: normal; overflow-wrap: anywhere; min-width: 6rem }
thead th { font-weight: 600; color: var(--soft); font-size: .8rem; vertical-align: bottom; white-space: normal; word-break: keep-all; overflow-wrap: normal }
pre { font: .8rem/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-x: auto; padding: .8rem 1rem; background: var(--raised); border: 1px solid var(--line); border-radius: 6px }
code { font: .88em ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace; background: var(--raised); border-radius: 3px; padding: .05em .3em; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate }
details { margin: .2rem 0 .9rem } details + details { margin-top: -.4rem } summary { cursor: pointer; color: var(--soft); font-size: .9rem; overflow-wrap: anywhere } summary:hover { color: var(--ink) } details[open] > summary { margin-bottom: .5rem }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.3rem; font-size: .85rem; color: var(--soft); margin: .3rem 0 .8rem }
.legend i { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px; margin-right: .45rem; vertical-align: -.06rem } .legend i.line { width: 1.2rem; height: .2rem; vertical-align: middle }
.accent { background: var(--accent) } .second { background: var(--second) } .faint { opacity: .35 }
blockquote { margin: .2rem 0 .9rem; padding: .55rem .8rem; background: var(--raised); border-left: 3px solid var(--line); border-radius: 0 6px 6px 0; font-size: .9rem; line-height: 1.65; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; contain: paint }
.about { font-size: .82rem; color: var(--soft); margin: .8rem 0 .2rem; overflow-wrap: anywhere } .about b { color: var(--ink); font-weight: 600; font-variant-numeric: tabular-nums }
ins { background: var(--new); text-decoration-thickness: 1px; text-underline-offset: .2em } del { background: var(--gone); text-decoration-thickness: 1px }
.findings { list-style: none; margin: 1.4rem 0 0; padding: 0 } .findings li { display: flex; gap: .7rem; padding: .5rem 0; border-top: 1px solid var(--line) } .findings li > b { flex: 0 0 4.4rem; font-size: .82rem; line-height: 1.95 } .findings li > span { flex: 1; min-width: 0; overflow-wrap: anywhere }
.ok { color: var(--ok) } .alarm { color: var(--alarm) } .stop { color: var(--stop) } .ok, .alarm, .stop { font-weight: 600 }
.contents ol { list-style: none; margin: 1.8rem 0 0; padding: .8rem 1rem; background: var(--raised); border-radius: 8px; columns: 2; column-gap: 1.5rem; font-size: .875rem; line-height: 1.9 } .contents li { break-inside: avoid } .contents a { color: var(--ink); text-decoration: none } .contents a:hover { color: var(--accent); text-decoration: underline }
@media (min-width: 74rem) { body.contained { max-width: 66rem; padding-left: 19rem } .contained .contents { position: fixed; top: 0; left: max(1rem, calc(50vw - 32rem)); width: 14rem } .contents ol { columns: 1; background: none; padding: 0; margin: 2.6rem 0 0; max-height: calc(100vh - 3.5rem); overflow-y: auto } .contents a { color: var(--soft) } }
@media (max-width: 40rem) { body { padding-top: 1.4rem } h1 { font-size: 1.5rem } h2 { margin-top: 2.6rem } svg.on-page { display: none } svg.on-phone { display: block } .figures { grid-template-columns: repeat(auto-fill, minmax(7.5rem, 1fr)) } .figures b { font-size: 1.2rem } th:first-child, td:first-child { min-width: 6rem } .contents ol { columns: 1 } .contents li { display: inline-block; margin-right: 1.1rem; max-width: 100%; overflow-wrap: anywhere } }
@media print { body, body.contained { max-width: none; display: block; padding: 0; font-size: 10.5pt } h2, h3, h4, .about, .legend:has(+ .chart), p:has(+ .chart), p:has(+ .legend) { break-after: avoid } .chart, .figures, tr, blockquote, .findings li { break-inside: avoid } svg.on-page { display: block } svg.on-phone { display: none } .wide { overflow: visible } th, td { white-space: normal } pre { white-space: pre-wrap; overflow-wrap: anywhere } .contents { display: none } }
`
