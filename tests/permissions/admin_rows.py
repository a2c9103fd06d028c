"""The table of rights of the CMS admin: every address below ``/quan-tri/``, opened by GET.

The people are those of ``table.py`` who differ here: ``outside`` stands for whoever holds no role that enters the admin
(learner, coordinator, leader and reader are all asked). A POST asks for the same right as the GET of its form; the posts
of our own pages are tested with their rooms.
"""

from dataclasses import dataclass

from .table import SIGN_IN

OUTSIDE = ["learner", "coordinator", "leader", "reader"]
INSIDE = ["trainer", "administrator", "system_administrator"]
REFUSED = "refused"  # back to the front page of the admin, with a sentence; Wagtail's own way
ELSEWHERE = 302
FORBIDDEN = 403


@dataclass(frozen=True)
class AdminRow:
    name: str
    trainer: int | str
    administrator: int | str
    system_administrator: int | str
    anonymous: int | str = SIGN_IN
    outside: int | str = FORBIDDEN


def school(names: str, got: int | str = 200, otherwise: int | str = FORBIDDEN) -> list[AdminRow]:
    """For who writes courses and pages."""
    return [AdminRow(name, got, got, otherwise) for name in names.split()]


def system(names: str, got: int | str = 200) -> list[AdminRow]:
    """For who configures."""
    return [AdminRow(name, REFUSED, REFUSED, got) for name in names.split()]


def every_editor(names: str, got: int | str = 200, **others: int | str) -> list[AdminRow]:
    return [AdminRow(name, got, got, got, **others) for name in names.split()]


def nobody(names: str) -> list[AdminRow]:
    """For the superuser of the installation, whom no role makes."""
    return every_editor(names, REFUSED)


def below(namespace: str, names: str) -> str:
    return " ".join(f"{namespace}:{name}" for name in names.split())


RECORD_PAGES = "list list_results add edit delete usage history history_results"
CHOOSER_PAGES = "choose choose_results chosen chosen_multiple create"
VIEWSET_PAGES = "index index_results add edit history history_results usage"

FRONT = [
    *every_editor("wagtailadmin_home wagtailadmin_account wagtailadmin_dismissibles"),
    *every_editor("wagtailadmin_tag_autocomplete"),
    *every_editor("wagtailadmin_tag_model_autocomplete", 404),
    *every_editor("wagtailadmin_block_preview", 404),
    *every_editor(below("wagtailadmin_editing_sessions", "ping release"), 405),
    AdminRow("wagtailadmin_error_test", FORBIDDEN, FORBIDDEN, FORBIDDEN),
    AdminRow("wagtailadmin_logout", 405, 405, 405),
    AdminRow("wagtailadmin_login", SIGN_IN, SIGN_IN, SIGN_IN, outside=SIGN_IN),
    AdminRow("wagtailadmin_sprite", 200, 200, 200, anonymous=200, outside=200),
    AdminRow("wagtailadmin_javascript_catalog", 200, 200, 200, anonymous=200, outside=200),
    # Passwords are reset on our own pages.
    *every_editor("wagtailadmin_password_reset wagtailadmin_password_reset_done", 404, anonymous=404),
    *every_editor("wagtailadmin_password_reset_confirm", 404, anonymous=404),
    *every_editor("wagtailadmin_password_reset_complete", 404, anonymous=404),
]

PAGES = [
    AdminRow("wagtailadmin_explore_root", ELSEWHERE, ELSEWHERE, REFUSED),
    *every_editor("courses_explore", ELSEWHERE),
    *school("wagtailadmin_explore wagtailadmin_explore_results", otherwise=REFUSED),
    *school(
        below(
            "wagtailadmin_pages",
            "preview_on_add type_use type_use_results usage edit preview_on_edit view_draft delete unpublish search"
            " search_results move move_confirm set_page_position copy confirm_workflow_cancellation set_privacy"
            " revisions_view revisions_revert revisions_unschedule workflow_history history history_results",
        )
    ),
    *school("wagtailadmin_pages:revisions_compare"),
    *school(below("wagtailadmin_pages", "choose_parent add_subpage revisions_index"), ELSEWHERE),
    # A lesson stands below a module, not below the course; nothing is in moderation here.
    *school(below("wagtailadmin_pages", "add workflow_preview"), REFUSED),
    *school(
        below(
            "wagtailadmin_pages",
            "convert_alias workflow_action collect_workflow_action_data workflow_history_detail",
        ),
        404,
    ),
    *school(below("wagtailadmin_pages", "lock unlock"), 405),
    *every_editor(
        "wagtailadmin_choose_page wagtailadmin_choose_page_child wagtailadmin_choose_page_search"
        " wagtailadmin_choose_page_chosen_multiple wagtailadmin_choose_page_external_link"
        " wagtailadmin_choose_page_email_link wagtailadmin_choose_page_phone_link wagtailadmin_choose_page_anchor_link"
    ),
    *every_editor("wagtailadmin_api:pages:listing"),
    *school("wagtailadmin_api:pages:detail", otherwise=404),
    *every_editor("wagtailadmin_api:pages:find", 404),
    *every_editor("wagtailadmin_api:pages:action", 405),
    *every_editor("wagtail_bulk_action", 404),
    *school("wagtailembeds:chooser wagtailembeds:chooser_upload"),
    *school(below("wagtailforms", "index index_results"), otherwise=REFUSED),
    *every_editor(below("wagtailforms", "list_submissions list_submissions_results"), 404),
    *nobody("wagtailforms:delete_submissions"),
    *nobody(below("simple_translation", "submit_page_translation submit_snippet_translation")),
]

