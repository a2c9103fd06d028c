"""The learner's own addresses."""

from django.urls import URLPattern, path

from courses.views import learner, lessons, timetable

urlpatterns: list[URLPattern] = [
    path("hoc/", learner.dashboard, name="dashboard"),
    path("hoc/ghi-danh/<str:code>/", learner.enrol, name="enrol"),
    path("hoc/lich-hoc/", timetable.my_timetable, name="my_timetable"),
    path("hoc/lich-hoc/lich-hoc.ics", timetable.my_calendar, name="my_calendar"),
    path("hoc/diem-danh/", timetable.check_in, name="check_in"),
    path("hoc/diem-danh/<str:check_in_code>/", timetable.check_in, name="check_in_with"),
    path("hoc/<int:pk>/", learner.my_course, name="my_course"),
    path("hoc/<int:pk>/roi-lop/", learner.leave, name="leave"),
    path("hoc/<int:pk>/bai/<int:lesson_id>/xong/", lessons.complete, name="complete_lesson"),
    path("hoc/<int:pk>/bai/<int:lesson_id>/vi-tri/", lessons.position, name="save_position"),
]
