from io import BytesIO

import pikepdf
import pytest

from coopconnexion import pdf

HTML = """<!DOCTYPE html><html lang="fr"><head><title>Feuille d’été</title></head>
<body><h1>Réponse\u202f: «\u202foui\u202f»</h1><img src="http://127.0.0.1:1/secret.png" alt="">
<table><thead><tr><th scope="col">Heure</th></tr></thead><tbody><tr><td>9\u00a0h</td></tr></tbody></table>
</body></html>"""

needs_pango = pytest.mark.skipif(not pdf.is_available(), reason="Pango is not installed")


@pytest.fixture
def document():
    with pikepdf.open(BytesIO(pdf.render_pdf(HTML))) as document:
        yield document


@needs_pango
def test_a_pdf_is_tagged_french_and_titled(document):
    root = document.Root
    with document.open_metadata() as metadata:
        part, title = metadata.get("pdfuaid:part"), metadata.get("dc:title")
    assert (str(root.Lang), bool(root.MarkInfo.Marked), part, title) == ("fr", True, "1", "Feuille d’été")


@needs_pango
def test_a_pdf_embeds_lato(document):
    fonts = [font for page in document.pages for font in page.Resources.Font.values()]
    descriptors = [font.DescendantFonts[0].FontDescriptor for font in fonts]
    assert all("/FontFile2" in each or "/FontFile3" in each for each in descriptors)
    assert any("Lato" in str(each.FontName) for each in descriptors)


def test_without_pango_the_refusal_says_what_to_install(monkeypatch):
    monkeypatch.setattr(pdf, "is_available", lambda: False)
    with pytest.raises(pdf.PdfUnavailableError, match="apt install libpango"):
        pdf.render_pdf(HTML)


def test_a_library_that_is_not_there_is_seen(monkeypatch):
    monkeypatch.setattr(pdf, "LIBRARIES", [("libnothing-at-all.so.0",)])
    assert pdf.is_available.__wrapped__() is False