BANK_MODELS = ["questioncategory", "question", "quiz", "survey"]
BANKS = [
    *nobody("wagtailsnippets:index"),
    *(
        row
        for model in BANK_MODELS
        for row in [
            *school(below(f"wagtailsnippets_assessments_{model}", RECORD_PAGES), otherwise=REFUSED),
            *school(below(f"wagtailsnippetchoosers_assessments_{model}", CHOOSER_PAGES)),
        ]
    ),
    *school(
        below("wagtailsnippets_assessments_question", "preview_on_add preview_on_edit"), otherwise=REFUSED
    ),
]

FILES = [
    *school(below("wagtaildocs", "index index_results add edit delete document_usage"), otherwise=REFUSED),
    *school("wagtaildocs:add_multiple", otherwise=REFUSED),
    *school(
        below("wagtailimages", "index index_results add edit delete preview image_usage"), otherwise=REFUSED
    ),
    *school("wagtailimages:add_multiple", otherwise=REFUSED),
    # Addresses of pictures in any size are not made: the setting that allows it is off.
    *every_editor(below("wagtailimages", "url_generator url_generator_output"), 404),
    *every_editor(
        below(
            "wagtaildocs",
            "edit_multiple create_multiple_from_uploaded_document delete_multiple delete_upload_multiple",
        ),
        405,
    ),
    *every_editor(
        below(
            "wagtailimages",
            "edit_multiple create_multiple_from_uploaded_image delete_multiple delete_upload_multiple",
        ),
        405,
    ),
    *school(below("wagtaildocs_chooser", CHOOSER_PAGES)),
    *school(below("wagtailimages_chooser", f"{CHOOSER_PAGES} select_format")),
    *school(below("wagtailadmin_api:documents", "listing detail")),
    *school(below("wagtailadmin_api:images", "listing detail")),
    *school("wagtailadmin_api:documents:find wagtailadmin_api:images:find", 404),
]

REPORTS = [
    # Only what concerns pages and records the reader may see is listed in it.
    *every_editor(below("wagtailadmin_reports", "site_history site_history_results")),
    *school(
        below(
            "wagtailadmin_reports",
            "workflow workflow_results workflow_tasks workflow_tasks_results aging_pages aging_pages_results"
            " page_types_usage page_types_usage_results",
        ),
        otherwise=REFUSED,
    ),
    *nobody(below("wagtailadmin_reports", "locked_pages locked_pages_results")),
]

ORGANISATION = [
    *system(below("units", "index search export add events edit children change_unit")),
    *system(below("units", "event scan"), 404),
    *system("units:undo", 405),
    *system("staff_lists:index"),
    # Without a list, and of a job that there is not.
    *system(below("staff_lists", "columns job errors"), 404),
    *system(below("staff_lists", "answer load invite"), 405),
    # This installation keeps none.
    *every_editor("sensitive_particulars", 404),
    *school("question_import question_template", otherwise=REFUSED),
    # No bank is named there.
    *school("question_export", 404, otherwise=REFUSED),
    *system("reset_second_step download_personal_data erase_person merge_people"),
    *system(below("postings", VIEWSET_PAGES)),
    *system(below("roles", VIEWSET_PAGES)),
    *system(below("wagtailusers_users", VIEWSET_PAGES)),
    # The training department answers for what was counted and why.
    *(AdminRow(name, REFUSED, 200, 200) for name in ("audit:index", "audit:index_results", "audit:inspect")),
    *system(below("wagtailsites", f"{VIEWSET_PAGES} copy")),
    # Records end, they do not vanish; what was done is not written by hand.
    *nobody("postings:delete roles:delete wagtailusers_users:delete wagtailsites:delete"),
    *nobody(below("audit", "add edit delete history history_results usage")),
]

SUPERUSERS = [
    *nobody(below("wagtailusers_groups", f"{VIEWSET_PAGES} delete")),
    *nobody(below("wagtailadmin_collections", "index add edit set_privacy")),
    *every_editor("wagtailadmin_collections:delete", 404),
    *nobody(
        below(
            "wagtailadmin_workflows",
            "index index_results add disable edit usage usage_results task_index task_index_results edit_task"
            " disable_task add_task select_task_type",
        )
    ),
    *every_editor(below("wagtailadmin_workflows", "enable remove enable_task"), 405),
    *school(
        below("wagtailadmin_workflows", "task_chooser task_chooser_results task_chooser_create task_chosen")
    ),
    *nobody(below("wagtailredirects", "index index_results add edit start_import process_import")),
    *every_editor("wagtailredirects:delete", 404),
    *nobody(
        below("wagtailsearchpromotions", "index index_results add edit search_terms search_terms_results")
    ),
    *every_editor("wagtailsearchpromotions:delete", 404),
    *school(below("wagtailsearchpromotions", "chooser chooserresults")),
    # The settings of the site are asked for by name; of this name there are none.
    *every_editor(below("wagtailsettings", "edit preview_on_edit"), 404),
]

ADMIN_ROWS = [*FRONT, *PAGES, *BANKS, *FILES, *REPORTS, *ORGANISATION, *SUPERUSERS]
