"""The report of the class, read from its page and from its workbook, and whether everything told is the same."""

import io
from dataclasses import asdict, dataclass
from urllib.parse import parse_qs, urlsplit

import openpyxl

from .browser import Browser, Page, text_of
from .office import RUN_CODE

# Under the ministry the class is made up of; today its units stand below three.
REPORT = f"run={RUN_CODE}&structure=2019-05-31"


@dataclass(frozen=True)
class Summary:
    """What the journey leaves in ``summary.json``."""

    units: int
    learners: int
    enrolled: int
    completed: int
    certificates: int
    first_number: str
    last_number: str
    requests: int
    errors: int
    seconds: float

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Report:
    """Rows by unit name and the total, each figure under its name in the address of its list."""

    rows: dict[str, list[int]]
    total: list[int]
    columns: dict[str, int]

    def figure(self, name: str) -> int:
        """A figure of the total; one without names behind it has no address and is nought."""
        return self.total[self.columns[name]] if name in self.columns else 0

    @property
    def units(self) -> int:
        """Units below the top with somebody in the class."""
        return sum(1 for values in self.rows.values() if values[self.columns["participations"]])


def _numbers(cells) -> list[int]:
    return [int(text_of(cell).replace(".", "").replace("–", "0") or 0) for cell in cells]


def read_page(page: Page) -> Report:
    """The table of the completion report; the first cell of a row is the rate and no figure."""
    rows = {}
    for row in page.all("//tbody/tr[th]"):
        rows[text_of(row.find("th"))] = _numbers(row.findall("td")[1:])
    (total,) = page.all("//tfoot/tr")
    columns = {}
    for place, cell in enumerate(total.findall("td")[1:]):
        for link in cell.findall(".//a"):
            columns[parse_qs(urlsplit(link.get("href")).query)["so-lieu"][0]] = place
    return Report(rows=rows, total=_numbers(total.findall("td")[1:]), columns=columns)


def read_workbook(content: bytes, *, width: int) -> tuple[dict[str, list[int]], list[int]]:
    """(rows by unit name, total) of the report's first sheet; ``width`` is the number of figures in a row.

    A row is: code, unit, level, the figures, what the rate counts, the rate.
    """
    sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
    found = [
        (str(row[1]), [int(value) for value in row[3 : 3 + width]])
        for row in sheet.iter_rows(values_only=True)
        if len(row) >= 3 + width and isinstance(row[2], int)
    ]
    *rows, total = found
    return dict(rows), total[1]


def read_report(browser: Browser) -> tuple[Report, bytes, bytes]:
    """The report from the page, and its two files; a figure that differs between page and workbook is an error."""
    report = read_page(browser.open(f"/bao-cao/?{REPORT}"))
    workbook = browser.ask("GET", f"/bao-cao/hoan-thanh.xlsx?{REPORT}").content
    pdf = browser.ask("GET", f"/bao-cao/hoan-thanh.pdf?{REPORT}").content
    rows, total = read_workbook(workbook, width=len(report.total))
    if rows != report.rows or total != report.total:
        different = sorted(
            name for name in rows.keys() | report.rows.keys() if rows.get(name) != report.rows.get(name)
        )
        browser.tally.failed(f"page and workbook differ: {different or 'the total'}")
    return report, workbook, pdf


def compare(told: dict[str, dict[str, int]]) -> list[str]:
    """``told`` is figure → who said it → how many; gives a sentence for each figure on which they differ."""
    return [
        f"{figure}: " + ", ".join(f"{who} {count}" for who, count in counts.items())
        for figure, counts in told.items()
        if len(set(counts.values())) > 1
    ]
