"""What the words of an article mean: dates, figures, hedges, names. Pure. The tables of languages are in languages/."""
