"""The inbox of signed copies: each finds its letter by its QR, or a person says which it is."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed
from projects import services
from projects.forms.letters import ScanForm, WhichLetterForm
from projects.models import Letter, LetterScan
from projects.refusals import Refused
from projects.tables.scans import ScanFilter, ScanTable


@listed
def inbox(
    request: PersonRequest, wrong: WhichLetterForm | None = None, wrong_scan: int = 0
) -> Listing | HttpResponseBase:
    """POST takes one scan in. What waits for a letter stands below, each with its own question; then those attached."""
    if not services.may_scan(request.user):
        raise PermissionDenied(_("Delegations and the program unit attach signed copies."))
    form = ScanForm(posted(request), request.FILES or None) if wrong is None else ScanForm()
    if form.is_valid():
        try:
            scan = services.take_scan(form.cleaned_data["file"], by=request.user)
        except ValidationError as error:
            form.add_error("file", error)
        else:
            if scan.letter:
                messages.success(request, _("The copy is attached to %(number)s.") % {"number": scan.letter})
            else:
                messages.warning(
                    request,
                    _("No code of one letter of yours was found on it. Say below which letter it is, or scan it again,"
                      " flat and whole."),
                )  # fmt: skip
            return redirect("projects:letter-inbox")
    letters = Letter.objects.visible_to(request.user).filter(status=Letter.Status.ISSUED)
    scans = LetterScan.objects.visible_to(request.user).select_related("by", "letter")
    attached = scans.filter(letter__isnull=False).select_related("attached_by", "letter__state")
    found = ScanFilter(request.GET, queryset=attached, request=request)
    return Listing(
        ScanTable(found.qs),
        "copias-firmadas",
        "projects/letters/inbox.html",
        filter=found,
        per_page=25,
        context=lambda: (
            {
                "form": form,
                "waiting": [
                    (
                        scan,
                        wrong
                        if scan.pk == wrong_scan
                        else WhichLetterForm(letters=letters, auto_id=f"id_{scan.pk}_%s"),
                    )
                    for scan in scans.filter(letter=None)
                ],
            }
            # At the address of one copy's question there are no files.
            | ({"exports": [], "chooser": None} if wrong else {})
        ),
        status=400 if form.errors or wrong else 200,
    )


@require_POST
def attach(request: PersonRequest, pk: int) -> HttpResponseBase:
    """`do=discard` takes the copy away instead."""
    scan = get_object_or_404(LetterScan.objects.visible_to(request.user), pk=pk)
    try:
        if request.POST.get("do") == "discard":
            services.discard_scan(scan, by=request.user)
            messages.success(request, _("The copy is gone."))
            return redirect("projects:letter-inbox")
        letters = Letter.objects.visible_to(request.user).filter(status=Letter.Status.ISSUED)
        form = WhichLetterForm(request.POST, letters=letters, auto_id=f"id_{scan.pk}_%s")
        if not form.is_valid():
            return inbox(request, wrong=form, wrong_scan=scan.pk)
        services.attach_scan(scan, form.cleaned_data["number"], by=request.user)
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The copy is attached to %(number)s.") % {"number": form.cleaned_data["number"]})
    return redirect("projects:letter-inbox")
