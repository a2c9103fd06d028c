"""Vietnamese text: one normal form, folding for search, and the order names are sorted in.

No Django here: everything takes and gives ``str``.
"""

import unicodedata
from functools import lru_cache

# The Vietnamese alphabet (29 letters) with f, j, w, z put where dictionaries put foreign letters.
ALPHABET = "a ă â b c d đ e ê f g h i j k l m n o ô ơ p q r s t u ư v w x y z".split()
_LETTER_RANK = {letter: index + 1 for index, letter in enumerate(ALPHABET)}
# Tone marks in dictionary order: ngang, huyền, hỏi, ngã, sắc, nặng.
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}


def nfc(text: str) -> str:
    """The one form text is stored in: NFC, outer space gone, inner runs of space made one."""
    return " ".join(unicodedata.normalize("NFC", text).split())


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Text for search: lower case, marks dropped, đ written d, runs of space made one.

    >>> fold("Cải cách  HÀNH CHÍNH, Đà Nẵng")
    'cai cach hanh chinh, da nang'
    """
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def _word_key(word: str) -> tuple[list[int], list[int]]:
    letters: list[int] = []
    tones: list[int] = []
    for character in unicodedata.normalize("NFC", word.lower()):
        tone = 0
        base = ""
        for part in unicodedata.normalize("NFD", character):
            if part in _TONES:
                tone = _TONES[part]
            else:
                base += part
        letter = unicodedata.normalize("NFC", base)
        letters.append(_LETTER_RANK.get(letter, 100 + ord(letter[0]) if letter else 0))
        tones.append(tone)
    return letters, tones


@lru_cache(maxsize=8192)
def collation_key(text: str) -> str:
    """A string whose plain order is the Vietnamese dictionary order: letters first, tones break ties.

    It is made of hexadecimal digits alone, because databases with a language's collation pass over punctuation: each
    letter two digits from 10 up, 01 between words, 00 at the end, so that "An" stands before "Ánh"; then the tones.
    """
    words = [_word_key(word) for word in nfc(text).split()]
    letters = "01".join(
        "".join(f"{rank + 15:02x}" if rank < 200 else f"ff{rank:05x}" for rank in word[0]) for word in words
    )
    tones = "".join(str(tone) for word in words for tone in word[1])
    return f"{letters}00{tones}"


def name_sort_key(*, last_name: str, first_name: str) -> str:
    """Order of people: given name, then family name, then middle names.

    ``last_name`` is the family name with the middle names ("họ và tên đệm"), ``first_name`` the given name ("tên").
    """
    family, _, middle = nfc(last_name).partition(" ")
    return "".join(collation_key(part) for part in (first_name, family, middle))


def split_full_name(full_name: str) -> tuple[str, str]:
    """("Nguyễn Văn", "A") from "Nguyễn Văn A": the last word is the given name.

    Raises ValueError for an empty name.
    """
    words = nfc(full_name).split()
    if not words:
        raise ValueError("an empty name")
    return " ".join(words[:-1]), words[-1]
