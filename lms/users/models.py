"""People who sign in."""

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from lms.core.models import Record
from lms.core.vietnamese import fold, name_sort_key, nfc


class UserQuerySet(models.QuerySet):
    def search(self, text: str) -> "UserQuerySet":
        """People whose name, e-mail or staff code holds every word, marks or no marks."""
        people = self
        for word in fold(text).split():
            people = people.filter(search_text__contains=word)
        return people

    def named(self, identifier: str) -> "User | None":
        """The person of an e-mail or a staff code, typed in any case."""
        identifier = nfc(identifier)
        if not identifier:
            return None
        found = {"email__iexact": identifier} if "@" in identifier else {"staff_code__iexact": identifier}
        # Two codes that differ in case alone name nobody for certain.
        people = list(self.filter(**found)[:2])
        return people[0] if len(people) == 1 else None

    def in_name_order(self) -> "UserQuerySet":
        return self.order_by("name_key", "pk")


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class Gender(models.TextChoices):
    MALE = "nam", _("male")
    FEMALE = "nu", _("female")


class User(AbstractUser):
    """A person. Signs in with the official e-mail.

    ``last_name`` is the family name with middle names ("họ và tên đệm"), ``first_name`` the given name ("tên").
    Where the person sits is a posting (``lms.organisations``), what the person may do a role grant there.
    """

    username = None
    email = models.EmailField(_("official e-mail"), unique=True)
    staff_code = models.CharField(_("staff code"), max_length=32, blank=True)
    first_name = models.CharField(_("given name"), max_length=50)
    last_name = models.CharField(_("family and middle names"), max_length=100, blank=True)
    gender = models.CharField(_("gender"), max_length=3, choices=Gender.choices, blank=True)
    birth_date = models.DateField(_("birth date"), null=True, blank=True)
    # Some records know the year alone; birth_date is then 1 January of it.
    birth_year_only = models.BooleanField(_("only the birth year is known"), default=False)
    # Whose data were erased: the account stays as a number without a name (see ``erasure``).
    erased_at = models.DateTimeField(null=True, editable=False)
    # The account of the same person that goes on in place of this one (see ``merging``).
    merged_into = models.ForeignKey(
        "self", null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    merged_into.wagtail_reference_index_ignore = True  # see ``lms.core.models.Record``
    name_key = models.CharField(max_length=400, editable=False, db_index=True)
    search_text = models.CharField(max_length=500, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["first_name", "last_name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_account_per_email"),
            models.UniqueConstraint(
                fields=["staff_code"], condition=~models.Q(staff_code=""), name="one_person_per_staff_code"
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name()

    def save(self, *args, **kwargs) -> None:
        self.set_derived_fields()
        super().save(*args, **kwargs)

    def set_derived_fields(self) -> None:
        """Normalise the names and compute what is sorted and searched by; bulk paths call it themselves."""
        self.first_name, self.last_name = nfc(self.first_name), nfc(self.last_name)
        self.name_key = name_sort_key(last_name=self.last_name, first_name=self.first_name)[:400]
        self.search_text = fold(f"{self.get_full_name()} {self.email} {self.staff_code}")[:500]

    def get_full_name(self) -> str:
        """Vietnamese order: family, middle, given."""
        return f"{self.last_name} {self.first_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name


class SensitiveRecord(Record):
    """Sensitive particulars of a person, kept apart so that no list of people loads them; see ``sensitive``."""

    FIELDS = ["ethnicity", "party_member"]

    person = models.OneToOneField(User, on_delete=models.CASCADE, related_name="sensitive_record")
    ethnicity = models.CharField(_("ethnicity"), max_length=50, blank=True)
    party_member = models.BooleanField(_("member of the Party"), null=True, blank=True)

    class Meta:
        verbose_name = _("sensitive particulars")
        verbose_name_plural = _("sensitive particulars")
        default_permissions = ()
        permissions = [
            ("read_sensitive", _("May read sensitive particulars")),
            ("change_sensitive", _("May change sensitive particulars")),
        ]

    def __str__(self) -> str:
        return str(self.person)
