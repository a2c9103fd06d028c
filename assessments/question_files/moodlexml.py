"""Moodle XML. Format: Moodle documentation, "Moodle XML format"."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from lxml import etree

from .found import (
    FALSE,
    TRUE,
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
)

# What they are called where they are refused.
KINDS = {
    "matching": gettext_lazy("Matching questions are not asked here yet."),
    "essay": gettext_lazy("Essays are not asked here yet."),
    "description": gettext_lazy("A text without a question is not taken over."),
}


def read(text: str) -> list[Found | Refused]:
    """Raises FileFault with the line for what is not well-formed, and for entities of its own (XML bombs)."""
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as fault:
        raise FileFault(
            _("The XML breaks off: %(fault)s") % {"fault": fault.msg}, line=fault.lineno or None
        ) from fault
    if root.getroottree().docinfo.internalDTD is not None:
        raise FileFault(gettext_lazy("A file with a DOCTYPE of its own is not read."), line=1)
    if root.tag != "quiz":
        raise FileFault(_("<quiz> was expected, <%(tag)s> found.") % {"tag": root.tag}, line=root.sourceline)
    found: list[Found | Refused] = []
    category = ""
    for element in root.iterchildren("question"):
        if element.get("type") == "category":
            category = (element.findtext("category/text") or "").strip()
            continue
        stem = ""
        try:
            stem = _words(element.find("questiontext"))
            found.append(_question(element, stem, category=category))
        except QuestionFault as fault:
            raw = stem or (element.findtext("name/text") or "").strip()
            found.append(Refused(element.sourceline or 0, fault.reason, raw[:120]))
    return found


def _words(element) -> str:
    if element is None:
        return ""
    if element.find("file") is not None:
        raise QuestionFault(gettext_lazy("It needs a picture or a sound, which is not kept here yet."))
    # Moodle writes "html" and "moodle_auto_format" for the same thing.
    is_html = element.get("format", "html") in ("html", "moodle_auto_format")
    return plain(element.findtext("text") or "", is_html=is_html)


def _question(element, stem: str, *, category: str) -> Found:
    kind = element.get("type") or ""
    if kind not in ("multichoice", "truefalse", "shortanswer", "numerical"):
        reason = KINDS.get(kind)
        raise QuestionFault(
            reason or _("Questions of the kind “%(kind)s” are not asked here yet.") % {"kind": kind}
        )
    if element.find("units") is not None:
        raise QuestionFault(gettext_lazy("Numbers with a unit are not asked here yet."))
    collected = Collected(general_feedback=_words(element.find("generalfeedback")))
    for answer in element.iterchildren("answer"):
        try:
            percent = float(answer.get("fraction", "0"))
        except ValueError as fault:
            raise QuestionFault(
                _("“%(fraction)s” is no share of the mark.") % {"fraction": answer.get("fraction")}
            ) from fault
        words = _words(answer)
        if kind == "truefalse":
            words = str({"true": TRUE, "false": FALSE}.get(words.lower(), words))
        collected.options.append(Option(words, percent, _words(answer.find("feedback"))))
    asked = {
        "line": element.sourceline or 0,
        "stem": stem,
        "feedback": collected.feedback(),
        "number_there": (element.findtext("idnumber") or "").strip(),
        "category": category,
    }
    if kind == "shortanswer":
        return Found(kind="short", choices=accepted_forms(collected.options), **asked)
    if kind == "numerical":
        tolerances = [decimal_of(row.findtext("tolerance") or "0") for row in element.iterchildren("answer")]
        rows = [
            Value(decimal_of(option.text), tolerance, option.percent)
            for option, tolerance in zip(collected.options, tolerances, strict=True)
            if option.percent > 0
        ]
        choices, tolerance = accepted_values(rows)
        return Found(kind="number", choices=choices, tolerance=tolerance, **asked)
    several = None if kind == "truefalse" else (element.findtext("single") or "").strip() in ("false", "0")
    kind, choices = collected.as_choices(several=several)
    return Found(kind=kind, choices=choices, **asked)
