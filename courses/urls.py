"""Addresses of this room."""

from .learner_urls import urlpatterns as learner_urlpatterns
from .record_urls import urlpatterns as record_urlpatterns
from .requirement_urls import urlpatterns as requirement_urlpatterns
from .run_urls import urlpatterns as run_urlpatterns

app_name = "courses"
urlpatterns = [*learner_urlpatterns, *record_urlpatterns, *requirement_urlpatterns, *run_urlpatterns]
