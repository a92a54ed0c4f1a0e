"""A session that ends does not take the form with it: what was sent waits until the same person is back."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from projects import services
from projects.models import Project
from projects.refusals import Refused

KEY = "set_aside"
SALT = "projects.set_aside"
# Of a sent form: what is not an answer.
NOT_ANSWERS = {"csrfmiddlewaretoken", "seen", "whose", "discard"}
Answers = dict[str, list[str]]


def answers_in(post: QueryDict) -> Answers:
    return {name: [str(value) for value in post.getlist(name)] for name in post if name not in NOT_ANSWERS}


def is_autosave(request: HttpRequest) -> bool:
    return "X-Autosave" in request.headers


def signature_of(user: User) -> str:
    """Goes into the form, and says whose typing comes back when nobody is logged in any more."""
    return signing.dumps(user.pk, salt=SALT)


def survives_the_session(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of the form: whoever is not logged in logs in and comes back to what they typed."""

    @login_not_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if is_autosave(request):
            return JsonResponse({"state": "session", "words": _("Your session has ended.")}, status=401)
        if request.method == "POST":
            _set_aside(request)
        return redirect_to_login(request.get_full_path())

    return guarded


def _set_aside(request: HttpRequest) -> None:
    """In the new, nameless session; only a form that we drew for somebody is kept."""
    try:
        whose = signing.loads(request.POST.get("whose", ""), salt=SALT)
    except signing.BadSignature:
        return
    request.session[KEY] = {
        "path": request.path,
        "by": whose,
        "answers": answers_in(request.POST),
        "seen": request.POST.get("seen", ""),
    }


def take_back(request: HttpRequest, project: Project | None, page: str, read_marks: Callable[[str], dict]) -> None:
    """What waits for this person on this page becomes what they have typed here."""
    waiting = request.session.get(KEY)
    if not waiting or waiting["path"] != request.path:
        return
    del request.session[KEY]
    if waiting["by"] != request.user.pk:
        return
    try:
        services.keep_typing(
            project, page, answers=waiting["answers"], seen=read_marks(waiting["seen"]), by=request.user
        )
    except Refused:
        return
