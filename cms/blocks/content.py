"""Blocks for reading: text, figures, tables, call-outs, steps, documents, and a question to check oneself.

Names and value shapes are a contract with what loads content from files: change them only by adding.
The preview values are what a trainer sees in the block chooser before choosing.
"""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.documents import get_document_model
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images import get_image_model
from wagtail.images.blocks import ImageChooserBlock

TEXT_FEATURES = ["bold", "italic", "code", "ol", "ul", "link", "document-link"]
WRITING = _("Writing")
UNDERSTANDING = _("Helping to understand")
FILES = _("Pictures and files")


class HeadingBlock(blocks.StructBlock):
    text = blocks.CharBlock(label=_("Text"))
    level = blocks.ChoiceBlock(
        choices=[("2", _("Section")), ("3", _("Subsection"))], default="2", label=_("Level")
    )

    class Meta:
        icon = "title"
        label = _("Heading")
        group = WRITING
        description = _("Divides the text; sections appear in the lesson's table of contents.")
        template = "cms/blocks/heading.html"

        @staticmethod
        def preview_value() -> dict:
            return {"text": gettext("Three things to check before sending"), "level": "2"}


class TextBlock(blocks.RichTextBlock):
    class Meta:
        icon = "pilcrow"
        label = _("Text")
        group = WRITING
        description = _("Paragraphs and lists.")
        template = "cms/blocks/text.html"

        @staticmethod
        def preview_value() -> str:
            lead = gettext(
                "A dossier may be returned once only. The official writes down all that is missing:"
            )
            items = [gettext("which paper"), gettext("by which rule"), gettext("until when")]
            return f"<p>{lead}</p><ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"features": TEXT_FEATURES, **kwargs})


class FigureBlock(blocks.StructBlock):
    image = ImageChooserBlock(label=_("Image"))
    alt_text = blocks.CharBlock(label=_("Description for people who cannot see it"), required=False)
    caption = blocks.CharBlock(label=_("Caption"), required=False)

    class Meta:
        icon = "image"
        label = _("Figure")
        group = FILES
        description = _("An image or diagram with its caption.")
        template = "cms/blocks/figure.html"

        @staticmethod
        def preview_value() -> dict:
            return {
                "image": get_image_model().objects.order_by("pk").first(),
                "alt_text": gettext("A diagram"),
                "caption": gettext("The way of a dossier through the one-stop desk"),
            }


class TableBlock(blocks.StructBlock):
    caption = blocks.CharBlock(label=_("Caption"), required=False)
    table = TypedTableBlock(
        [("text", blocks.RichTextBlock(features=["bold", "italic", "link"], label=_("Text")))]
    )

    class Meta:
        icon = "table"
        label = _("Table")
        group = WRITING
        description = _("Rows and columns with a heading row.")
        template = "cms/blocks/table.html"

    @property
    def is_previewable(self) -> bool:
        return True

    def get_preview_value(self):
        """Two columns and two rows; built by the table block itself, whose value is no plain dictionary."""
        rows = [
            (gettext("PAR Index"), gettext("What has been done")),
            (gettext("SIPAS"), gettext("Whether people are satisfied")),
        ]
        return self.to_python(
            {
                "caption": gettext("Two indices, two questions"),
                "table": {
                    "columns": [
                        {"type": "text", "heading": gettext("Index")},
                        {"type": "text", "heading": gettext("It asks")},
                    ],
                    "rows": [{"values": [f"<p>{cell}</p>" for cell in row]} for row in rows],
                    "caption": "",
                },
            }
        )


class CalloutBlock(blocks.StructBlock):
    kind = blocks.ChoiceBlock(
        choices=[
            ("note", _("To remember")),
            ("example", _("Example")),
            ("warning", _("Attention")),
            ("law", _("Legal basis")),
        ],
        default="note",
        label=_("Kind"),
    )
    title = blocks.CharBlock(label=_("Title"), required=False)
    text = blocks.RichTextBlock(features=TEXT_FEATURES, label=_("Text"))

    class Meta:
        icon = "info-circle"
        label = _("Call-out")
        group = UNDERSTANDING
        description = _("A framed note, example, warning or legal basis.")
        template = "cms/blocks/callout.html"

        @staticmethod
        def preview_value() -> dict:
            return {
                "kind": "note",
                "title": gettext("To remember"),
                "text": f"<p>{gettext('Never ask people for a paper that an office already holds.')}</p>",
            }


class StepsBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("Title"), required=False)
    steps = blocks.ListBlock(
        blocks.RichTextBlock(features=["bold", "italic", "link"], label=_("Step")), label=_("Steps")
    )

    class Meta:
        icon = "list-ol"
        label = _("Steps")
        group = UNDERSTANDING
        description = _("What to do, in order.")
        template = "cms/blocks/steps.html"

        @staticmethod
        def preview_value() -> dict:
            steps = [
                gettext("Open the file."),
                gettext("Check the signature."),
                gettext("Keep the file with its dossier."),
            ]
            return {
                "title": gettext("Receiving a signed document"),
                "steps": [f"<p>{step}</p>" for step in steps],
            }


class DocumentBlock(blocks.StructBlock):
    document = DocumentChooserBlock(label=_("Document"))
    note = blocks.CharBlock(label=_("What it is"), required=False)

    class Meta:
        icon = "doc-full"
        label = _("Document")
        group = FILES
        description = _("A file to download.")
        template = "cms/blocks/document.html"

        @staticmethod
        def preview_value() -> dict:
            return {
                "document": get_document_model().objects.order_by("pk").first(),
                "note": gettext("Form for the report"),
            }


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock(label=_("Quotation"))
    source = blocks.CharBlock(label=_("Source"), required=False)

    class Meta:
        icon = "openquote"
        label = _("Quotation")
        group = WRITING
        description = _("Words of a person or a document, with their source.")
        template = "cms/blocks/quote.html"

        @staticmethod
        def preview_value() -> dict:
            return {
                "text": gettext("I came three times for one signature."),
                "source": gettext("From a satisfaction survey"),
            }


class ChoiceItemBlock(blocks.StructBlock):
    text = blocks.CharBlock(label=_("Choice"))
    is_correct = blocks.BooleanBlock(label=_("Right"), required=False)


class CheckQuestionBlock(blocks.StructBlock):
    """A question to check oneself while reading. Nothing of it is scored or stored, so its key may be in the page."""

    question = blocks.CharBlock(label=_("Question"))
    choices = blocks.ListBlock(ChoiceItemBlock(), label=_("Choices"), min_num=2)
    explanation = blocks.TextBlock(label=_("Explanation"), required=False)

    class Meta:
        icon = "help"
        label = _("Check yourself")
        group = UNDERSTANDING
        description = _("One question with its explanation; it is not scored.")
        template = "cms/blocks/check_question.html"

        @staticmethod
        def preview_value() -> dict:
            return {
                "question": gettext("How long is one period (tiết)?"),
                "choices": [
                    {"text": gettext("45 minutes"), "is_correct": True},
                    {"text": gettext("60 minutes"), "is_correct": False},
                ],
                "explanation": gettext("Forty periods of 45 minutes make one week of training."),
            }

    def clean(self, value):
        cleaned = super().clean(value)
        if not any(choice["is_correct"] for choice in cleaned["choices"]):
            raise blocks.StructBlockValidationError(
                non_block_errors=[_("Mark at least one choice as right.")],
            )
        return cleaned

    def get_context(self, value, parent_context=None):
        """Adds what the component asks for: ``choices`` as dictionaries, and whether several are right."""
        context = super().get_context(value, parent_context=parent_context)
        choices = [{"text": choice["text"], "correct": choice["is_correct"]} for choice in value["choices"]]
        context["choices"] = choices
        context["multiple"] = sum(choice["correct"] for choice in choices) > 1
        return context


class ContentBlocks(blocks.StreamBlock):
    heading = HeadingBlock()
    text = TextBlock()
    figure = FigureBlock()
    table = TableBlock()
    callout = CalloutBlock()
    steps = StepsBlock()
    quote = QuoteBlock()
    document = DocumentBlock()

    class Meta:
        template = "cms/blocks/stream.html"


class LessonBlocks(ContentBlocks):
    check_question = CheckQuestionBlock()
