"""QTI items and packages: what they ask, and archives that are refused whole."""

import io
import stat
import struct
import zipfile

import pytest

from assessments.question_content import Row, Words
from assessments.question_files import FileFault, Found, Refused, archive, read_questions

NS21 = "http://www.imsglobal.org/xsd/imsqti_v2p1"
NS22 = "http://www.imsglobal.org/xsd/imsqti_v2p2"
MATCH = (
    '<responseProcessing template="http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct"/>'
)
MAP = '<responseProcessing template="http://www.imsglobal.org/question/qti_v2p1/rptemplates/map_response"/>'


def item(
    body: str,
    *,
    correct=(),
    mapping: str = "",
    cardinality="single",
    base="identifier",
    scoring=MATCH,
    ns=NS21,
    more="",
):
    values = "".join(f"<value>{value}</value>" for value in correct)
    return (
        f'<assessmentItem xmlns="{ns}" identifier="cau-1" title="Câu 1" adaptive="false" timeDependent="false">\n'
        f'<responseDeclaration identifier="RESPONSE" cardinality="{cardinality}" baseType="{base}">'
        f"<correctResponse>{values}</correctResponse>{mapping}</responseDeclaration>"
        f"<itemBody>{body}</itemBody>{scoring}{more}</assessmentItem>"
    )


def mapped(**points: float) -> str:
    rows = "".join(f'<mapEntry mapKey="{key}" mappedValue="{value}"/>' for key, value in points.items())
    return f'<mapping defaultValue="0">{rows}</mapping>'


def choices(*texts: str, kind: str = "simpleChoice") -> str:
    return "".join(
        f'<{kind} identifier="{name}">{text}</{kind}>' for name, text in zip("ABCDEF", texts, strict=False)
    )


def only(content: str | bytes) -> Found | Refused:
    name, (question,) = read_questions(content.encode() if isinstance(content, str) else content)
    assert name == "qti"
    return question


CHOICE = (
    '<choiceInteraction responseIdentifier="RESPONSE" maxChoices="{most}"><prompt>Thủ đô?</prompt>{choices}'
    "</choiceInteraction>"
)


@pytest.mark.parametrize("ns", [NS21, NS22])
def test_one_choice(ns):
    question = only(
        item(CHOICE.format(most=1, choices=choices("Huế", "<p>Hà Nội</p>")), correct=["B"], ns=ns)
    )
    assert question.words == Words("single", "Thủ đô?", [Row("Huế"), Row("Hà Nội", True)])
    assert (question.line, question.number_there) == (1, "cau-1")


def test_the_same_in_qti_3():
    question = only(
        '<qti-assessment-item xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="q3" title="T">'
        '<qti-response-declaration identifier="RESPONSE" cardinality="multiple" base-type="identifier">'
        "<qti-correct-response><qti-value>A</qti-value><qti-value>C</qti-value></qti-correct-response>"
        "</qti-response-declaration><qti-item-body><p>Chọn hai.</p>"
        '<qti-choice-interaction response-identifier="RESPONSE" max-choices="2">'
        '<qti-simple-choice identifier="A">một</qti-simple-choice>'
        '<qti-simple-choice identifier="B">hai<qti-feedback-inline identifier="B" outcome-identifier="F">Chưa đúng'
        "</qti-feedback-inline></qti-simple-choice>"
        '<qti-simple-choice identifier="C">ba</qti-simple-choice></qti-choice-interaction></qti-item-body>'
        '<qti-response-processing template="https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/match_correct.xml"/>'
        '<qti-modal-feedback identifier="ok" outcome-identifier="F">Điều 3.</qti-modal-feedback></qti-assessment-item>'
    )
    rows = [Row("một", True), Row("hai", feedback="Chưa đúng"), Row("ba", True)]
    assert question.words == Words("multiple", "Chọn hai.", rows, "Điều 3.", credit="all")


def test_points_of_a_mapping_become_shares_where_the_item_is_scored_by_it():
    body = CHOICE.format(most=3, choices=choices("một", "hai", "ba"))
    more = {"correct": ["A", "B"], "mapping": mapped(A=2, B=1, C=-1), "cardinality": "multiple"}
    question = only(item(body, scoring=MAP, **more))
    assert [str(row.percent) for row in question.words.rows] == ["66.6667", "33.3333", "-33.3333"]
    assert question.words.credit == "parts"
    exact = only(item(body, scoring=MATCH, **more))
    assert [row.percent for row in exact.words.rows] == [None] * 3 and exact.words.credit == "all"


def test_true_or_false_by_the_names_of_its_choices():
    body = (
        '<choiceInteraction responseIdentifier="RESPONSE" maxChoices="1"><prompt>Đúng không?</prompt>'
        '<simpleChoice identifier="true">Có</simpleChoice><simpleChoice identifier="false">Không</simpleChoice>'
        "</choiceInteraction>"
    )
    assert only(item(body, correct=["true"])).words.kind == "true_false"


