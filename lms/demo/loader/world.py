"""The whole demo world, in the order its parts lean on each other."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from cms.groups import ensure_groups
from lms.core.models import Job

from .banks import load_banks, load_quizzes
from .external import load_external
from .pages import load_catalog, load_news, load_site, load_standard_pages
from .people import load_people, load_units
from .programme import load_courses, read_modules
from .reorganisations import load_reorganisations
from .requirements import load_requirements
from .runs import load_runs
from .surveys import load_surveys

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"


def load_world(
    *, now: datetime, say: Callable[[str], object], runs: bool = True, fixtures: Path = FIXTURES
) -> list[Job]:
    """Load what is not there yet; a second time changes nothing. ``runs`` False leaves out classes and learners' study.

    Gives the jobs that make the certificates of finished runs.
    """
    units = load_units(fixtures / "units" / "units.csv", now=now)
    people = load_people(fixtures / "people" / "people.csv", units=units, now=now)
    say(f"{len(units)} units, {len(people)} people")
    changes = load_reorganisations(fixtures / "units" / "reorganisations.yaml", now=now)
    say(f"{changes} changes of the structure")
    homes = load_site()
    # Menu and footer show the pages in the order they stand in the tree: what visitors come for first.
    catalogs = load_catalog(homes)
    load_news(fixtures / "news", homes)
    load_standard_pages(fixtures / "pages", homes)
    ensure_groups()
    sources = read_modules(fixtures / "programme")
    modules = load_courses(fixtures / "programme", sources, catalogs=catalogs, people=people)
    say(f"{len({course for course, _module in modules})} courses")
    banks = load_banks(sources.values(), now=now)
    load_quizzes(modules, sources=sources, banks=banks, now=now)
    say(f"{len(banks)} question banks")
    if not runs:
        return []
    jobs = load_runs(fixtures / "runs" / "runs.yaml", people=people, now=now)
    say("runs with their learners")
    say(f"a survey of {load_surveys(fixtures / 'surveys' / 'course-evaluation.yaml', now=now)} classes")
    entries = load_external(fixtures / "people" / "external.yaml", people=people, now=now)
    say(f"{entries} trainings taken elsewhere")
    required = load_requirements(fixtures / "requirements" / "requirements.yaml", people=people, now=now)
    say(f"{required} requirements")
    return jobs
