"""PDF documents from the same HTML templates as the pages: tagged (PDF/UA-1), nothing fetched from anywhere."""

from django.template.loader import render_to_string
from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher


class NothingOutside(URLFetcher):
    """A document carries its style and its pictures inside; an address in somebody's text must not be opened."""

    def fetch(self, url, headers=None):
        raise FatalURLFetchingError(f"A document may not open {url}")


def html_to_pdf(html: str) -> bytes:
    return HTML(string=html, url_fetcher=NothingOutside()).write_pdf(pdf_variant="pdf/ua-1")


def render_pdf(template: str, context: dict[str, object]) -> bytes:
    """A template that extends `documents/base.html`, in the language and time zone that are active."""
    return html_to_pdf(render_to_string(template, context))
