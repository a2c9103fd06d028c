"""Addresses of this room."""

from django.urls import path

from .views import analysis, answers, marking, printed, regrading, results, sitting

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
    path("ket-qua/", results.index, name="results_index"),
    path("ket-qua/<str:code>/", results.run, name="results"),
    path("ket-qua/<str:code>/cham-bai/", marking.queue, name="marking"),
    path("ket-qua/<str:code>/cham-bai/cong-bo/", marking.release, name="release_marks"),
    path("ket-qua/<str:code>/cham-bai/<int:pk>/", marking.answer, name="mark_answer"),
    path("ket-qua/<str:code>/xlsx/", results.export, name="results_export"),
    path("ket-qua/<str:code>/de-giay/", printed.papers, name="printed_papers"),
    path("ket-qua/<str:code>/de-giay/rut/", printed.draw, name="draw_papers"),
    path("ket-qua/<str:code>/de-giay/<int:paper_id>/", printed.sheets, name="printed_sheets"),
    path("ket-qua/<str:code>/de-giay/<int:paper_id>/dap-an/", printed.key, name="printed_key"),
    path("ket-qua/<str:code>/phan-tich/", analysis.of_run, name="analysis"),
    path(
        "ket-qua/<str:code>/phan-tich/<int:quiz_id>/<int:version_id>/",
        analysis.question_of_run,
        name="analysis_question",
    ),
    path("phan-tich/<int:quiz_id>/", analysis.of_quiz, name="quiz_analysis"),
    path(
        "phan-tich/<int:quiz_id>/<int:version_id>/",
        analysis.question_of_quiz,
        name="quiz_analysis_question",
    ),
    path("cham-lai/<int:quiz_id>/<int:version_id>/", regrading.regrade, name="regrade"),
    path("cham-lai/<int:correction_id>/", regrading.regraded, name="regraded"),
]
