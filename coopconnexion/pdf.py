"""PDF from HTML: tagged for screen readers, in French, with Lato embedded; WeasyPrint is known here alone."""

import logging
from ctypes import CDLL
from functools import cache
from pathlib import Path

import font_lato

logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)  # it tells every step of every page

LIBRARIES = (
    ("libpango-1.0.so.0", "libpango-1.0.dylib", "libpango-1.0-0.dll"),
    ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib", "libpangoft2-1.0-0.dll"),
)
MISSING = (
    "Pour produire des PDF, il manque Pango sur le serveur : « apt install libpango-1.0-0 libpangoft2-1.0-0 », "
    "puis redémarrez."
)
FACES = (("Regular", "normal", 400), ("Italic", "italic", 400), ("Bold", "normal", 700))


class PdfUnavailableError(Exception):
    """The machine lacks what a PDF needs; says what to install."""

    def __init__(self):
        super().__init__(MISSING)


@cache
def is_available() -> bool:
    """Tell whether this machine can make PDFs, without loading the whole engine."""
    return all(_loads(names) for names in LIBRARIES)


def _loads(names: tuple[str, ...]) -> bool:
    for name in names:
        try:
            CDLL(name)
        except OSError:
            continue
        return True
    return False


def font_rules() -> str:
    """Return the rules that make Lato, from the package's files, the font of the page."""
    folder = Path(font_lato.font_directory)
    faces = "\n".join(
        f"@font-face{{font-family:Lato;font-style:{style};font-weight:{weight};"
        f"src:url({(folder / f'Lato-{name}.ttf').as_uri()})}}"
        for name, style, weight in FACES
    )
    return f"{faces}\nhtml{{font-family:Lato,'DejaVu Sans',sans-serif}}"


def render_pdf(html: str, *, css: str = "") -> bytes:
    """Return ``html`` (with its ``lang`` and ``title``) as a PDF/UA-1 document; nothing is fetched from the network.

    :raises PdfUnavailableError: when Pango is not installed
    """
    if not is_available():
        raise PdfUnavailableError
    # the one import inside a function: it costs a second and needs Pango, which the rest of the site does without
    from weasyprint import CSS, HTML  # noqa: PLC0415
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    fonts = FontConfiguration()
    document = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols={"file", "data"}))
    styles = [CSS(string=font_rules(), font_config=fonts), CSS(string=css, font_config=fonts)]
    return document.write_pdf(stylesheets=styles, font_config=fonts, pdf_variant="pdf/ua-1")
