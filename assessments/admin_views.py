"""Views of the CMS admin that lists of this room share."""

from django.contrib import messages
from django.db import transaction
from django.db.models import ProtectedError, Q
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.snippets.views import snippets as views

from lms.core.audit import record_event
from lms.core.vietnamese import fold


class FoldedIndexView(views.IndexView):
    """Finds "cải cách" by "cai cach"."""

    def search_queryset(self, queryset):
        if not self.is_searching:
            return queryset
        words = Q()
        for word in fold(self.search_query).split():
            words &= Q(folded_text__contains=word)
        return queryset.filter(words)


class PlainIndexView(FoldedIndexView):
    """Short lists, searched by their own fields. Without bulk actions: there is none but deleting."""

    @property
    def columns(self):
        return [column for column in super().columns if column.name != "bulk_actions"]

    def search_queryset(self, queryset):
        return views.IndexView.search_queryset(self, queryset)


class GuardedDeleteView(views.DeleteView):
    """What learners were asked stays; it can be retired instead."""

    def delete_action(self) -> None:
        record_event(
            actor=self.request.user,
            action=f"{self.model._meta.model_name}.deleted",
            target=self.object,
            now=timezone.now(),
        )
        super().delete_action()

    def form_valid(self, form):
        try:
            with transaction.atomic():
                return super().form_valid(form)
        except ProtectedError:
            messages.error(self.request, _("This is in use or was used by learners. Retire it instead."))
            return redirect(self.get_success_url())