def test_an_order():
    body = f'<orderInteraction responseIdentifier="RESPONSE"><prompt>Xếp.</prompt>{choices("hai", "một")}</orderInteraction>'
    question = only(item(body, correct=["B", "A"], cardinality="ordered"))
    assert question.words == Words("ordering", "Xếp.", [Row("một"), Row("hai")], credit="all")
    assert isinstance(only(item(body, correct=["B"], cardinality="ordered")), Refused)


def test_pairs():
    left = choices("Bộ Nội vụ", "Bộ Y tế", kind="simpleAssociableChoice")
    right = "".join(
        f'<simpleAssociableChoice identifier="R{n}">{t}</simpleAssociableChoice>'
        for n, t in enumerate(["y tế", "cải cách", "thuế"])
    )
    body = (
        f'<matchInteraction responseIdentifier="RESPONSE"><prompt>Ghép.</prompt><simpleMatchSet>{left}</simpleMatchSet>'
        f"<simpleMatchSet>{right}</simpleMatchSet></matchInteraction>"
    )
    asked = {"cardinality": "multiple", "base": "directedPair"}
    question = only(item(body, correct=["A R1", "B R0"], **asked))
    rows = [Row("Bộ Nội vụ", match="cải cách"), Row("Bộ Y tế", match="y tế"), Row("", match="thuế")]
    assert question.words.rows == rows
    assert isinstance(only(item(body, correct=["A R1"], **asked)), Refused)


FIELD = '<textEntryInteraction responseIdentifier="RESPONSE"/>'


def test_a_field_at_the_end_is_a_written_answer_and_among_words_a_gap():
    shares = mapped(Hà=1, hà=1, Thăng=0.5)
    end = only(item(f"<p>Thủ đô là {FIELD}.</p>", correct=["Hà"], mapping=shares, base="string", scoring=MAP))
    assert end.words.kind == "short" and [(row.text, row.percent and str(row.percent)) for row in end.words.rows] == [
        ("Hà", None), ("Thăng", "50.0000"),
    ]  # fmt: skip
    inside = only(item(f"<p>Thủ đô {FIELD} nằm bên sông.</p>", correct=["Hà Nội"], base="string"))
    assert inside.words.stem == "Thủ đô [[Hà Nội]] nằm bên sông."
    number = only(item(f"<p>Mấy? {FIELD}</p>", correct=["12.5"], base="float"))
    assert (number.words.kind, number.words.rows) == ("number", [Row("12,5", True)])


def test_choices_inside_a_text_and_words_put_into_it():
    options = choices("Huế", "Hà Nội", kind="inlineChoice")
    inline = f'<inlineChoiceInteraction responseIdentifier="RESPONSE">{options}</inlineChoiceInteraction>'
    assert only(item(f"<p>Thủ đô là {inline}.</p>", correct=["B"])).words.stem == "Thủ đô là [[Huế|*Hà Nội]]."
    words = "".join(
        f'<gapText identifier="W{n}" matchMax="1">{t}</gapText>' for n, t in enumerate(["mèo", "chó"])
    )
    body = (
        f'<gapMatchInteraction responseIdentifier="RESPONSE"><prompt>Điền.</prompt>{words}'
        '<p>Con <gap identifier="G1"/> sủa.</p></gapMatchInteraction>'
    )
    question = only(item(body, correct=["W1 G1"], cardinality="multiple", base="directedPair"))
    assert question.words.stem.endswith("Con [[mèo|*chó]] sủa.") and question.words.stem.startswith("Điền.")


def test_an_essay_with_what_its_marker_reads():
    body = (
        '<rubricBlock view="scorer">Nêu đủ ba ý.</rubricBlock><p>Trình bày.</p>'
        '<extendedTextInteraction responseIdentifier="RESPONSE"/>'
    )
    assert only(item(body, base="string")).words == Words("essay", "Trình bày.", [], "Nêu đủ ba ý.")


def test_a_table_in_the_words_is_kept_as_lines():
    table = "<table><tr><th>Năm</th><th>Hồ sơ</th></tr><tr><td>2018</td><td>12</td></tr></table>"
    question = only(item(f"<p>Xem bảng.</p>{table}<p>Bao nhiêu? {FIELD}</p>", correct=["12"], base="integer"))
    assert "| Năm | Hồ sơ |\n| 2018 | 12 |" in question.words.stem


