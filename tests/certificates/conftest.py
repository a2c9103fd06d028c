"""Files of these tests go to a folder of their own."""

import copy

import pytest
from django.core.files.storage import storages


@pytest.fixture(autouse=True)
def private_folder(settings, tmp_path):
    chosen = copy.deepcopy(settings.STORAGES)
    chosen["private"]["OPTIONS"]["location"] = str(tmp_path / "private")
    settings.STORAGES = chosen
    yield tmp_path / "private"
    storages._storages.pop("private", None)
