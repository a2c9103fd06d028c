"""Pages of the CMS admin that write through services: the services check the right, keep the rules and audit."""

from django.core.exceptions import PermissionDenied
from wagtail.permission_policies import ModelPermissionPolicy

from .errors import DomainError, NotAllowed


class KeepingPolicy(ModelPermissionPolicy):
    """The usual rights on a model, but nobody deletes: records end, they do not vanish."""

    denied = frozenset({"delete"})

    def user_has_permission(self, user, action: str) -> bool:
        return action not in self.denied and super().user_has_permission(user, action)


class ReadingPolicy(KeepingPolicy):
    """Nobody writes, not even a superuser."""

    denied = frozenset({"add", "change", "delete"})


class ServiceFormMixin:
    """For create and edit views whose ``save_instance`` calls a service: what it refuses is said in the form."""

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
            self.produced_error_code = "validation_error"
            self.produced_error_message = self.get_error_message()
            return self.form_invalid(form)
