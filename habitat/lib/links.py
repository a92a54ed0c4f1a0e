"""Links to private files: signed for one person, dead after a quarter of an hour. The view checks who asks as well."""

from urllib.parse import urlencode

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

LIFE_S = 15 * 60
KEY = "key"
_signer = TimestampSigner(salt="habitat.lib.links")


def expiring(path: str, user) -> str:
    """The address with a key that opens it for this user until it expires."""
    subject = f"{user.pk}:{path}"
    return f"{path}?{urlencode({KEY: _signer.sign(subject)[len(subject) + 1 :]})}"


def holds(request: HttpRequest) -> bool:
    """Whether the address was made for who asks, a moment ago."""
    try:
        _signer.unsign(f"{request.user.pk}:{request.path}:{request.GET.get(KEY, '')}", max_age=LIFE_S)
    except BadSignature:
        return False
    return True


def expired(request: HttpRequest) -> HttpResponse:
    """410, with a fresh link: call it once it is known that the person may open the file."""
    context = {"again": expiring(request.path, request.user), "minutes": LIFE_S // 60}
    return render(request, "link_expired.html", context, status=410)
