"""One whole class over HTTP, as each of its people would do it in a browser.

Nothing here reads the database: what is known is what ``fixtures/`` say and what the pages show. ``browser`` is a
person's browser, ``office`` and ``learners`` are what the people do, ``figures`` reads what they are told in the end,
and ``play`` puts them in order.
"""
