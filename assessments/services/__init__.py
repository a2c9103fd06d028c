"""The writes of this room: banks, quizzes, attempts."""
