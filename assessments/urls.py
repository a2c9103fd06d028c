"""Addresses of this room."""

from django.urls import path

from .views import accommodations, answers, conduct, results, signals, sitting

app_name = "assessments"
urlpatterns = [
    path("bai/<int:quiz_id>/<int:enrolment_id>/", sitting.quiz, name="quiz"),
    path("bai/<int:quiz_id>/<int:enrolment_id>/bat-dau/", sitting.start, name="start"),
    path("luot/<uuid:public_id>/", sitting.attempt, name="attempt"),
    path("luot/<uuid:public_id>/nop/", sitting.submit, name="submit"),
    path("luot/<uuid:public_id>/ket-qua/", sitting.result, name="result"),
    path("luot/<uuid:public_id>/mo/", answers.open_tab, name="open_tab"),
    path("luot/<uuid:public_id>/gio/", answers.clock, name="clock"),
    path("luot/<uuid:public_id>/cau/<int:position>/", answers.save, name="save_answer"),
    path("luot/<uuid:public_id>/tin-hieu/", signals.report, name="report_signals"),
    path("ket-qua/", results.index, name="results_index"),
    path("ket-qua/<str:code>/", results.run, name="results"),
    path(
        "ket-qua/<str:code>/<int:quiz_id>/dieu-kien-rieng/",
        accommodations.accommodations,
        name="accommodations",
    ),
    path(
        "ket-qua/<str:code>/<int:quiz_id>/dieu-kien-rieng/<int:pk>/thu-hoi/",
        accommodations.withdraw,
        name="accommodation_withdraw",
    ),
    path("coi-thi/<str:code>/<int:quiz_id>/", conduct.conduct, name="conduct"),
    path("coi-thi/<str:code>/<int:quiz_id>/them-gio/", conduct.extend, name="conduct_extend"),
    path("coi-thi/<str:code>/<int:quiz_id>/nhan-tin/", conduct.send, name="conduct_send"),
    path("coi-thi/<str:code>/<int:quiz_id>/thu-bai/", conduct.stop, name="conduct_stop"),
    path(
        "coi-thi/<str:code>/<int:quiz_id>/luot/<uuid:public_id>/",
        conduct.conduct_attempt,
        name="conduct_attempt",
    ),
    path("coi-thi/<str:code>/<int:quiz_id>/tin-hieu/", signals.signals, name="signals"),
    path("coi-thi/<str:code>/<int:quiz_id>/tin-hieu/<uuid:public_id>/", signals.note, name="signal_note"),
]
