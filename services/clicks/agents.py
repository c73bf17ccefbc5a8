"""What a user agent says of itself. It is believed: a bot that calls itself a browser counts as one."""

import re

LONGEST_READ = 512
_BOT = re.compile(
    r"(?<!cu)bot(\b|[/_-])|crawl|spider|slurp|archiver|scan|monitor|uptime|pingdom|lighthouse|pagespeed|feed|validator"
    # previews
    r"|preview|unfurl|facebookexternalhit|facebookcatalog|meta-external|embedly|whatsapp|slack-img|bitlybot"
    r"|mastodon|cardyb|viber|google-inspectiontool|googleother|microsoft-botframework"
    r"|quora link|outbrain|skypeuri|vkshare|google-read-aloud|apis-google|mediapartners|bingpreview|iframely"
    # tools and libraries
    r"|\bcurl\b|reqwest|ktor|faraday|wget|httpie|python|aiohttp|httpx|okhttp|go-http|java/|libwww|perl|ruby|php/|node-fetch|nodejs|node\.js|axios|undici|got/|postman"
    r"|insomnia|apache-http|dart/|guzzle|powershell|http_request|http-client|httpclient",
    re.IGNORECASE,
)
_TABLET = re.compile(r"ipad|tablet|kindle|silk/|playbook|android(?!.*mobile)", re.IGNORECASE)
_MOBILE = re.compile(r"mobi|iphone|ipod|windows phone|opera mini", re.IGNORECASE)
_DESKTOP = re.compile(r"windows nt|macintosh|x11|cros|linux", re.IGNORECASE)


def is_bot(agent: str) -> bool:
    """Bots, previews and tools; and who does not say."""
    return not agent or _BOT.search(agent[:LONGEST_READ]) is not None


def device_of(agent: str) -> str:
    """One of DEVICES."""
    agent = agent[:LONGEST_READ]
    if _TABLET.search(agent):
        return "tablet"
    if _MOBILE.search(agent):
        return "mobile"
    return "desktop" if _DESKTOP.search(agent) else "other"
