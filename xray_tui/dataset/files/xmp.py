"""The XMP packet in a PNG, which says that the image is synthetic, and how it was generated.

Photo managers and asset libraries read it. The property that counts is ``DigitalSourceType`` of
IPTC (Photo Metadata Standard, Extension schema), with the newscode ``trainedAlgorithmicMedia``:
made by a trained model. The form is that of the XMP specification (ISO 16684-1), the place in the
file that of its part 3: an ``iTXt`` chunk without compression.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from xray_tui.dataset.opinions import Conclusion
from xray_tui.dataset.records import Provenance
from xray_tui.tasks import Task

KEYWORD = "XML:com.adobe.xmp"
"""The keyword of the ``iTXt`` chunk."""
SYNTHETIC = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
"""The value of ``DigitalSourceType`` for images that a trained model made."""

_NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
}
_MARK = (
    f' <rdf:Description rdf:about="" xmlns:Iptc4xmpExt="{_NAMESPACES["Iptc4xmpExt"]}">'
    f"<Iptc4xmpExt:DigitalSourceType>{SYNTHETIC}</Iptc4xmpExt:DigitalSourceType>"
    "</rdf:Description>\n"
)
_END = "</rdf:RDF>"
_RATING = re.compile(r"\s+<xmp:Rating>(-1|[0-5])</xmp:Rating>")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def rating_for(conclusion: Conclusion) -> int:
    """The ``Rating`` of the XMP Basic schema: 1 to 5 stars, 0 for none, -1 for rejected."""
    return -1 if conclusion.decision == "rejected" else conclusion.rating


def packet(task: Task, provenance: Provenance, label: str, rating: int = 0) -> str:
    """The packet of an image with this current ``label`` and ``rating`` (see :func:`rating_for`).

    It is the same for the same arguments. Characters that XML does not allow are replaced.
    """
    program = " ".join(("xray-tui", provenance.versions.get("xray-tui", ""))).strip()
    settings = task.parameters.model_dump(mode="json", exclude_none=True)
    asked = {
        "prompt": task.text,
        "negative_prompt": task.negative_prompt,
        "seed": task.seed,
        **settings,
    }
    properties = {
        "dc:description": _in_any_language(task.text),
        "dc:subject": _bag(("synthetic", task.region, label)),
        "dc:format": "image/png",
        "xmp:CreatorTool": _text(program),
        "xmp:CreateDate": _text(provenance.created),
        "xmp:Rating": str(rating),
        "Iptc4xmpExt:DigitalSourceType": SYNTHETIC,
        "Iptc4xmpExt:AISystemUsed": _text(provenance.model),
        "Iptc4xmpExt:AISystemVersionUsed": _text(provenance.model_fingerprint),
        "Iptc4xmpExt:AIPromptInformation": _text(json.dumps(asked, ensure_ascii=False)),
    }
    return _packet(properties)


def sheet_packet(
    description: str, words: Iterable[str], models: Iterable[str], version: str
) -> str:
    """The packet of a PNG that shows several synthetic images, made by these ``models``.

    ``words`` are what it shows, such as labels, and ``version`` is that of xray-tui.
    """
    return _packet(
        {
            "dc:description": _in_any_language(description),
            "dc:subject": _bag(("synthetic", *words)),
            "dc:format": "image/png",
            "xmp:CreatorTool": _text(f"xray-tui {version}"),
            "Iptc4xmpExt:DigitalSourceType": SYNTHETIC,
            "Iptc4xmpExt:AISystemUsed": _text(", ".join(models)),
        }
    )


def _packet(properties: Mapping[str, str]) -> str:
    """A packet with these properties, whose values are XML."""
    names = "".join(f'\n    xmlns:{name}="{uri}"' for name, uri in _NAMESPACES.items())
    lines = "".join(f"\n  <{name}>{value}</{name}>" for name, value in properties.items())
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        f' <rdf:Description rdf:about=""{names}>{lines}\n </rdf:Description>\n'
        f"{_END}\n</x:xmpmeta>\n"
        '<?xpacket end="w"?>'
    )


def is_marked(text: str) -> bool:
    """Whether a packet says that the image is synthetic."""
    return SYNTHETIC in text


def rating_element(rating: int) -> str:
    """How a packet of ours says the rating; a packet that has this text has that rating."""
    return f"<xmp:Rating>{rating}</xmp:Rating>"


def rating_in(text: str) -> int | None:
    """The rating in a packet; None if it has none, or not in our form."""
    found = _RATING.search(text)
    return int(found[1]) if found else None


def rated(text: str, rating: int) -> str:
    """The packet with another rating, if it has one in our form; otherwise unchanged."""
    return _RATING.sub(f"\n  {rating_element(rating)}", text)


def same_but_for_rating(one: str, other: str) -> bool:
    """Whether two packets are the same, but for the rating, which either may lack."""
    return _RATING.sub("", one) == _RATING.sub("", other)


def marked(text: str) -> str | None:
    """A packet that another program wrote, with the mark added; None if that is not possible."""
    before, end, after = text.rpartition(_END)
    return f"{before}{_MARK}{end}{after}" if end else None


def _in_any_language(text: str) -> str:
    return f'<rdf:Alt><rdf:li xml:lang="x-default">{_text(text)}</rdf:li></rdf:Alt>'


def _bag(words: Iterable[str]) -> str:
    return f"<rdf:Bag>{''.join(f'<rdf:li>{_text(word)}</rdf:li>' for word in words)}</rdf:Bag>"


def _text(value: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", value))
