"""Pages and endpoints: sitting a quiz, saving answers, reading results."""
