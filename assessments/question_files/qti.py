"""QTI items: 2.1 and 2.2 (``assessmentItem``) and 3.0 (``qti-assessment-item``), whose names differ and whose sense is one.

Format: 1EdTech (IMS), Question and Test Interoperability, Assessment Test, Section and Item Information Model 2.1, 2.2 and 3.0.
What becomes a question here: choice, order, match, text entry, inline choice, gap match, extended text. A right answer is taken
from ``correctResponse``; marks from ``mapping`` where the item is scored by it.
"""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from lxml import etree

from assessments.gaps import Gap, write_gaps
from assessments.models.banks import Credit, Difficulty, Matching
from assessments.question_content import Row, Words
from assessments.scoring import compared

from .found import (
    Collected,
    FileFault,
    Found,
    Option,
    QuestionFault,
    Refused,
    Value,
    accepted_forms,
    accepted_values,
    decimal_of,
    plain,
    written,
)
from .media import BytesAt, take_out_of_item
from .xml import parse

GAP = "\ue0ff"  # where an interaction stood in the words
SCORED_BY_MAPPING = "map_response"
HOLDERS = {"choiceInteraction", "orderInteraction", "matchInteraction", "gapMatchInteraction"}
OWN_NAMESPACE = "urn:boi-duong-so:question:1"


@dataclass(frozen=True)
class Own:
    """What this platform's own packages say of an item beside it (``qti_writer``)."""

    code: str = ""
    kind: str = ""
    difficulty: str = ""
    more: dict[str, str] = field(default_factory=dict)  # fields of Words that QTI has no words for
    criteria: list[Row] = field(default_factory=list)


def read(
    content: str | bytes, own: Own | None = None, *, bytes_at: BytesAt = lambda _address: None
) -> list[Found | Refused]:
    """The one item of a file; ``bytes_at`` gives what its addresses lead to in a package. Raises FileFault for anything else."""
    root = _plainly_named(parse(content))
    if root.tag == "assessmentTest":
        raise FileFault(
            gettext_lazy("This is a test that names its items elsewhere. Choose the whole package.")
        )
    if root.tag == "questestinterop":
        raise FileFault(gettext_lazy("QTI 1.2 is not read. Export the questions as QTI 2.1 or later."))
    if root.tag != "assessmentItem":
        raise FileFault(
            _("<assessmentItem> was expected, <%(tag)s> found.") % {"tag": root.tag}, line=root.sourceline
        )
    line, title = root.sourceline or 1, root.get("title", "")
    files = take_out_of_item(root, bytes_at)
    try:
        words = _Item(root, own or Own()).words()
        number_there = root.get("identifier", "")
        if own is None:
            return [Found(line, words, number_there=number_there, media=files)]
        words = words._replace(**own.more)
        return [
            Found(
                line,
                words,
                number_there,
                difficulty=own.difficulty,
                code=own.code,
                says_all=True,
                media=files,
            )
        ]
    except QuestionFault as fault:
        return [Refused(line, fault.reason, title[:120])]


def _plainly_named(root: etree._Element) -> etree._Element:
    """Without namespaces, and 3.0's ``qti-choice-interaction`` as 2.1's ``choiceInteraction``."""
    for element in root.iter(etree.Element):
        element.tag = _camel(etree.QName(element).localname.removeprefix("qti-"))
        for name in list(element.attrib):
            plain_name = _camel(etree.QName(name).localname)
            if plain_name != name:
                element.set(plain_name, element.attrib.pop(name))
    return root


def _camel(name: str) -> str:
    return re.sub(r"-([a-z])", lambda match: match[1].upper(), name)


