"""The learner's own addresses."""

from django.urls import URLPattern, path

from courses.views import learner, lessons

urlpatterns: list[URLPattern] = [
    path("hoc/", learner.dashboard, name="dashboard"),
    path("hoc/ghi-danh/<str:code>/", learner.enrol, name="enrol"),
    path("hoc/<int:pk>/", learner.my_course, name="my_course"),
    path("hoc/<int:pk>/roi-lop/", learner.leave, name="leave"),
    path("hoc/<int:pk>/bai/<int:lesson_id>/xong/", lessons.complete, name="complete_lesson"),
    path("hoc/<int:pk>/bai/<int:lesson_id>/vi-tri/", lessons.position, name="save_position"),
]
