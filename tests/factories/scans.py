"""Paper for tests: pages of a PDF as a scanner would give them back, skewed and noisy."""

import io

import pypdfium2
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageChops, ImageDraw, ImageFilter

DPI = 200


def printed(stored, dpi=DPI):
    """Every page of a PDF as a picture."""
    return [page.render(scale=dpi / 72).to_pil().convert("RGB") for page in pypdfium2.PdfDocument(stored.path)]


def stamped(page):
    """With a red ring where a stamp might be."""
    page = page.copy()
    side = page.width * 0.5
    ImageDraw.Draw(page).ellipse((side, 60, side + 320, 380), outline=(215, 30, 30), width=14)
    return page


def scanned(page, angle=2.0):
    """Printed a little too small, laid in askew, blurred, noisy, on greyish paper."""
    page = page.resize((round(page.width * 0.98), round(page.height * 0.98)), Image.Resampling.BICUBIC)
    page = page.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=(255, 255, 255))
    page = page.filter(ImageFilter.GaussianBlur(0.8))
    page = ImageChops.add(page, Image.effect_noise(page.size, 8).convert("RGB"), offset=-128)
    return page.point(lambda value: int(value * 0.93) + 8)


def as_pdf(pages, name="扫描.pdf"):
    out = io.BytesIO()
    first, *more = pages
    first.save(out, "PDF", save_all=True, append_images=more, resolution=DPI)
    return SimpleUploadedFile(name, out.getvalue(), "application/pdf")


def as_picture(page, name="1.jpg"):
    out = io.BytesIO()
    page.save(out, "PNG" if name.endswith("png") else "JPEG", quality=70)
    return SimpleUploadedFile(name, out.getvalue())
