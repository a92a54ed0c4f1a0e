from django.conf import settings
from django.http import Http404
from django.utils import timezone, translation


class NulMiddleware:
    """No address of ours holds a NUL byte, and PostgreSQL takes none in its text: such a page does not exist."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "\x00" in request.path:
            raise Http404
        return self.get_response(request)


class LanguageMiddleware:
    """Spanish unless the reader chose otherwise: the switch's cookie wins, then the account, never the browser.

    Times are shown in the account's zone.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        if language not in dict(settings.LANGUAGES):
            language = request.user.language if request.user.is_authenticated else settings.LANGUAGE_CODE
        zone = request.user.time_zone if request.user.is_authenticated else settings.TIME_ZONE
        with translation.override(language), timezone.override(zone):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            return response
