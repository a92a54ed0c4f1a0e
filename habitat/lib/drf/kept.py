"""Pages of features kept while the data are what they were, for all callers who see the same."""

import gzip
import hashlib
import re
from collections.abc import Callable
from urllib.parse import urlencode

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers

# Short: a thousand features weigh some 100 kB packed, and whoever reads all pages once leaves nothing here.
KEPT_S = 10 * 60
# A page is kept when it is asked for again; until then its name alone is.
ASKED_ONCE = b""
_TAKES_GZIP = re.compile(r"\bgzip\b")


def kept_page(
    request: HttpRequest, version: str, scope: str, make: Callable[[], str], content_type: str
) -> HttpResponseBase:
    """The page as `make` writes it, or as it was written before for the same `version` of the data and `scope`.

    `version` must have been read before: data that change meanwhile leave a page too new for its name, never one too
    old. 304 where the caller has it already; they must ask each time, since what one may see can change any moment.
    """
    name = _name_of(request, version, scope)
    etag = f'W/"{name}"'
    response = get_conditional_response(request, etag=etag) or _answer(request, _packed(name, make), content_type)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Accept", "Accept-Encoding"])
    return response


def _name_of(request: HttpRequest, version: str, scope: str) -> str:
    """Alike for the same question however its parameters are ordered; links in the page begin with the address."""
    query = urlencode(sorted(request.GET.lists()), doseq=True)
    whole = "\n".join((version, scope, request.build_absolute_uri(request.path), query))
    return hashlib.sha256(whole.encode()).hexdigest()


def _packed(name: str, make: Callable[[], str]) -> bytes | str:
    """As gzip where it is kept, else as text."""
    key = f"page-{name}"
    held = cache.get(key)
    if held:
        return held
    text = make()
    cache.set(key, ASKED_ONCE if held is None else gzip.compress(text.encode(), 1), KEPT_S)
    return text


def _answer(request: HttpRequest, body: bytes | str, content_type: str) -> HttpResponse:
    if isinstance(body, str):
        return HttpResponse(body, content_type=content_type)
    if not _TAKES_GZIP.search(request.headers.get("Accept-Encoding", "")):
        return HttpResponse(gzip.decompress(body), content_type=content_type)
    return HttpResponse(body, content_type=content_type, headers={"Content-Encoding": "gzip"})
