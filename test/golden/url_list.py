"""Makes test/golden/url_list.json: what datatrove's URLFilter says of URLs, by the same lists.

    python test/golden/url_list.py > test/golden/url_list.json   (needs datatrove==0.10.1, tldextract, fasteners, pyahocorasick)

`differs` tells why kopipe says otherwise; the test that reads the file holds that it does there, and nowhere else.
"""

import json

from datatrove.data import Document
from datatrove.pipeline.filters.url_filter import URLFilter
from tldextract import TLDExtract

DOMAINS = ["example.com", "bad.co.kr", "sub.listed.org", "deep.a.b.net", "10.0.0.1", "xn--bj0bj06e.kr"]
URLS = ["https://page.com/bad", "https://page.com/q?x=1", "http://shop.kr/"]
WORDS = ["casino", "porn"]
SOFT = ["live", "bet", "bonus"]

SAME = [
    "https://example.com/", "https://example.com", "http://example.com/a/b?c=d", "https://blog.example.com/", "https://a.b.example.com/x",
    "https://notexample.com/", "https://example.com.kr/", "https://example.org/example.com", "https://my-example.com/",
    "https://bad.co.kr/", "https://www.bad.co.kr/", "https://x.bad.co.kr/y", "https://co.kr/", "https://notbad.co.kr/",
    "https://sub.listed.org/", "https://listed.org/", "https://other.listed.org/", "https://deep.a.b.net/", "https://b.net/", "https://a.b.net/x",
    "https://page.com/bad", "https://page.com/badly", "https://page.com/", "https://page.com/q?x=1", "https://page.com/q?x=12",
    "https://page.com/q", "https://other.com/bad",
    "https://a.kr/casino", "https://a.kr/casino-royale", "https://casino.kr/", "https://casino-x.kr/", "https://a.kr/casinos", "https://a.kr/x?q=porn",
    "https://a.kr/live", "https://a.kr/live/bet", "https://live.kr/bonus-1", "https://a.kr/live-live", "https://a.kr/alive/bets", "https://bet.kr/?bonus",
    "https://a.kr/liv/e", "https://news.kr/2024/01/01", "https://ko.wikipedia.org/wiki/%ED%95%9C%EA%B8%80", "https://blog.naver.com/a/1",
    "https://user@example.com/", "https://example.com:8080/x", "https://xn--bj0bj06e.kr/a", "https://a.co.uk/x", "https://github.com/a/b",
]
DIFFERENT = {
    "https://x.sub.listed.org/": "below a listed subdomain",
    "https://y.x.sub.listed.org/p": "below a listed subdomain",
    "https://z.deep.a.b.net/": "below a listed subdomain",
    "https://page.com/bad/x": "under a listed URL",
    "https://page.com/bad?y=1": "under a listed URL",
    "https://page.com/bad/": "the same page, other string",
    "http://page.com/bad": "the same page, other string",
    "https://www.page.com/bad#top": "the same page, other string",
    "https://page.com/BAD": "the same page, other string",
    "https://page.com/%62ad": "the same page, other string",
    "https://EXAMPLE.com/": "case",
    "http://shop.kr/": "a listed URL without a path is a domain",
    "https://shop.kr/other": "a listed URL without a path is a domain",
    "https://a.kr/Casino": "case",
    "https://a.kr/c%61sino": "percent-encoding",
    "https://a.kr/LIVE/Bet": "case",
    "http://10.0.0.1/x": "an address is no registered domain",
    "https://한글.kr/": "either form of a host",
}


def main():
    listing = URLFilter(extra_domains=DOMAINS, extra_urls=URLS, banned_words=WORDS, soft_banned_words=SOFT, use_integrated_lists=False)
    # The suffixes that come with the package: nothing is fetched.
    listing.tldextractor = TLDExtract(suffix_list_urls=())
    cases = []
    for url in [*SAME, *DIFFERENT]:
        verdict = listing.filter(Document(text="글", id="0", metadata={"url": url}))
        case = {"url": url, "theirs": None if verdict is True else verdict[1]}
        cases.append({**case, "differs": DIFFERENT[url]} if url in DIFFERENT else case)
    print(json.dumps({"domains": DOMAINS, "urls": URLS, "words": WORDS, "soft-words": SOFT, "cases": cases}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
