"""``make screenshots``: each role's main pages at phone and desktop width, from a demo world of its own.

Run as ``python -m lms.demo.screenshots [role …]``; needs Debian's Chromium (or one named in ``CHROMIUM``). Anything a
page does that it must not, such as an error or a request to another host, is told and makes the exit code 1.
"""

import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, sync_playwright

from lms.runtime.console import say
from lms.runtime.places import VAR, shown

from .stage import running_platform

# Images wait until they are scrolled to; a picture of the whole page wants them all.
ALL_IMAGES = """async () => {
  for (const image of document.images) image.loading = "eager";
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
  await document.fonts.ready;
}"""
PASSWORD = "hoc-de-phuc-vu"  # noqa: S105  the demo world's, see loader/people.py
SIZES = [(360, 800), (1440, 900)]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
]
CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
COURSE = "/khoa-hoc/ung-dung-cntt-va-cai-cach-hanh-chinh/"
LESSON = f"{COURSE}cai-cach-hanh-chinh-noi-dung-va-cach-do-luong/vi-sao-phai-cai-cach-hanh-chinh/"

# In place of a pattern: begin, or go on with, the quiz that is shown, and answer its first question.
SIT = "!sit"
QUIZ = ("/hoc/", r"^/hoc/\d+/$", r"^/kiem-tra/bai/")

# A path, or a path and patterns of links that lead further from it.
Step = str | tuple[str, ...]


@dataclass(frozen=True)
class Role:
    """``pages`` are (name, how to get there); ``email`` is empty for the public."""

    name: str
    email: str
    pages: list[tuple[str, Step]] = field(default_factory=list)


ROLES = [
    Role(
        "public",
        "",
        [
            ("home", "/"),
            ("home-en", "/en/"),
            ("catalogue", "/khoa-hoc/"),
            ("catalogue-search", "/khoa-hoc/?q=cai+cach+hanh+chinh"),
            ("course", COURSE),
            ("course-en", f"/en{COURSE}"),
            ("lesson-closed", LESSON),
            ("news", "/tin-tuc/"),
            ("news-item", ("/tin-tuc/", r"^/tin-tuc/[^?]")),
            ("help", "/huong-dan/"),
            ("verify", "/chung-chi/xac-thuc/"),
            ("sign-in", "/tai-khoan/login/"),
        ],
    ),
    Role(
        "learner",
        "van.lq@molisa.example",
        [
            ("dashboard", "/hoc/"),
            ("dashboard-en", "/en/hoc/"),
            ("course", ("/hoc/", r"^/hoc/\d+/$")),
            ("lesson", LESSON),
            ("enrol", "/hoc/ghi-danh/ATTT-TH/"),
            ("quiz", QUIZ),
            ("quiz-attempt", (*QUIZ, SIT)),
            ("record", "/hoc/ho-so/"),
            ("certificates", "/chung-chi/cua-toi/"),
            ("certificate-verified", ("/chung-chi/cua-toi/", r"/chung-chi/xac-thuc/.+")),
        ],
    ),
    Role(
        "coordinator",
        "binh.dv@molisa.example",
        [
            ("unit", "/don-vi/"),
            ("staff", "/don-vi/CNCC/can-bo/"),
            ("nominations", "/lop/cu-di-hoc/"),
            ("nominate", "/lop/CCHC-K3/cu-di-hoc/"),
            ("report", "/bao-cao/"),
        ],
    ),
    Role(
        "trainer",
        "sen.nc@molisa.example",
        [
            ("runs", "/lop/cua-toi/"),
            ("run", "/lop/CCHC-K2/"),
            ("learners", "/lop/CCHC-K2/hoc-vien/"),
            ("quiz-results", "/kiem-tra/ket-qua/CCHC-2019.05/"),
            ("cms", "/quan-tri/"),
        ],
    ),
    Role(
        "administrator",
        "khue.pt@molisa.example",
        [
            ("runs", "/lop/"),
            ("run", "/lop/CCHC-K2/"),
            ("run-new", "/lop/tao/"),
            ("run-nominations", "/lop/CCHC-K3/de-cu/"),
            ("run-learners", "/lop/CCHC-2019.05/hoc-vien/"),
            ("certificates", "/chung-chi/lop/CCHC-K2/"),
            ("register", "/chung-chi/so-cap/"),
            ("jobs", "/cong-viec/"),
            ("report", "/bao-cao/?run=CCHC-2019.05"),
            ("report-names", "/bao-cao/danh-sach/?so-lieu=overdue"),
            ("report-why", ("/bao-cao/danh-sach/?so-lieu=completed", r"/bao-cao/luot/")),
        ],
    ),
    Role("leader", "giang.ct@molisa.example", [("overview", "/bao-cao/tong-quan/"), ("runs", "/lop/")]),
    Role(
        "ministry-reader",
        "huan.nd@molisa.example",
        [
            ("report", "/bao-cao/"),
            ("report-2019", "/bao-cao/?structure=2019-05-31"),
            ("report-en", "/en/bao-cao/"),
            ("overview", "/bao-cao/tong-quan/"),
        ],
    ),
    Role(
        "system-administrator",
        "an.lt@molisa.example",
        [("cms", "/quan-tri/"), ("units", "/quan-tri/units/"), ("changes", "/quan-tri/units/changes/")],
    ),
]


