"""The pages of every language, for search engines."""

from django.db.models import Q
from wagtail.contrib.sitemaps import Sitemap
from wagtail.models import Page, PageQuerySet


class PublicPages(Sitemap):
    def items(self) -> PageQuerySet:
        """Live public pages at and below the front page of each language."""
        below = Q(pk__in=[])
        for front in self.get_wagtail_site().root_page.get_translations(inclusive=True):
            below |= Q(path__startswith=front.path)
        return Page.objects.filter(below).live().public().order_by("path").defer_streamfields().specific()
