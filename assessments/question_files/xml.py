"""Reading XML that somebody sent: no entities, no DTD, no network, and the line where it breaks off."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from lxml import etree

from .found import FileFault


def parse(text: str | bytes) -> etree._Element:
    """The root. Raises FileFault with the line for what is not well-formed, and for a DOCTYPE (XML bombs)."""
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode() if isinstance(text, str) else text, parser)
    except etree.XMLSyntaxError as fault:
        raise FileFault(
            _("The XML breaks off: %(fault)s") % {"fault": fault.msg}, line=fault.lineno or None
        ) from fault
    if root.getroottree().docinfo.internalDTD is not None:
        raise FileFault(gettext_lazy("A file with a DOCTYPE of its own is not read."), line=1)
    return root