class Camera:
    """Visits pages and keeps what they look like; ``faults`` are what they did wrong."""

    def __init__(self, context: BrowserContext, url: str, folder: Path, faults: list[str]):
        self.url = url
        self.folder = folder
        self.faults = faults
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: faults.append(f"{self.page.url}: {error}"))
        self.page.on("request", lambda request: self.watch(request.url))

    def watch(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme.startswith("http") and parts.netloc != urlsplit(self.url).netloc:
            self.faults.append(f"{self.page.url}: asks {address}")

    def visit(self, path: str) -> None:
        response = self.page.goto(self.url + path, wait_until="load")
        if response is None or response.status >= 400:
            self.faults.append(f"{path} → {response.status if response else 'nothing'}")

    def go(self, step: Step) -> None:
        if isinstance(step, str):
            self.visit(step)
            return
        first, *links = step
        self.visit(first)
        for pattern in links:
            if pattern == SIT:
                self.sit()
                continue
            here = urlsplit(self.page.url).path
            found = self.page.eval_on_selector_all(
                "main a[href]",
                "(links, [pattern, here]) => links.map(a => a.getAttribute('href'))"
                ".filter(href => new RegExp(pattern).test(href) && href !== here)",
                [pattern, here],
            )
            if not found:
                self.faults.append(f"{here}: no link like {pattern}")
                return
            self.visit(found[0])

    def sit(self) -> None:
        self.page.click("form[action*='/bat-dau/'] button, a[href*='/kiem-tra/luot/']:not([href*='ket-qua'])")
        self.page.wait_for_selector("[data-paper]")
        with self.page.expect_response(lambda response: "/cau/" in response.url):
            # The same learner at the next size finds the answer given; only another one is sent.
            self.page.click("[data-question] input:not(:checked) >> nth=0")

    def sign_in(self, email: str) -> None:
        self.visit("/tai-khoan/login/")
        self.page.fill("input[name=login]", email)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.press("input[name=password]", "Enter")
        self.page.wait_for_url(lambda url: "login" not in url)

    def shoot(self, name: str) -> None:
        self.page.evaluate(ALL_IMAGES)
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wide > 0 and "/quan-tri/" not in self.page.url:
            self.faults.append(f"{name}: {wide} px wider than the screen")
        self.page.screenshot(path=self.folder / f"{name}.png", full_page=True)


def chromium_path() -> str:
    """Raises SystemExit with what to do."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CANDIDATES)), None)
    if not path:
        raise SystemExit(
            "✗ Không tìm thấy Chromium: apt-get install chromium / no Chromium: apt-get install chromium"
        )
    return path


def photograph(url: str, folder: Path, roles: list[Role]) -> list[str]:
    """Every page of the roles at every size into ``folder``; gives the faults."""
    faults: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=ARGUMENTS, env=os.environ | {"LANGUAGE": "vi"}
        )
        for role in roles:
            for width, height in SIZES:
                context = browser.new_context(
                    viewport={"width": width, "height": height},
                    locale="vi-VN",
                    timezone_id="Asia/Ho_Chi_Minh",
                    reduced_motion="reduce",
                )
                context.set_default_timeout(60_000)
                camera = Camera(context, url, folder, faults)
                if role.email:
                    camera.sign_in(role.email)
                for name, step in role.pages:
                    camera.go(step)
                    camera.shoot(f"{role.name}-{name}-{width}")
                context.close()
            say(f"… {role.name}: {len(role.pages)} pages")
        browser.close()
    return faults


def main(arguments: list[str]) -> int:
    unknown = set(arguments) - {role.name for role in ROLES}
    if unknown:
        say(f"{', '.join(sorted(unknown))}? {' '.join(role.name for role in ROLES)}")
        return 2
    roles = [role for role in ROLES if not arguments or role.name in arguments]
    chromium_path()
    folder = VAR / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    with running_platform(say, runs=True) as site:
        faults = photograph(site.url, folder, roles)
    for fault in faults:
        say(f"✗ {fault}")
    say(f"{shown(folder)}: {len(list(folder.glob('*.png')))}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
