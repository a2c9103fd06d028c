"""Rights on this room's addresses."""

from lms.core.models import Job
from tests.permissions.table import DONE, Row, everyone, people


def job_of(person: str, **fields):
    """A function that makes a job asked for by that person of the world, and gives the address's arguments."""

    def make(world):
        job = Job.objects.create(
            kind="tests.nothing",
            title="Việc thử",
            requested_by=getattr(world, person),
            created_at=world.now,
            wake_after=world.now,
            **fields,
        )
        return {"public_id": job.public_id}

    return make


ROWS = [
    Row("health", everyone(200)),
    Row("patterns", everyone(200)),
    Row("core:jobs", people(403, administrator=200, system_administrator=200)),
    Row(
        "core:job_status",
        people(404, learner=200, administrator=200, system_administrator=200),
        kwargs=job_of("learner"),
    ),
    Row(
        "core:job_retry",
        people(404, learner=403, administrator=DONE, system_administrator=DONE),
        kwargs=job_of("learner", state=Job.State.FAILED),
        method="post",
    ),
    Row("core:job_retry", people(405), kwargs=job_of("learner"), note="by GET"),
]
