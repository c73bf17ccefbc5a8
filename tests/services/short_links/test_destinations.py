"""Where a short link may lead, as browsers would read it: SL-01 to SL-05, SL-12, SL-14."""

from dataclasses import replace

import pytest

from core.config import settings
from core.errors import Refused
from services.short_links import destinations
from services.short_links.destinations import judge

FIELD = ("destinationUrl",)


def refusal(text: str) -> tuple[str, object]:
    with pytest.raises(Refused) as refused:
        judge(text, FIELD)
    (error,) = refused.value.errors
    return error.code, error.field


def cases(case: str, *texts: str) -> list[object]:
    return [pytest.param(text, id=f"{case}-{text!a}"[:80]) for text in texts]


UNSAFE = [
    *cases(
        "SL-01",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "\x00javascript:alert(1)",
        " \x01\x1fjavascript:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:alert(1)",
        "java\r\nscript:alert(1)",
        "javascript://example.com/%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "DATA:text/html;base64,PHNjcmlwdD4=",
        "file:///etc/passwd",
        "FILE://host/share",
        "vbscript:msgbox(1)",
        "ftp://example.com/file",
        "ws://example.com/",
        "wss://example.com/",
        "blob:https://example.com/1",
        "mailto:a@example.com",
        "tel:+41000",
        "about:blank",
        "view-source:https://example.com",
        "intent://example.com#Intent;scheme=http;end",
        "x:",
    ),
    *cases(
        "SL-03",
        "https://bank.example@evil.example/",
        "https://bank.example:443@evil.example/",
        "https://user:password@example.com/",
        "https://:password@example.com/",
        "https://bank.example%2f@evil.example/",
        "https:\\\\user@example.com\\",
        "ht\ntps://user@example.com",
    ),
    *cases(
        "SL-05",
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://017700000001/",
        "http://127.0.0.1./",
        "http://１２７.0.0.1/",
        "http://0/",
        "http://0.0.0.0/",
        "http://10.0.0.1/",
        "http://012.0.0.1/",
        "http://172.16.0.1/",
        "http://172.31.255.255/",
        "http://192.168.1.1/",
        "http://3232235777/",
        "http://100.64.0.1/",
        "http://100.100.100.200/latest/meta-data",
        "http://169.254.169.254/latest/meta-data",
        "http://0xa9fea9fe/",
        "http://2852039166/",
        "http://0251.0376.0251.0376/",
        "http://168.63.129.16/",
        "http://192.0.0.192/",
        "http://192.0.2.1/",
        "http://198.18.0.1/",
        "http://224.0.0.1/",
        "http://240.0.0.1/",
        "http://255.255.255.255/",
        "http://[::]/",
        "http://[::1]/",
        "http://[::127.0.0.1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://[::ffff:0:10.0.0.1]/",
        "http://[64:ff9b::10.0.0.1]/",
        "http://[64:ff9b:1::10.0.0.1]/",
        "http://[2002:7f00:1::]/",
        "http://[2002:a9fe:a9fe::1]/",
        "http://[2001:0:4136:e378:8000:63bf:f5ff:fffe]/",
        "http://[fc00::1]/",
        "http://[fd00:ec2::254]/",
        "http://[fe80::1]/",
        "http://[fec0::1]/",
        "http://[ff02::1]/",
        "http://[2001:db8::1]/",
        "http://localhost/",
        "http://LOCALHOST:8080/",
        "http://localhost./",
        "http://app.localhost/",
        "http://metadata/",
        "http://metadata.google.internal/computeMetadata/v1/",
        "http://printer.local/",
        "http://router.lan/",
        "http://wiki.corp/",
        "http://nas.home.arpa/",
        "http://api.default.svc/",
        "http://shop.test/",
        "http://hidden.onion/",
        "http://a..example.com/",
        "http://.example.com/",
        "http://[3fff::1]/",
    ),
    *cases("SL-14", "https://example.com/" + "a" * 2029, "https://example.com/" + "ü" * 400),
]


@pytest.mark.parametrize("text", UNSAFE)
def test_unsafe(text):
    assert refusal(text) == ("UNSAFE_URL", FIELD)


INVALID = cases(
    "SL-02",
    "",
    " ",
    "example.com",
    "example.com/page",
    "//example.com/",
    "/page",
    "?query",
    "#part",
    "http://",
    "https:///",
    "http://?",
    "http://:80/",
    "http://exa mple.com/",
    "http://exa<mple.com/",
    "http://exam%00ple.com/",
    "http://example.com:99999/",
    "http://example.com:port/",
    "http://[::1/",
    "http://[1:2]/",
    "http://[fe80::1%25eth0]/",
    "http://256.256.256.256/",
    "http://1.2.3.4.5/",
    "http://０ｘ100000000/",
    "http://a\u00adb\ufffd.example/",
    "\ud800",
    "https://example.com/\udfff",
)