class _Item:
    def __init__(self, root: etree._Element, own: Own):
        self.root, self.own = root, own
        body = root.find("itemBody")
        if body is None:
            raise QuestionFault(gettext_lazy("The item has no words (itemBody)."))
        self.body = deepcopy(body)
        self.declared = {row.get("identifier", ""): row for row in root.iterchildren("responseDeclaration")}
        self.asked = [element for element in body.iter() if str(element.tag).endswith("Interaction")]
        processing = root.find("responseProcessing")
        template = "" if processing is None else processing.get("template", "")
        # An item with rules of its own is read by its mapping when it has one: only then do marks differ from right and wrong.
        rules = [] if processing is None else list(processing.iter("mapResponse"))
        self.is_mapped = SCORED_BY_MAPPING in template or bool(rules)

    def words(self) -> Words:
        for block in self.body.findall(".//rubricBlock"):
            block.getparent().remove(block)
        kinds = {element.tag for element in self.asked}
        if not kinds:
            raise QuestionFault(gettext_lazy("A text without a question is not taken over."))
        if unknown := sorted(kinds - set(_READERS)):
            raise QuestionFault(
                _("Questions of the kind “%(kind)s” are not asked here yet.") % {"kind": unknown[0]}
            )
        if kinds <= {"textEntryInteraction", "inlineChoiceInteraction"}:
            return self._written()
        if len(self.asked) > 1:
            raise QuestionFault(
                gettext_lazy("The item asks several things at once; make each an item of its own.")
            )
        return _READERS[self.asked[0].tag](self, self.asked[0])

    # --- What the declarations say --------------------------------------------------------------------------
    def declaration(self, interaction: etree._Element) -> etree._Element:
        found = self.declared.get(interaction.get("responseIdentifier", ""))
        if found is None:
            raise QuestionFault(gettext_lazy("The item does not declare its response."))
        return found

    def correct(self, interaction: etree._Element) -> list[str]:
        values = self.declaration(interaction).iterfind("correctResponse/value")
        return [(value.text or "").strip() for value in values]

    def mapping(self, interaction: etree._Element) -> dict[str, float]:
        """Points by answer, in per cent of the most that can be earned; {} when the item is not scored by it."""
        entries = self.declaration(interaction).findall("mapping/mapEntry")
        if not entries or not self.is_mapped:
            return {}
        points = {row.get("mapKey", ""): float(decimal_of(row.get("mappedValue") or "0")) for row in entries}
        several = self.declaration(interaction).get("cardinality") != "single"
        earning = [value for value in points.values() if value > 0]
        if not earning:
            raise QuestionFault(gettext_lazy("No answer is right."))
        most = sum(earning) if several else max(earning)
        bound = self.declaration(interaction).find("mapping").get("upperBound")
        if bound and several:
            most = min(most, float(decimal_of(bound)))
        return {key: 100 * value / most for key, value in points.items()}

    # --- Words ----------------------------------------------------------------------------------------------
    def stem(self) -> str:
        """All words of the body but the choices."""
        body = deepcopy(self.body)
        for holder in body.iter(*HOLDERS):
            for child in list(holder):
                if child.tag != "prompt":
                    holder.remove(child)
        return _words_of(body)

    def explanation(self) -> str:
        said = [_words_of(row) for row in self.root.iterchildren("modalFeedback")]
        return "\n".join(dict.fromkeys(filter(None, said)))

    # --- Kinds ----------------------------------------------------------------------------------------------
    def choice(self, interaction: etree._Element) -> Words:
        right, mapped = self.correct(interaction), self.mapping(interaction)
        several = self.declaration(interaction).get("cardinality") == "multiple"
        collected = Collected()
        for option in interaction.iterchildren("simpleChoice"):
            name = option.get("identifier", "")
            said = " ".join(_words_of(row) for row in option.iter("feedbackInline"))
            for row in list(option.iter("feedbackInline")):
                row.getparent().remove(row)
            percent = mapped.get(name, 0.0) if mapped else 100.0 * (name in right)
            collected.options.append(Option(_words_of(option), percent, said))
        kind, rows = collected.as_choices(several=several)
        names = {option.get("identifier", "").lower() for option in interaction.iterchildren("simpleChoice")}
        if kind == "single" and names == {"true", "false"}:
            kind = "true_false"
        # Without a mapping only the exact set of right choices earns anything.
        credit = "all" if kind == "multiple" and not mapped else "parts"
        return Words(kind, self.stem(), rows, self.explanation(), credit=credit)

    def order(self, interaction: etree._Element) -> Words:
        texts = {
            row.get("identifier", ""): _words_of(row) for row in interaction.iterchildren("simpleChoice")
        }
        right = self.correct(interaction)
        if sorted(right) != sorted(texts):
            raise QuestionFault(gettext_lazy("The right order does not name every step once."))
        rows = [Row(texts[name]) for name in right]
        return Words("ordering", self.stem(), rows, self.explanation(), credit="all")

    def match(self, interaction: etree._Element) -> Words:
        sets = interaction.findall("simpleMatchSet")
        if len(sets) != 2:
            raise QuestionFault(gettext_lazy("Matching needs two lists."))
        left, right = (
            {row.get("identifier", ""): _words_of(row) for row in one.iterchildren("simpleAssociableChoice")}
            for one in sets
        )
        pairs = [tuple(value.split()) for value in self.correct(interaction)]
        halves = dict(pair for pair in pairs if len(pair) == 2)
        if set(halves) != set(left) or len(pairs) != len(left) or not set(halves.values()) <= set(right):
            raise QuestionFault(
                gettext_lazy("Each line of a matching question goes with exactly one of the other list.")
            )
        rows = [Row(text, match=right[halves[name]]) for name, text in left.items()]
        rows += [Row("", match=text) for name, text in right.items() if name not in halves.values()]
        return Words("matching", self.stem(), rows, self.explanation(), credit=self._credit(interaction))

    def _credit(self, interaction: etree._Element) -> str:
        return "parts" if self.mapping(interaction) else "all"

    def essay(self, interaction: etree._Element) -> Words:
        kind = "file" if interaction.tag == "uploadInteraction" else "essay"
        if self.own.criteria:
            return Words(kind, self.stem(), self.own.criteria, self.explanation())
        rubric = [
            _words_of(block) for block in self.root.iter("rubricBlock") if "scorer" in block.get("view", "")
        ]
        return Words(kind, self.stem(), [], "\n".join(filter(None, [self.explanation(), *rubric])))

    def gap_match(self, interaction: etree._Element) -> Words:
        texts = {row.get("identifier", ""): _words_of(row) for row in interaction.iterchildren("gapText")}
        right = dict(
            reversed(value.split()) for value in self.correct(interaction) if len(value.split()) == 2
        )
        names = [gap.get("identifier", "") for gap in interaction.iter("gap")]
        if set(names) != set(right) or not set(right.values()) <= set(texts):
            raise QuestionFault(gettext_lazy("A gap has no right answer."))
        body = deepcopy(self.body)
        for row in list(body.iter("gapText")):
            row.getparent().remove(row)
        gaps = [Gap([(text, text == texts[right[name]]) for text in texts.values()], True) for name in names]
        return self._gapped(body, ["gap"], gaps, credit=self._credit(interaction))

    def _written(self) -> Words:
        """One field at the end of the words is a short answer or a number; fields among words are gaps."""
        words = _words_of(_with_marks(self.body, ["textEntryInteraction", "inlineChoiceInteraction"]))
        only = self.asked[0]
        alone = len(self.asked) == 1 and only.tag == "textEntryInteraction" and self.own.kind != "gaps"
        if alone and not re.sub(rf".*{GAP}", "", words, flags=re.DOTALL).strip(" \n.?!"):
            return self._answer(only, words.replace(GAP, "").strip())
        gaps = [self._gap(interaction) for interaction in self.asked]
        return self._gapped(
            self.body, ["textEntryInteraction", "inlineChoiceInteraction"], gaps, credit="parts"
        )

    def _answer(self, interaction: etree._Element, stem: str) -> Words:
        shares = self.mapping(interaction) or dict.fromkeys(self.correct(interaction), 100.0)
        options = [Option(text, percent) for text, percent in shares.items()]
        if self.declaration(interaction).get("baseType") in ("integer", "float"):
            values = self._values_within(interaction) or [
                Value(decimal_of(option.text), decimal_of("0"), option.percent) for option in options
            ]
            rows, tolerance = accepted_values(values)
            return Words("number", stem, rows, self.explanation(), tolerance=tolerance)
        matching = self._matching(interaction)
        forms = accepted_forms(options, matching=matching)
        return Words("short", stem, forms, self.explanation(), matching=matching)

    def _matching(self, interaction: etree._Element) -> str:
        """How closely a written answer has to match; the standard's default is but for capitals."""
        if own := self.own.more.get("matching"):
            return own
        entries = self.declaration(interaction).findall("mapping/mapEntry")
        return "exact" if entries and all(row.get("caseSensitive") == "true" for row in entries) else "case"

    def _values_within(self, interaction: etree._Element) -> list[Value]:
        """Values that the item's own rules compare with an absolute tolerance; [] where they do nothing of the kind."""
        name = interaction.get("responseIdentifier", "")
        found = []
        for branch in self.root.iter("responseIf", "responseElseIf"):
            equal = branch.find("equal")
            earned = branch.find("setOutcomeValue[@identifier='SCORE']/baseValue")
            if equal is None or earned is None or equal.get("toleranceMode", "exact") == "relative":
                continue
            variable, value = equal.find("variable"), equal.find("baseValue")
            if variable is None or variable.get("identifier") != name:
                continue
            right = [value.text or ""] if value is not None else self.correct(interaction)
            off_by = max(map(decimal_of, equal.get("tolerance", "0").split()), default=Decimal(0))
            found += [(decimal_of(text), off_by, decimal_of(earned.text or "0")) for text in right]
        most = max((points for _value, _off_by, points in found), default=Decimal(0))
        return [
            Value(value, off_by, float(100 * points / most)) for value, off_by, points in found if points > 0
        ]

    def _gap(self, interaction: etree._Element) -> Gap:
        mapped = self.mapping(interaction)
        right = [text for text, percent in mapped.items() if percent > 0] or self.correct(interaction)
        if interaction.tag == "inlineChoiceInteraction":
            options = [
                (_words_of(row), row.get("identifier", "") in right)
                for row in interaction.iterchildren("inlineChoice")
            ]
            return Gap(options, is_chosen=True)
        if any(0 < percent < 99.9 for percent in mapped.values()):
            raise QuestionFault(
                gettext_lazy("An answer of a gap earns part of the mark; such marks are not kept here.")
            )
        matching = self._matching(interaction)
        seen = {compared(text, matching): text for text in reversed(right)}
        return Gap([(text, True) for text in reversed(seen.values())], is_chosen=False)

    def _gapped(self, body: etree._Element, tags: list[str], gaps: list[Gap], *, credit: str) -> Words:
        if any(not any(right for _text, right in gap.forms) for gap in gaps):
            raise QuestionFault(gettext_lazy("A gap has no right answer."))
        if any(sign in text for gap in gaps for text, _right in gap.forms for sign in ("|", "[[", "]]", "*")):
            raise QuestionFault(
                gettext_lazy("An answer of a gap holds a sign that has a meaning here: | * [[ ]].")
            )
        words = _words_of(_with_marks(body, tags)).split(GAP)
        return Words("gaps", write_gaps(words, gaps), [], self.explanation(), credit=credit)


