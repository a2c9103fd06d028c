"""Addresses of this room."""

from django.urls import path

from .views import answers, polls, results, sitting, survey_results, surveys

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
    path("khao-sat/", surveys.waiting, name="surveys"),
    path("khao-sat/<int:survey_id>/<str:code>/", surveys.survey, name="survey"),
    path("khao-sat/<int:survey_id>/<str:code>/cam-on/", surveys.thanks, name="survey_thanks"),
    path("lop/<str:code>/khao-sat/", survey_results.run_surveys, name="run_surveys"),
    path("lop/<str:code>/khao-sat/<int:survey_id>/", survey_results.survey_results, name="survey_results"),
    path(
        "lop/<str:code>/khao-sat/<int:survey_id>/xlsx/",
        survey_results.survey_workbook,
        name="survey_workbook",
    ),
    path("lop/<str:code>/khao-sat/<int:survey_id>/nhac/", survey_results.remind, name="remind_survey"),
    path("lop/<str:code>/khao-sat/<int:survey_id>/dong/", survey_results.close, name="close_survey"),
    path(
        "lop/<str:code>/khao-sat/<int:survey_id>/thoi-bat-buoc/",
        survey_results.stop_requiring,
        name="unrequire_survey",
    ),
    path("binh-chon/", polls.join_poll, name="join_poll"),
    path("binh-chon/<str:join_code>/", polls.vote, name="vote"),
    path("lop/<str:code>/binh-chon/", polls.run_polls, name="run_polls"),
    path("lop/<str:code>/binh-chon/<int:pk>/", polls.poll, name="poll"),
    path("lop/<str:code>/binh-chon/<int:pk>/ket-qua/", polls.poll_results, name="poll_results"),
    path("lop/<str:code>/binh-chon/<int:pk>/doi/", polls.change_poll, name="change_poll"),
]
