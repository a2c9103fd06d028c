"""TCVN3 (TCVN 5712:1993, VN3; the "ABC" fonts): one byte a letter, no codec of Python's. No Django here.

Its capitals with marks were drawn by a second font over the small letters' codes, so text typed in capitals comes out
with its marked letters small.
"""

_LETTERS = {
    0xA1: "ĂÂÊÔƠƯĐăâêôơưđ",
    0xB5: "àảãáạ",
    0xBB: "ằẳẵắ",
    0xC6: "ặầẩẫấậè",
    0xCE: "ẻẽéẹềểễếệìỉ",
    0xDC: "ĩíịò",
    0xE1: "ỏõóọồổỗốộờởỡớợù",
    0xF1: "ủũúụừửữứựỳỷỹýỵ",
}
TABLE = {start + place: letter for start, letters in _LETTERS.items() for place, letter in enumerate(letters)}
# Marks of the table that no Vietnamese word has when it is read as Latin letters: they give the encoding away.
TELLTALE = frozenset("µ¶·¸¹»¼½¾Æ¡¢£¤¥¦§¨©ª«¬®ÇËÎÏÐÑÖßåæçîïñöøû")


def from_tcvn3(text: str) -> str:
    """Text whose TCVN3 bytes were read as Latin-1."""
    return text.translate(TABLE)


def looks_like_tcvn3(text: str) -> bool:
    """Whether letters stand in the text that no Vietnamese word has."""
    return not TELLTALE.isdisjoint(text)
