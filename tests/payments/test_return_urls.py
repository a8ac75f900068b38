"""Where a payer may be sent back to: hosts of ours and nothing that only looks like them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_service.payments.return_urls import is_allowed
from tests.stage import BackOffice, MainBackend

OURS = ("eatfit24.ru", "app.eatfit24.ru")
GOOD = (
    "https://eatfit24.ru",
    "https://eatfit24.ru/",
    "https://app.eatfit24.ru/subscription",
    "https://app.eatfit24.ru:443/subscription?from=pay&ok=1#top",
    "https://new.app.eatfit24.ru/",
    "https://xn--e1afmkfd.eatfit24.ru/",
    "HTTPS://APP.EatFit24.RU/x",
    "https://eatfit24.ru/%D0%BE%D0%BF%D0%BB%D0%B0%D1%82%D0%B0?next=https://evil.com/@x",
)
EVIL = (
    # another host
    *("https://evil.com/", "https://evil-eatfit24.ru/", "https://eatfit24.ru.evil.com/"),
    *("https://eatfit24.ru-evil.com/", "https://xeatfit24.ru/", "https://evil.com/eatfit24.ru"),
    *("https://evil.com?eatfit24.ru", "https://evil.com#.eatfit24.ru", "https://ru/", "https://app/"),
    # user info
    *("https://eatfit24.ru@evil.com/", "https://eatfit24.ru:443@evil.com/", "https://user@eatfit24.ru/"),
    *("https://user:secret@eatfit24.ru/", "https://@eatfit24.ru/", "https://eatfit24.ru;@evil.com/"),
    # what browsers and servers read differently
    *("https://evil.com\\@eatfit24.ru/", "https://evil.com\\.eatfit24.ru/", "https:\\\\eatfit24.ru/"),
    *("https://eatfit24.ru\\evil.com", "https:eatfit24.ru", "https:/eatfit24.ru", "https:///eatfit24.ru/"),
    *("//eatfit24.ru/", "///eatfit24.ru/", "/subscription", "eatfit24.ru", "https://", "https:", ""),
    # dots
    *("https://eatfit24.ru./", "https://eatfit24.ru../", "https://.eatfit24.ru/", "https://..eatfit24.ru/"),
    "https://a..eatfit24.ru/",
    # other alphabets: a Cyrillic letter, full-width letters, other full stops, an invisible character
    *("https://еatfit24.ru/", "https://ｅatfit24.ru/", "https://evil。com/.eatfit24.ru"),
    *(
        "https://evil.com\u2044.eatfit24.ru/",
        "https://eatfit24.ru\uff0fevil.com",
        "https://eatfit24\u3002ru/",
    ),
    *("https://eat\u00adfit24.ru/", "https://eatfit24.ru\u200b/", "https://evil.c\u2100.eatfit24.ru/"),
    # odd ports
    *("https://eatfit24.ru:8443/", "https://eatfit24.ru:80/", "https://eatfit24.ru:0/"),
    *("https://eatfit24.ru:99999/", "https://eatfit24.ru:443:443/", "https://eatfit24.ru:-443/"),
    *("https://eatfit24.ru:443x/", "https://eatfit24.ru:٤٤٣/", "https://eatfit24.ru:evil.com/"),
    # other schemes
    *("http://eatfit24.ru/", "ftp://eatfit24.ru/", "javascript:alert(1)//eatfit24.ru/", "data:,eatfit24.ru"),
    *(
        "javascript://eatfit24.ru/%0aalert(1)",
        "intent://eatfit24.ru/",
        "file://eatfit24.ru/",
        "HTTP://eatfit24.ru",
    ),
    # whitespace and control characters
    *(
        "https://eatfit24.ru/\r\nLocation: https://evil.com",
        "https://eatfit24.ru\n",
        "https://eat\tfit24.ru/",
    ),
    *(
        " https://eatfit24.ru/",
        "https://eatfit24.ru/ ",
        "https://evil.com\t.eatfit24.ru/",
        "https://eatfit24.ru/\0",
    ),
    *(
        "https://eatfit24.ru\x0b/",
        "ht\ntps://eatfit24.ru/",
        "https://eatfit24.ru/a b",
        "https://eatfit24.ru/\x7f",
    ),
    # percent-encoded hosts
    *("https://eatfit24.ru%2eevil.com/", "https://eatfit24%2Eru/", "https://evil.com%2f.eatfit24.ru/"),
    *("https://evil.com%00.eatfit24.ru/", "https://%65atfit24.ru/", "https://evil.com%23.eatfit24.ru/"),
    # addresses instead of names
    *("https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[eatfit24.ru]/", "https://127.0.0.1/"),
    *("https://2130706433/", "https://[::1].eatfit24.ru/", "https://[", "https://eatfit24.ru]/"),
    # markup
    *("https://eatfit24.ru/<script>", 'https://eatfit24.ru/"onload="', "https://eatfit24.ru/'"),
    "https://eatfit24.ru/" + "a" * 2048,
)


@pytest.mark.parametrize("url", GOOD)
def test_a_page_of_ours_is_allowed(url: str) -> None:
    assert is_allowed(url, OURS, dev=False)


@pytest.mark.parametrize("url", EVIL)
def test_everything_else_is_not(url: str) -> None:
    assert not is_allowed(url, OURS, dev=False)


@pytest.mark.parametrize("url", EVIL)
def test_dev_mode_trusts_this_machine_and_nobody_else(url: str) -> None:
    this_machine = url == "https://127.0.0.1/"

    assert is_allowed(url, OURS, dev=True) is this_machine


@pytest.mark.parametrize("url", ["http://localhost:8000/demo/", "http://127.0.0.1:8000/demo/?paid=1"])
def test_this_machine_is_allowed_in_dev_mode_only(url: str) -> None:
    assert is_allowed(url, OURS, dev=True)
    assert not is_allowed(url, OURS, dev=False)


@pytest.mark.parametrize(
    "url", ["http://localhost.evil.com/", "http://localhost@evil.com/", "http://evil.com/"]
)
def test_dev_mode_is_not_fooled_by_a_host_that_begins_like_this_machine(url: str) -> None:
    assert not is_allowed(url, OURS, dev=True)


@given(st.text(max_size=60), st.text(max_size=20))
def test_any_text_is_answered_and_only_our_hosts_pass(text: str, tail: str) -> None:
    for url in (text, f"https://{text}", f"https://eatfit24.ru{text}", f"https://{text}eatfit24.ru{tail}"):
        if is_allowed(url, OURS, dev=False):
            host = (
                url[8:]
                .split("/")[0]
                .split("?")[0]
                .split("#")[0]
                .lower()
                .removesuffix(":443")
                .removesuffix(":")
            )
            assert host == "eatfit24.ru" or host.endswith(".eatfit24.ru")


@pytest.mark.parametrize(
    "url", ["https://eatfit24.ru@evil.com/", "https://evil.com\\@eatfit24.ru/", "", "\0"]
)
async def test_an_address_that_is_not_ours_never_reaches_the_provider(
    api: MainBackend, office: BackOffice, url: str
) -> None:
    created = await api.post("create-payment/", {"plan_code": "PRO_MONTHLY", "return_url": url})

    assert created.status_code == 201
    (sent,) = await office.creations()
    assert sent["body"]["confirmation"]["return_url"] == "https://app.eatfit24.ru/subscription"
