"""The control of ``test_autosave_survives_kill``: a server that acknowledges an answer before it has committed it.

Run as a program with a SQLite file and a port. It writes an answer down when the next one arrives, so that the last
one acknowledged is always in memory only: what the product must never do.
"""

import json
import sqlite3
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

UPSERT = """
    INSERT INTO answers VALUES (?, ?, ?, ?) ON CONFLICT (learner, position)
    DO UPDATE SET sequence = excluded.sequence, choice = excluded.choice WHERE excluded.sequence > answers.sequence
"""


class HastyHandler(BaseHTTPRequestHandler):
    waiting: list | None = None
    database: sqlite3.Connection

    def do_POST(self) -> None:
        answer = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if HastyHandler.waiting:
            with self.database:
                self.database.execute(UPSERT, HastyHandler.waiting)
        HastyHandler.waiting = answer
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    HastyHandler.database = sqlite3.connect(sys.argv[1])
    HTTPServer(("127.0.0.1", int(sys.argv[2])), HastyHandler).serve_forever()
