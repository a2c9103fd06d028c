"""Addresses of classes and units: coordinators, trainers, the training department. Part of ``courses.urls``."""

from django.urls import path

from .views import attendance, learners, nominating, nominations, runs, sessions, units

urlpatterns = [
    path("lop/", runs.runs, name="runs"),
    path("lop/tao/", runs.run_create, name="run_create"),
    path("lop/cua-toi/", runs.my_runs, name="my_runs"),
    path("lop/cu-di-hoc/", nominating.nominations, name="nominations"),
    path("lop/cu-di-hoc/<int:pk>/thu-hoi/", nominating.nomination_take_back, name="nomination_take_back"),
    path("lop/<str:code>/", runs.run_overview, name="run"),
    path("lop/<str:code>/sua/", runs.run_edit, name="run_edit"),
    path("lop/<str:code>/mo/", runs.run_open, name="run_open"),
    path("lop/<str:code>/ket-thuc/", runs.run_finish, name="run_finish"),
    path("lop/<str:code>/cu-di-hoc/", nominating.nominate, name="nominate"),
    path("lop/<str:code>/de-cu/", nominations.run_nominations, name="run_nominations"),
    path("lop/<str:code>/de-cu/phe-duyet/", nominations.nominations_approve, name="nominations_approve"),
    path("lop/<str:code>/de-cu/<int:pk>/tu-choi/", nominations.nomination_decline, name="nomination_decline"),
    path("lop/<str:code>/hoc-vien/", learners.run_learners, name="run_learners"),
    path("lop/<str:code>/hoc-vien/xlsx/", learners.run_learners_export, name="run_learners_export"),
    path("lop/<str:code>/hoc-vien/<int:pk>/rut/", learners.enrolment_withdraw, name="enrolment_withdraw"),
    path("lop/<str:code>/lich-hoc/", sessions.run_sessions, name="run_sessions"),
    path("lop/<str:code>/lich-hoc/them/", sessions.session_plan, name="session_plan"),
    path("lop/<str:code>/lich-hoc/so-diem-danh/", attendance.attendance_sheet, name="attendance_sheet"),
    path("lop/<str:code>/lich-hoc/<int:pk>/", attendance.session, name="session"),
    path("lop/<str:code>/lich-hoc/<int:pk>/sua/", sessions.session_edit, name="session_edit"),
    path("lop/<str:code>/lich-hoc/<int:pk>/huy/", sessions.session_cancel, name="session_cancel"),
    path("lop/<str:code>/lich-hoc/<int:pk>/diem-danh/", attendance.session_mark, name="session_mark"),
    path("lop/<str:code>/lich-hoc/<int:pk>/ma/", attendance.check_in_wall, name="check_in_wall"),
    path("lop/<str:code>/lich-hoc/<int:pk>/ma/mo/", attendance.check_in_open, name="check_in_open"),
    path("lop/<str:code>/lich-hoc/<int:pk>/ma/dong/", attendance.check_in_close, name="check_in_close"),
    path("don-vi/", units.my_unit, name="my_unit"),
    path("don-vi/<str:code>/", units.unit, name="unit"),
    path("don-vi/<str:code>/can-bo/", units.unit_staff, name="unit_staff"),
    path("don-vi/<str:code>/can-bo/xlsx/", units.unit_staff_export, name="unit_staff_export"),
]
