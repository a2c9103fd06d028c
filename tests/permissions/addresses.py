"""The addresses a configuration of URLs answers."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

ADMIN_PREFIX = "quan-tri/"


def addresses(urlconf: str | None = None) -> Iterator[tuple[str, str, list[str]]]:
    """(name with its namespaces, route, names of its arguments) of each; one without a name is "unnamed <route>"."""

    def walk(patterns, namespace: str, prefix: str) -> Iterator[tuple[str, str, list[str]]]:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
                yield from walk(pattern.url_patterns, inner, route)
            elif isinstance(pattern, URLPattern):
                name = f"{namespace}{pattern.name}" if pattern.name else f"unnamed {route}"
                yield name, route, list(pattern.pattern.converters)

    yield from walk(get_resolver(urlconf).url_patterns, "", "")


def public_names(urlconf: str | None = None) -> set[str]:
    """Names outside the CMS admin."""
    return {name for name, route, _arguments in addresses(urlconf) if not route.startswith(ADMIN_PREFIX)}


def admin_arguments(urlconf: str | None = None) -> dict[str, list[str]]:
    """Names below the admin's prefix, with their arguments; of two routes of one name the shorter."""
    found: dict[str, list[str]] = {}
    for name, route, arguments in addresses(urlconf):
        if route.startswith(ADMIN_PREFIX) and (name not in found or len(arguments) < len(found[name])):
            found[name] = arguments
    return found
