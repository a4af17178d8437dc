import { z } from 'zod'
import { filter } from './filter.ts'

const word = z
  .string()
  .regex(/^[\p{L}\p{N}]+$/u, 'expected letters and digits')
  .toLowerCase()

export default filter({
  id: 'url-list',
  files: ['lists'],
  schema: z.strictObject({
    key: z.string().min(1).default('url').describe('metadata key of the URL; `a.b` for `b` in the object `a`'),
    lists: z.array(z.string().min(1)).default([]).describe('files of domains and URLs, plain, gzip or zstd'),
    words: z.array(word).default([]).describe('one of these in the URL is enough'),
    'soft-words': z.array(word).default([]).describe('two different ones of these are'),
  }),
  what: 'Drops documents whose URL is listed: its host or a domain above it (`blog.example.com` by `example.com`, never `notexample.com`), or a listed URL of which its path is a part (`example.com/a/b` by `example.com/a`, never `example.com/ab`); or which has such words between its signs. Scheme, `www.`, port, user, fragment, case, the last dot and percent-encoding make no difference, and 한글.kr is xn--bj0bj06e.kr. A list has a line for each: a domain, a URL, `0.0.0.0 domain` of a hosts file or `||domain^` of an ad blocker; `#` and `!` begin remarks, other rules of ad blockers and names without a dot are passed over. A document without the key, or with a key that is no string, stays. WARC and WET have `url`; of other input it must be among the metadata.',
  why: 'An address tells what a page is before it is read. No list is shipped, since they change daily: UT1 of the Université Toulouse Capitole (`adult/domains`, `adult/urls`) is what FineWeb uses. A list is read once; 8 bytes a domain, five million of them in 1.1 s and 44 MB.',
  source:
    'FineWeb, `url_filter.py` of datatrove, on the same lists. It knows a host and its registered domain, here every domain between counts; a listed URL there is that very string; its words are those of ASCII, and its words inside words (`banned_subwords`) are not taken over: essex.ac.uk has one. The differences are counted in test/golden/url_list.json.',
  reasons: {
    'url-list-domain': 'none: the domain is listed',
    'url-list-url': 'none: the URL is listed',
    'url-list-word': 'none: it has a word',
    'url-list-soft-words': 'none: it has two soft words',
  },
  example: {
    section: { words: ['casino'] },
    kept: 'https://news.example.kr/2026/casinos-and-their-taxes',
    dropped: 'https://bonus.example.kr/casino-royal',
  },
})
