"""Vietnamese order: dictionary order of letters, tones only between equal letters, people by given name."""

import pytest

from lms.core.vietnamese import collation_key, name_sort_key, split_full_name


def in_order(names: list[str]) -> list[str]:
    def key(name: str) -> str:
        last_name, first_name = split_full_name(name)
        return name_sort_key(last_name=last_name, first_name=first_name)

    return sorted(names, key=key)


@pytest.mark.parametrize(
    "ordered",
    [
        ["An", "Ánh", "Ân", "Dũng", "Đào"],
        ["a", "ă", "â", "b", "d", "đ", "e", "ê", "o", "ô", "ơ", "u", "ư", "y"],
        ["ma", "mà", "mả", "mã", "má", "mạ", "mai"],
        ["Hoa", "Hoà", "Hoàng"],
        ["an", "an bình"],
    ],
)
def test_words_stand_in_dictionary_order(ordered):
    shuffled = ordered[1::2] + ordered[::2]
    assert sorted(shuffled, key=collation_key) == ordered


def test_people_stand_by_given_name_then_family_then_middle_names():
    ordered = [
        "Lê An",
        "Lê Bảo An",
        "Nguyễn Văn An",
        "Trần An",
        "Phạm Thị Ánh",
        "Lê Thị Đào",
    ]
    assert in_order(list(reversed(ordered))) == ordered


def test_keys_hold_nothing_a_database_collation_passes_over():
    assert set(name_sort_key(last_name="Công Tằng Tôn Nữ", first_name="Ẵm")) <= set("0123456789abcdef")