@pytest.mark.parametrize("text", INVALID)
def test_invalid(text):
    assert refusal(text) == ("INVALID", FIELD)


STORED = {
    "https://example.com": "https://example.com/",
    " \t\nhttps://example.com/a\tb\nc\r ": "https://example.com/abc",
    "HTTPS://EXAMPLE.COM:443/": "https://example.com/",
    "http://example.com:80/": "http://example.com/",
    "http:example.com": "http://example.com/",
    "https:\\\\example.com\\page": "https://example.com/page",
    "https://example.com/a b?c d#e f": "https://example.com/a%20b?c%20d#e%20f",
    "https://example.com/a;b?c=1;d=2&e=|{}": "https://example.com/a;b?c=1;d=2&e=|{}",
    "https://example.com/../../x/./y": "https://example.com/x/y",
    "https://example.com/%0d%0aSet-Cookie:%20a=b": "https://example.com/%0d%0aSet-Cookie:%20a=b",
    "https://example.com/\r\nSet-Cookie: a=b": "https://example.com/Set-Cookie:%20a=b",
    "https://@example.com/": "https://example.com/",
    "https://example.com./": "https://example.com./",
    "https://8.8.8.8/": "https://8.8.8.8/",
    "https://[2606:4700:4700::1111]:8443/": "https://[2606:4700:4700::1111]:8443/",
    "https://[64:ff9b::8.8.8.8]/": "https://[64:ff9b::808:808]/",
    "https://example.com/<script>": "https://example.com/%3Cscript%3E",
}


@pytest.mark.parametrize(("text", "stored"), [pytest.param(*item, id=f"SL-02-{item[0]!r}") for item in STORED.items()])
def test_stored_as_browsers_write_it(text, stored):
    assert judge(text, FIELD) == stored
    assert judge(stored, FIELD) == stored
    assert stored.isascii()
    assert stored.isprintable()


@pytest.mark.parametrize(
    ("text", "host"),
    [
        pytest.param("https://bücher.example/", "xn--bcher-kva.example", id="SL-12-idn"),
        pytest.param("https://аpple.com/", "xn--pple-43d.com", id="SL-12-homograph"),
        pytest.param("https://ＥＸＡＭＰＬＥ。com/", "example.com", id="SL-12-fullwidth"),
        pytest.param("https://faß.example/", "xn--fa-hia.example", id="SL-12-sharp-s"),
    ],
)
def test_other_scripts_show(text, host):
    assert judge(text, FIELD) == f"https://{host}/"


OWN = [
    "https://go.kiosk.example/abc",
    "http://go.kiosk.example/",
    "https://GO.KIOSK.EXAMPLE/abc",
    "https://go.kiosk.example./abc",
    "https://go.kiosk.example:8443/abc",
    "https://ｇｏ.kiosk.example/abc",
    "https://go%2Ekiosk.example/abc",
    "https:go.kiosk.example",
    "https://go.kiosk.example/graphql",
]


@pytest.fixture
def own_address(monkeypatch):
    def set_to(url: str) -> None:
        elsewhere = replace(settings(), public_base_url=url)
        monkeypatch.setattr(destinations, "settings", lambda: elsewhere)
        destinations._our_own_hosts.cache_clear()

    yield set_to
    destinations._our_own_hosts.cache_clear()


@pytest.mark.parametrize("text", cases("SL-04", *OWN))
def test_our_own(own_address, text):
    own_address("https://go.kiosk.example")
    assert refusal(text) == ("UNSAFE_URL", FIELD)
    own_address("https://other.example")
    assert judge(text, FIELD).startswith("http")


@pytest.mark.parametrize("text", cases("SL-04", "https://kürz.example/a", "https://xn--krz-hoa.example/a"))
def test_our_own_in_another_script(own_address, text):
    own_address("https://kürz.example")
    assert refusal(text) == ("UNSAFE_URL", FIELD)


def test_our_own_on_this_machine():
    """A laptop's own address, as configured, whatever Host a request has."""
    assert refusal(f"{settings().public_base_url}/abc") == ("UNSAFE_URL", FIELD)


@pytest.mark.parametrize("length", [pytest.param(2048, id="SL-14-2048")])
def test_longest(length):
    text = "https://example.com/" + "a" * (length - 20)
    assert judge(text, FIELD) == text


@pytest.mark.parametrize("case", [pytest.param(None, id="SL-15")])
def test_nothing_is_fetched(case, monkeypatch):
    """Not even a name is looked up."""
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: pytest.fail("looked up a name"))
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("opened a connection"))
    assert judge("https://example.com/", FIELD) == "https://example.com/"


@pytest.mark.parametrize(
    "text",
    cases(
        "SL-04",
        "https://abc123.execute-api.eu-central-1.amazonaws.com/abcd",
        "https://abc123.EXECUTE-API.cn-north-1.amazonaws.com.cn./",
    ),
)
def test_the_other_name_of_our_own_door(text):
    assert refusal(text) == ("UNSAFE_URL", FIELD)
