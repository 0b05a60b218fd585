"""The two steps of a run that read sources: `learn` what pages contribute to their sites, `apply` it and write rows.

Both go group by group: what is made of the sources of a group depends on these alone, so that it can be made anywhere,
and made again.
"""