def _with_marks(body: etree._Element, tags: list[str]) -> etree._Element:
    """A copy in which each interaction is one mark."""
    body = deepcopy(body)
    for element in list(body.iter(*tags)):
        mark = etree.Element("span")
        mark.text, mark.tail = GAP, element.tail
        element.getparent().replace(element, mark)
    return body


def _words_of(element: etree._Element) -> str:
    """The words inside an element. Raises QuestionFault for pictures and the like."""
    for block in element.iter("prompt", "simpleChoice", "simpleAssociableChoice"):
        if block is not element:
            block.tag = "p"
    for child in list(element.iter("object")):
        if (child.get("type") or "").startswith("text/"):
            child.tag = "div"
    inner = etree.tostring(element, encoding="unicode", method="html", with_tail=False)
    return plain(inner, is_html=True)


_READERS: dict[str, Callable[[_Item, etree._Element], Words]] = {
    "choiceInteraction": _Item.choice,
    "orderInteraction": _Item.order,
    "matchInteraction": _Item.match,
    "gapMatchInteraction": _Item.gap_match,
    "extendedTextInteraction": _Item.essay,
    "uploadInteraction": _Item.essay,
    "textEntryInteraction": lambda item, _interaction: item._written(),
    "inlineChoiceInteraction": lambda item, _interaction: item._written(),
}