@pytest.mark.parametrize(
    "body",
    [
        "<p>Chỉ đọc.</p>",
        '<p>a</p><hotspotInteraction responseIdentifier="RESPONSE"/>',
        f"<p><img src='a.png' alt=''/> {FIELD}</p>",
        CHOICE.format(most=1, choices=choices("a", "b")) * 2,
        CHOICE.format(most=1, choices=choices("a", "b")).replace("RESPONSE", "ELSE"),
    ],
)
def test_what_cannot_be_asked_here_is_refused_with_its_line(body):
    question = only(item(body, correct=["A"]))
    assert isinstance(question, Refused) and question.line == 1 and str(question.reason)


@pytest.mark.parametrize(
    "text",
    [
        '<assessmentTest xmlns="http://x"/>',
        "<questestinterop/>",
        '<!DOCTYPE a [<!ENTITY b "c">]><assessmentItem/>',
        "<assessmentItem><itemBody></assessmentItem>",
    ],
)
def test_what_is_no_item_is_a_fault_of_the_file(text):
    with pytest.raises(FileFault):
        read_questions(text.encode(), "qti")


# --- Packages --------------------------------------------------------------------------------------------------
GOOD = item(CHOICE.format(most=1, choices=choices("Huế", "Hà Nội")), correct=["B"])
MANIFEST = (
    '<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"><resources>{rows}'
    '<resource identifier="t" type="imsqti_test_xmlv2p1" href="test.xml"/></resources></manifest>'
)


def manifest(*names: str) -> str:
    rows = "".join(
        f'<resource identifier="r{n}" type="imsqti_item_xmlv2p1" href="{name}"/>'
        for n, name in enumerate(names)
    )
    return MANIFEST.format(rows=rows)


def packed(files: dict[str, str | bytes], *, compression=zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return target.getvalue()


def refused(content: bytes) -> FileFault:
    with pytest.raises(FileFault) as fault:
        read_questions(content)
    return fault.value


def test_the_items_of_a_package_come_with_their_files_and_a_broken_one_spoils_no_other():
    content = packed(
        {
            "imsmanifest.xml": manifest("a/one.xml", "a/two.xml", "a/missing.xml", "a%20b.xml"),
            "a/one.xml": GOOD,
            "a/two.xml": "<x",
            "a b.xml": GOOD,
        }
    )
    _name, questions = read_questions(content)
    assert [(question.file, type(question)) for question in questions] == [
        ("a/one.xml", Found), ("a/two.xml", Refused), ("a/missing.xml", Refused), ("a b.xml", Found),
    ]  # fmt: skip
    assert questions[1].line == 1


@pytest.mark.parametrize(
    "name", ["../evil.xml", "/etc/evil.xml", "a/../../evil.xml", "C:evil.xml", "a\\evil.xml"]
)
def test_a_name_that_leads_out_of_the_package_is_refused_and_nothing_is_written(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    good = {"imsmanifest.xml": manifest("one.xml"), "one.xml": GOOD}
    fault = refused(packed(good | {name: "x"}))
    assert "evil.xml" in str(fault.message)
    assert list(tmp_path.rglob("*")) == []


def test_a_link_is_refused():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("imsmanifest.xml", manifest("one.xml"))
        link = zipfile.ZipInfo("one.xml")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/passwd")
    assert "one.xml" in str(refused(target.getvalue()).message)


def test_bombs_are_refused_before_anything_is_unpacked(monkeypatch):
    tight = packed({"imsmanifest.xml": manifest("one.xml"), "one.xml": b"\0" * 20_000_000})
    large = packed({"a": "x" * 2000}, compression=zipfile.ZIP_STORED)
    many = packed({f"f{n}": "" for n in range(4)})
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *args, **kwargs: pytest.fail("unpacked"))
    assert "one.xml" in str(refused(tight).message)
    monkeypatch.setattr(archive, "MOST_UNPACKED", 1000)
    assert "MB" in str(refused(large).message)
    monkeypatch.setattr(archive, "MOST_ENTRIES", 3)
    assert "3" in str(refused(many).message)


def test_an_entry_longer_than_it_says_is_refused():
    content = bytearray(packed({"imsmanifest.xml": manifest("one.xml"), "one.xml": GOOD}))
    directory = content.rfind(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = struct.pack("<I", 10)
    _name, questions = read_questions(bytes(content))
    assert isinstance(questions[0], Refused)


def test_the_same_name_twice_is_refused():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("one.xml", GOOD)
        made.writestr("ONE.xml", GOOD)
    assert "ONE.xml" in str(refused(target.getvalue()).message)


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 broken",
        packed({"a.xml": GOOD}),
        packed({"imsmanifest.xml": "<manifest/>"}),
        packed({"imsmanifest.xml": "<x/>"}),
    ],
    # Named: an archive's bytes hold the time it was packed, and two test processes that collect
    # it over the turn of a second would not agree on which tests there are.
    ids=["broken", "no manifest", "empty manifest", "not a manifest"],
)
def test_an_archive_that_is_no_package_is_a_fault_of_the_file(content):
    assert str(refused(content).message)
