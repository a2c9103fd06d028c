"""`make bench`: what the platform costs, as ratios to a floor measured in the same run.

Absolute times drift on shared machines; a ratio to a bare floor that does the least possible work on the same rows
does not. The floor is part of each benchmark, and each module begins by saying what its floor leaves out.

Reading the table, one line a benchmark:

- ``floor ms`` and ``ours ms`` are medians of runs taken by turns, so that a busy moment meets both. In brackets how much of it
  this process spent on the processor; the rest was the database server, the disk, and other people's programs.
- ``ratio`` is ours ÷ floor. It holds at or below ``gate``; above it the line ends with "over". A ratio near its gate wants
  a second run, and with SQLite's file or PostgreSQL's data on a busy disk a third.
- The line below says how large the data were, or how many queries a page takes.

The same is written to ``var/bench.json``. ``make bench ARGS="--only autosave"`` runs those whose name holds the word,
``--size 20`` measures the roll-up on the whole data set of the load gates (1 is five per cent of it), ``DATABASE_URL`` chooses
the database. Everything happens in a database of its own, which is gone afterwards. Nothing fails when a gate does not
hold: the figures are for whoever changes the code they speak of.
"""
