"""The site as a whole, in processes of its own and in a real browser."""

import json
import os
import signal
import time
import urllib.request

import pytest

from tests.browser import DESKTOP, PHONE, axe_faults


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_sign_in_page_opens_in_a_real_browser(new_page, viewport):
    page = new_page(viewport=viewport)
    answer = page.goto("/tai-khoan/login/")
    assert answer.status == 200
    assert page.locator("html").get_attribute("lang") == "vi"
    assert page.locator("input[type=password]").is_visible()
    assert axe_faults(page) == []


def test_what_a_page_must_not_do_is_noticed(page, watch):
    page.goto("/tai-khoan/login/")
    page.evaluate("() => fetch('http://127.0.0.1:9/elsewhere').catch(() => null)")
    page.evaluate("() => { setTimeout(() => { throw new Error('broken script') }) }")
    page.evaluate("() => fetch('/static/no-such-file.js').then(r => r.status)")
    page.wait_for_timeout(200)
    faults = "\n".join(watch.unexpected())
    assert "script error: Error: broken script" in faults or "broken script" in faults
    assert "404: " in faults and "no-such-file.js" in faults
    assert "127.0.0.1:9" in faults
    watch.faults.clear()


@pytest.mark.browser
@pytest.mark.fault
def test_the_site_survives_the_death_of_its_processes(own_site):
    for child in own_site.site.children:
        os.kill(child.process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while True:
        own_site.site.tend()
        if all(child.alive for child in own_site.site.children):
            break
        assert time.monotonic() < deadline
        time.sleep(0.1)
    with urllib.request.urlopen(own_site.url + "/healthz", timeout=60) as answer:  # noqa: S310
        assert answer.status == 200
        json.load(answer)
