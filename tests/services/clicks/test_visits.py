"""What is kept of a visit, and what is not."""

from dataclasses import asdict
from datetime import UTC, datetime

import pytest

from services.clicks.agents import device_of, is_bot
from services.clicks.click import Click
from services.clicks.visits import is_prefetch, to_click

AT = datetime(2026, 11, 21, 9, tzinfo=UTC)
PEOPLE = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36": "desktop",  # noqa: E501
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15": "desktop",  # noqa: E501
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0": "desktop",
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36": "desktop",  # noqa: E501
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36": "desktop",  # noqa: E501
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148": "mobile",  # noqa: E501
    "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36": "mobile",  # noqa: E501
    "Mozilla/5.0 (Linux; Android 9; CUBOT_X18_Plus) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0 Mobile Safari/537.36": "mobile",  # noqa: E501
    "Mozilla/5.0 (iPad; CPU OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148": "tablet",
    "Mozilla/5.0 (Linux; Android 15; SM-X910) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36": "tablet",  # noqa: E501
    "Mozilla/5.0 (Linux; U; en-US) AppleWebKit/528.5+ (KHTML, like Gecko) Version/4.0 Kindle/3.0": "tablet",
    "Mozilla/5.0 (PlayStation; PlayStation 5/9.00) AppleWebKit/605.1.15 (KHTML, like Gecko)": "other",
    "Something else": "other",
}
BOTS = [
    "",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) Chrome/142.0 Mobile Safari/537.36 (compatible; Googlebot/2.1)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 (compatible; Baiduspider/2.0)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Twitterbot/1.0",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "WhatsApp/2.23.20.0",
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    "Mozilla/5.0 (compatible; UptimeRobot/2.0)",
    "curl/8.5.0",
    "Wget/1.21.4",
    "python-requests/2.32.0",
    "Go-http-client/2.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X) GPTBot/1.2",
    "x" * 500 + " bot/1.0",
]


@pytest.mark.parametrize(("agent", "device"), PEOPLE.items())
def test_people(agent, device):
    assert not is_bot(agent)
    assert device_of(agent) == device


@pytest.mark.parametrize("agent", BOTS)
def test_bots(agent):
    assert is_bot(agent)


def test_a_visit():
    headers = {
        "user-agent": next(iter(PEOPLE)),
        "referer": "https://www.News.example/article?reader=4711#top",
        "cloudfront-viewer-country": "CH",
        "x-forwarded-for": "203.0.113.7",
        "cookie": "session=secret",
    }
    click = to_click("tea", AT, headers)
    assert asdict(click) == {
        "code": "tea",
        "at": AT,
        "country": "CH",
        "referrer": "news.example",
        "device": "desktop",
        "is_bot": False,
    }
    assert Click.from_body(click.to_body()) == click
    assert Click.from_body(to_click("tea", AT, {}).to_body()) == Click("tea", AT, "unknown", "direct", "other", True)


@pytest.mark.parametrize(
    ("referer", "kept"),
    [
        ("", "direct"),
        ("https://news.example/", "news.example"),
        ("http://NEWS.example:8080/path?query", "news.example"),
        ("https://user:password@news.example/", "news.example"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("android-app://com.google.android.gm/", "com.google.android.gm"),
        ("https://a-b_c.news.example/", "a-b_c.news.example"),
        ("https://" + "x" * 24 + ".example/", "x" * 24 + ".example"),
        ("https://" + "x" * 25 + ".example/", "other"),
        ("https://203.0.113.7/", "other"),
        ("http://3405803783/", "other"),
        ("http://[2001:db8::7]/", "other"),
        ("http://intranet/", "other"),
        ("http://direct/", "other"),
        ("about:blank", "other"),
        ("/page", "other"),
        ("nonsense", "other"),
        ("https://news.example%00/", "other"),
        ("https://news.example./", "other"),
        ("x" * 100_000, "other"),
    ],
)
def test_a_referrer_is_a_host(referer, kept):
    click = to_click("tea", AT, {"referer": referer, "user-agent": "Firefox"})
    assert click.referrer == kept
    assert Click.from_body(click.to_body()) == click


@pytest.mark.parametrize("country", ["", "XX", "T1", "ch", "CHE", "C", "<b>", "unknown"])
def test_a_country_is_one_of_a_closed_set(country):
    assert to_click("tea", AT, {"cloudfront-viewer-country": country}).country == "unknown"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-purpose": "prefetch"},
        {"sec-purpose": "prefetch;prerender"},
        {"sec-purpose": "Prefetch;anonymous-client-ip"},
        {"purpose": "prefetch"},
        {"x-purpose": "preview"},
        {"x-moz": "prefetch"},
    ],
)
def test_prefetch(headers):
    assert is_prefetch(headers)


@pytest.mark.parametrize("headers", [{}, {"purpose": ""}, {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}])
def test_no_prefetch(headers):
    assert not is_prefetch(headers)


GOOD = {
    "version": 1,
    "code": "tea",
    "at": "2026-11-21T09:00:00.000Z",
    "country": "CH",
    "referrer": "news.example",
    "device": "mobile",
    "is_bot": False,
}


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"version": "1"},
        {"code": "a"},
        {"code": "x" * 65},
        {"code": None},
        {"code": 5},
        {"at": "yesterday"},
        {"at": "2026-11-21T09:00:00"},
        {"at": 5},
        {"country": "XX"},
        {"country": None},
        {"referrer": "203"},
        {"referrer": "x" * 33 + ".example"},
        {"referrer": "news.example/path"},
        {"device": "toaster"},
        {"is_bot": 1},
        {"is_bot": "false"},
    ],
)
def test_no_click_of_ours(change):
    import json

    assert Click.from_body(json.dumps(GOOD)) == Click("tea", AT, "CH", "news.example", "mobile", False)
    with pytest.raises(ValueError):  # noqa: PT011 - its message says nothing of what was given
        Click.from_body(json.dumps(GOOD | change))


@pytest.mark.parametrize("body", ["", "null", "[]", "5", '"x"', "{", "[" * 100_000, "\ud800", "{}", '{"version":1}'])
def test_no_click_at_all(body):
    with pytest.raises(ValueError):  # noqa: PT011
        Click.from_body(body)


@pytest.mark.parametrize(
    "agent",
    ["http.rb/5.1.1 (Mastodon/4.2.1; +https://m.example/)", "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1)", "curl"],
)
def test_previews_and_tools_are_no_people(agent):
    assert is_bot(agent)
