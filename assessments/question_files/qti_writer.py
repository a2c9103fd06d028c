"""Questions as a QTI 2.1 package. What the standard has no words for (code, difficulty, how closely answers match, units, points
of a rubric) stands beside each item in the manifest, in a namespace of ours: other systems pass over it, and here it comes back.

Format: 1EdTech (IMS), Question and Test Interoperability 2.1, Information Model and Content Packaging.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import partial

from lxml import etree
from lxml.builder import ElementMaker

from assessments.gaps import read_gaps
from assessments.media_content import CONTENT_TYPES, prepare
from assessments.media_words import Placed
from assessments.question_content import Row, Words, value_of
from assessments.scoring import MARKED
from assessments.tables import cells_of, parts_of

from .media import put_into_item
from .qti import OWN_NAMESPACE
from .sheet import Kept

ITEM = ElementMaker(
    namespace="http://www.imsglobal.org/xsd/imsqti_v2p1",
    nsmap={None: "http://www.imsglobal.org/xsd/imsqti_v2p1"},
)
MANIFEST = ElementMaker(
    namespace="http://www.imsglobal.org/xsd/imscp_v1p1",
    nsmap={None: "http://www.imsglobal.org/xsd/imscp_v1p1"},
)
OWN = ElementMaker(namespace=OWN_NAMESPACE, nsmap={None: OWN_NAMESPACE})
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
Element = etree._Element


def write(questions: Iterable[Kept]) -> bytes:
    """The archive. The same questions give the same bytes."""
    target = io.BytesIO()
    resources = MANIFEST.resources()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, question in enumerate(questions, start=1):
            name = f"items/{number:04}.xml"
            item = _item(question, number)
            named = {file: _file_name(file, content) for file, content in question.media.items()}
            used = put_into_item(item, question.media, partial(_shown, folder=f"{number:04}", named=named))
            _put(archive, name, etree.tostring(item, encoding="UTF-8", xml_declaration=True))
            files = [f"items/{number:04}/{named[file]}" for file in sorted(used)]
            for file, path in zip(sorted(used), files, strict=True):
                _put(archive, path, question.media[file])
            resources.append(_resource(question, number, [name, *files]))
        about = MANIFEST.metadata(MANIFEST.schema("QTIv2.1 Package"), MANIFEST.schemaversion("1.0.0"))
        _put(
            archive,
            "imsmanifest.xml",
            etree.tostring(
                MANIFEST.manifest(about, MANIFEST.organizations(), resources, identifier="questions"),
                encoding="UTF-8",
                xml_declaration=True,
            ),
        )
    return target.getvalue()


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name)  # without the time of packing
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def _file_name(name: str, content: bytes) -> str:
    """With the ending of what is in it: other systems go by that."""
    ending = prepare(content).ending
    return name if name.endswith(f".{ending}") else f"{name}.{ending}"


def _shown(placed: Placed, *, folder: str, named: dict[str, str]) -> Element:
    """The class keeps the name the words call it by."""
    address, content_type = (
        f"{folder}/{named[placed.name]}",
        CONTENT_TYPES[named[placed.name].rpartition(".")[2]],
    )
    if content_type.startswith("audio/"):
        return ITEM.object(placed.said, data=address, type=content_type, **{"class": placed.name})
    return ITEM.img(src=address, alt=placed.said, **{"class": placed.name})


def _resource(question: Kept, number: int, files: Sequence[str]) -> Element:
    """``files``: the item, and what it shows."""
    words = question.words
    own = OWN.question(
        *(
            OWN.criterion(row.text, points=str(value_of(row.match)))
            for row in words.rows
            if words.kind in MARKED
        ),
        code=question.code,
        kind=words.kind,
        difficulty=question.difficulty,
        matching=words.matching,
        credit=words.credit,
        units=words.units,
    )
    return MANIFEST.resource(
        MANIFEST.metadata(own),
        *(MANIFEST.file(href=file) for file in files),
        identifier=f"item-{number:04}",
        type="imsqti_item_xmlv2p1",
        href=files[0],
    )


def _item(question: Kept, number: int) -> Element:
    words = question.words
    known = _IDENTIFIER.fullmatch(question.code)
    item = ITEM.assessmentItem(
        identifier=question.code if known else f"question-{number:04}",
        title=question.code,
        adaptive="false",
        timeDependent="false",
    )
    declared, body, processing = _KINDS[words.kind](words)
    item.extend(declared)
    item.append(ITEM.outcomeDeclaration(identifier="SCORE", cardinality="single", baseType="float"))
    if any(row.feedback for row in words.rows):
        cardinality = declared[0].get("cardinality", "single")
        item.append(
            ITEM.outcomeDeclaration(identifier="FEEDBACK", cardinality=cardinality, baseType="identifier")
        )
        processing = [*processing, _set("FEEDBACK", ITEM.variable(identifier="RESPONSE"))]
    if words.feedback:
        shown = ITEM.defaultValue(ITEM.value("shown"))
        item.append(
            ITEM.outcomeDeclaration(
                shown, identifier="EXPLANATION", cardinality="single", baseType="identifier"
            )
        )
    item.append(ITEM.itemBody(*body))
    if processing:
        item.append(ITEM.responseProcessing(*processing))
    if words.feedback:
        item.append(
            ITEM.modalFeedback(
                *_blocks(words.feedback), outcomeIdentifier="EXPLANATION", identifier="shown", showHide="show"
            )
        )
    return item


# --- Words ----------------------------------------------------------------------------------------------------
def _blocks(text: str) -> list[Element]:
    """Paragraphs with their line breaks, and tables."""
    blocks = []
    for is_table, lines in parts_of(text):
        if is_table:
            rows = [ITEM.tr(*(ITEM.td(cell) for cell in cells_of(line))) for line in lines]
            blocks.append(ITEM.table(ITEM.tbody(*rows)))
        else:
            paragraphs = re.split(r"\n{2,}", "\n".join(lines).strip("\n"))
            blocks += [_paragraph(paragraph.split("\n")) for paragraph in paragraphs if paragraph.strip()]
    return blocks


def _paragraph(lines: Sequence[str]) -> Element:
    first, *others = lines
    paragraph = ITEM.p(first)
    for line in others:
        broken = ITEM.br()
        broken.tail = line
        paragraph.append(broken)
    return paragraph


# --- Declarations and rules ------------------------------------------------------------------------------------
def _response(
    correct: Iterable[str],
    *,
    name: str = "RESPONSE",
    cardinality: str = "single",
    base: str = "identifier",
    points: dict[str, Decimal] | None = None,
    **entry: str,
) -> Element:
    declared = ITEM.responseDeclaration(identifier=name, cardinality=cardinality, baseType=base)
    if values := [ITEM.value(value) for value in correct]:
        declared.append(ITEM.correctResponse(*values))
    if points:
        entries = [
            ITEM.mapEntry(mapKey=key, mappedValue=_plain(value), **entry) for key, value in points.items()
        ]
        declared.append(ITEM.mapping(*entries, lowerBound="0", upperBound="1", defaultValue="0"))
    return declared


def _plain(value: Decimal) -> str:
    return format(value.quantize(Decimal("0.000001")).normalize(), "f")


def _set(name: str, value: Element) -> Element:
    return ITEM.setOutcomeValue(value, identifier=name)


def _float(value: Decimal | int) -> Element:
    return ITEM.baseValue(_plain(Decimal(value)), baseType="float")


def _if(condition: Element, earned: Element) -> Element:
    return ITEM.responseCondition(ITEM.responseIf(condition, _set("SCORE", earned)))


def _exact() -> Element:
    return _if(
        ITEM.match(ITEM.variable(identifier="RESPONSE"), ITEM.correct(identifier="RESPONSE")), _float(1)
    )


def _mapped() -> Element:
    return _set("SCORE", ITEM.mapResponse(identifier="RESPONSE"))


# --- Kinds: (declarations, body, rules) --------------------------------------------------------------------------
Parts = tuple[list[Element], list[Element], list[Element]]


def _choices(words: Words) -> Parts:
    several = words.kind == "multiple"
    names = (
        ["true", "false"]
        if words.kind == "true_false"
        else [f"choice_{number}" for number in range(1, len(words.rows) + 1)]
    )
    right = [name for name, row in zip(names, words.rows, strict=True) if row.is_right]
    by_points = any(row.percent is not None for row in words.rows) or (several and words.credit == "parts")
    part = Decimal(100) / max(1, len(right)) if several else Decimal(100)
    points = {
        name: _earned(row, part if row.is_right else -part if several else Decimal(0))
        for name, row in zip(names, words.rows, strict=True)
    }
    interaction = ITEM.choiceInteraction(
        *(_choice(name, row) for name, row in zip(names, words.rows, strict=True)),
        responseIdentifier="RESPONSE",
        shuffle="false" if words.kind == "true_false" else "true",
        maxChoices="0" if several else "1",
    )
    declared = _response(
        right, cardinality="multiple" if several else "single", points=points if by_points else None
    )
    return [declared], [*_blocks(words.stem), interaction], [_mapped() if by_points else _exact()]


def _earned(row: Row, otherwise: Decimal) -> Decimal:
    return (otherwise if row.percent is None else row.percent) / 100


def _choice(name: str, row: Row) -> Element:
    choice = ITEM.simpleChoice(row.text, identifier=name)
    if row.feedback:
        choice.append(
            ITEM.feedbackInline(row.feedback, outcomeIdentifier="FEEDBACK", identifier=name, showHide="show")
        )
    return choice


def _short(words: Words) -> Parts:
    points = {row.text: _earned(row, Decimal(100)) for row in words.rows}
    declared = _response(
        [words.rows[0].text],
        base="string",
        points=points,
        caseSensitive="true" if words.matching == "exact" else "false",
    )
    return [declared], [*_blocks(words.stem), _field()], [_mapped()]


def _field() -> Element:
    return ITEM.p(ITEM.textEntryInteraction(responseIdentifier="RESPONSE"))


def _number(words: Words) -> Parts:
    """Each accepted value with its tolerance, in the order of writing; the first that fits counts."""
    condition = ITEM.responseCondition()
    for row in words.rows:
        own = value_of(row.match)
        off_by = format((words.tolerance if own is None else own).normalize(), "f")
        fits = ITEM.equal(
            ITEM.variable(identifier="RESPONSE"),
            ITEM.baseValue(str(value_of(row.text)), baseType="float"),
            toleranceMode="absolute",
            tolerance=f"{off_by} {off_by}",
        )
        branch = ITEM.responseElseIf if len(condition) else ITEM.responseIf
        condition.append(branch(fits, _set("SCORE", _float(_earned(row, Decimal(100))))))
    declared = _response([str(value_of(words.rows[0].text))], base="float")
    return [declared], [*_blocks(words.stem), _field()], [condition]


def _matching(words: Words) -> Parts:
    pairs = [row for row in words.rows if row.text.strip()]
    others = {
        text: f"right_{number}"
        for number, text in enumerate(dict.fromkeys(row.match for row in words.rows), start=1)
    }
    keys = [f"left_{number} {others[row.match]}" for number, row in enumerate(pairs, start=1)]
    lefts = [
        ITEM.simpleAssociableChoice(row.text, identifier=f"left_{number}", matchMax="1")
        for number, row in enumerate(pairs, start=1)
    ]
    rights = [
        ITEM.simpleAssociableChoice(text, identifier=name, matchMax=str(len(pairs)))
        for text, name in others.items()
    ]
    interaction = ITEM.matchInteraction(
        ITEM.simpleMatchSet(*lefts),
        ITEM.simpleMatchSet(*rights),
        responseIdentifier="RESPONSE",
        shuffle="true",
        maxAssociations=str(len(pairs)),
    )
    in_parts = words.credit == "parts"
    points = dict.fromkeys(keys, Decimal(1) / len(pairs)) if in_parts else None
    declared = _response(keys, cardinality="multiple", base="directedPair", points=points)
    return [declared], [*_blocks(words.stem), interaction], [_mapped() if in_parts else _exact()]


def _ordering(words: Words) -> Parts:
    names = [f"step_{number}" for number in range(1, len(words.rows) + 1)]
    steps = [
        ITEM.simpleChoice(row.text, identifier=name) for name, row in zip(names, words.rows, strict=True)
    ]
    interaction = ITEM.orderInteraction(*steps, responseIdentifier="RESPONSE", shuffle="true")
    return [_response(names, cardinality="ordered")], [*_blocks(words.stem), interaction], [_exact()]


def _gaps(words: Words) -> Parts:
    """The words as they are with fields among them; line breaks and tables of such a text become plain lines."""
    text = read_gaps(words.stem)
    declared, fields = [], []
    for number, gap in enumerate(text.gaps, start=1):
        name = f"RESPONSE_{number}"
        if gap.is_chosen:
            names = {form: f"gap_{number}_{place}" for place, (form, _right) in enumerate(gap.forms, start=1)}
            right = [names[form] for form, is_right in gap.forms if is_right]
            options = [ITEM.inlineChoice(form, identifier=names[form]) for form, _right in gap.forms]
            fields.append(ITEM.inlineChoiceInteraction(*options, responseIdentifier=name, shuffle="true"))
            declared.append(_response(right[:1], name=name, points=dict.fromkeys(right, Decimal(1))))
        else:
            forms = [form for form, _right in gap.forms]
            fields.append(ITEM.textEntryInteraction(responseIdentifier=name))
            declared.append(
                _response(
                    forms[:1],
                    name=name,
                    base="string",
                    points=dict.fromkeys(forms, Decimal(1)),
                    caseSensitive="true" if words.matching == "exact" else "false",
                )
            )
    right_ones = ITEM.sum(*(ITEM.mapResponse(identifier=one.get("identifier")) for one in declared))
    if words.credit == "parts":
        rule = _set("SCORE", ITEM.divide(right_ones, _float(len(declared))))
    else:
        rule = _if(ITEM.gte(right_ones, _float(len(declared))), _float(1))
    return declared, _with_fields(text.words, fields), [rule]


def _with_fields(words: Sequence[str], fields: Sequence[Element]) -> list[Element]:
    """One block whose line breaks are <br/>: a field may stand anywhere."""
    block = ITEM.p()
    for number, text in enumerate(words):
        if number:
            block.append(fields[number - 1])
        first, *others = text.split("\n")
        _append_text(block, first)
        for line in others:
            block.append(ITEM.br())
            _append_text(block, line)
    return [block]


def _append_text(block: Element, text: str) -> None:
    if len(block):
        block[-1].tail = (block[-1].tail or "") + text
    else:
        block.text = (block.text or "") + text


def _essay(words: Words) -> Parts:
    body = _blocks(words.stem)
    if words.rows:
        lines = [f"{row.text}: {row.match}" for row in words.rows]
        body.append(ITEM.rubricBlock(_paragraph(lines), view="scorer"))
    if words.kind == "file":
        body.append(ITEM.uploadInteraction(responseIdentifier="RESPONSE"))
        return [_response([], base="file")], body, []
    body.append(ITEM.extendedTextInteraction(responseIdentifier="RESPONSE"))
    return [_response([], base="string")], body, []


_KINDS: dict[str, Callable[[Words], Parts]] = {
    "single": _choices,
    "multiple": _choices,
    "true_false": _choices,
    "short": _short,
    "number": _number,
    "matching": _matching,
    "ordering": _ordering,
    "gaps": _gaps,
    "essay": _essay,
    "file": _essay,
}
