"""A learner reads a lesson: the platform's page against a bare Wagtail page of the same text.

The floor is a page of a new Wagtail project: its middleware, ``wagtail.views.serve``, a template of title and text and
the name of who is signed in. It stands right under the home page, where Wagtail finds it in the fewest steps. It has no
course around it and no shell, and notes nothing; the lesson shows its place among thirty others and what the learner
has done of them, and writes that it is being read.
"""

from django.conf import settings
from django.db import connection
from django.utils import translation

from assessments.services.quizzes import CRITERION_KIND
from cms.models import StandardPage
from courses.models import CoursePage, Enrolment, LessonPage, LessonProgress, ModulePage
from lms.demo.loader.pages import FigureShelf, stream
from lms.demo.markdown import read_document, to_blocks
from tests.factories.certificates import name_the_issuer
from tests.factories.cms import make_standard_page
from tests.factories.courses import lessons_of, make_course, make_criterion, make_enrolment, make_run
from tests.factories.organisations import make_person, make_unit

from .bare import WAGTAIL_MIDDLEWARE, bare_pages
from .harness import Measured, compare
from .serving import Browser, as_in_production

GATE, MOST_QUERIES = 2.0, 15
LESSON = "CCHC-01/01-vi-sao-phai-cai-cach-hanh-chinh.md"
# modules × lessons: the 40-tiết programme of the demo, and the smallest course there can be
PROGRAMME, SMALLEST = (6, 5), (1, 2)


def lesson_text() -> str:
    """A lesson of the demo as its field stores it, without the question to check oneself, which only lessons have."""
    source = settings.BASE_DIR / "fixtures" / "programme" / LESSON
    blocks = to_blocks(read_document(source), FigureShelf(source.parent / "figures"))
    return stream([block for block in blocks if block[0] != "check_question"])


def make_lessons(body: str, *, modules: int, lessons: int) -> CoursePage:
    """A course with a test at the end of each module."""
    course = make_course(modules=modules, lessons=lessons)
    for number, module in enumerate(ModulePage.objects.child_of(course), start=1):
        make_criterion(course, module=module, kind=CRITERION_KIND, key=f"{course.pk}{number}")
    LessonPage.objects.filter(path__startswith=course.path).update(body=body)
    return course


def lesson_page(*, size: float, rounds: int) -> list[Measured]:
    """The programme is the same at every size: the gate says that the page costs the same in any course."""
    name_the_issuer()
    for title in ("Giới thiệu", "Hướng dẫn", "Liên hệ"):
        make_standard_page(title, show_in_menus=True)
    body = lesson_text()
    bare_page = make_standard_page("Vì sao phải cải cách hành chính?", summary="Tóm tắt bài học.")
    StandardPage.objects.filter(pk=bare_page.pk).update(body=body)
    learner = make_person("Nguyễn Thị Minh Ánh", unit=make_unit())
    enrolments = {
        shape: make_enrolment(
            run=make_run(course=make_lessons(body, modules=shape[0], lessons=shape[1])), learner=learner
        )
        for shape in (SMALLEST, PROGRAMME)
    }
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with translation.override(settings.LANGUAGE_CODE), as_in_production(), bare_pages():
        reader, bare_reader = Browser(learner), Browser(learner, middleware=WAGTAIL_MIDDLEWARE)
        bare_url = bare_page.get_url()
        urls = {shape: lessons_of(row.run.course)[0].get_url() for shape, row in enrolments.items()}
        words = "thân nhân liệt sĩ".encode()
        assert words in bare_reader.get(bare_url)
        counts = {shape: queries(reader, enrolments[shape], urls[shape]) for shape in enrolments}
        assert words in reader.get(urls[PROGRAMME])
        again = "; ".join(f"{count[1]} in a course of {m * n} lessons" for (m, n), count in counts.items())
        first = "; ".join(f"{count[0]} in a course of {m * n} lessons" for (m, n), count in counts.items())
        bare_queries = bare_reader.queries_of(bare_url)
        common = {
            "floor": "bare Wagtail page, same text",
            "floor_run": lambda: bare_reader.get(bare_url),
            "ours_run": lambda: reader.get(urls[PROGRAMME]),
            "gate": GATE,
            "rounds": min(rounds, 60),
        }
        return [
            compare(
                name="lesson page",
                note=f"queries: {again} (at most {MOST_QUERIES}); floor {bare_queries}",
                **common,
            ),
            compare(
                name="lesson page, opened first",
                before_ours=lambda: forget(enrolments[PROGRAMME]),
                note=f"queries: {first} (at most {MOST_QUERIES}); floor {bare_queries}",
                **common,
            ),
        ]


def forget(enrolment: Enrolment) -> None:
    """As if the learner had been in the course but not in this lesson."""
    LessonProgress.objects.filter(enrolment=enrolment).delete()
    Enrolment.objects.filter(pk=enrolment.pk).update(last_lesson=None)


def queries(reader: Browser, enrolment: Enrolment, url: str) -> tuple[int, int]:
    """Of the first opening and of reading again, after one that has filled what the process keeps."""
    reader.get(url)
    forget(enrolment)
    return reader.queries_of(url), reader.queries_of(url)
