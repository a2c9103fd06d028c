"""Training records, and training taken elsewhere."""

from django.urls import path

from courses.views import external, records

urlpatterns = [
    path("hoc/ho-so/", records.record, name="record"),
    path("ho-so/<int:pk>/", records.person_record, name="person_record"),
    path("ho-so/<int:pk>/boi-duong-ngoai/", external.external_add, name="external_add"),
    path("boi-duong-ngoai/", external.external_trainings, name="external_trainings"),
    path("boi-duong-ngoai/<int:pk>/", external.external_training, name="external_training"),
    path("boi-duong-ngoai/<int:pk>/ban-chup/", external.external_scan, name="external_scan"),
    path("boi-duong-ngoai/<int:pk>/duyet/", external.external_approve, name="external_approve"),
    path("boi-duong-ngoai/<int:pk>/tu-choi/", external.external_decline, name="external_decline"),
    path("boi-duong-ngoai/<int:pk>/thu-hoi/", external.external_take_back, name="external_take_back"),
]