def items_of(manifest: bytes) -> Iterator[tuple[str, Own | None]]:
    """The items a package's ``imsmanifest.xml`` names, as paths inside it, and what our own packages say beside them."""
    root = parse(manifest)
    own = {
        resource.get("identifier", ""): _own(said)
        for said in root.iter(f"{{{OWN_NAMESPACE}}}question")
        for resource in said.iterancestors("{*}resource")
    }
    root = _plainly_named(root)
    if root.tag != "manifest":
        raise FileFault(
            _("<manifest> was expected, <%(tag)s> found.") % {"tag": root.tag}, line=root.sourceline
        )
    for resource in root.iter("resource"):
        if resource.get("type", "").startswith("imsqti_item") and resource.get("href"):
            yield resource.get("href", ""), own.get(resource.get("identifier", ""))


def _own(said: etree._Element) -> Own:
    criteria = said.iterchildren(f"{{{OWN_NAMESPACE}}}criterion")
    return Own(
        code=said.get("code", ""),
        kind=said.get("kind", ""),
        difficulty=_one_of(Difficulty, said.get("difficulty", "")),
        more={
            name: value
            for name, allowed in (("matching", Matching), ("credit", Credit))
            if (value := _one_of(allowed, said.get(name, "")))
        }
        | {"units": said.get("units", "")},
        criteria=[Row(row.text or "", match=written(decimal_of(row.get("points", "")))) for row in criteria],
    )


def _one_of(allowed: type[TextChoices], value: str) -> str:
    """The package may have been changed on its way: what is not known here is not taken."""
    return value if value in allowed.values else ""
