"""What the words of an article say: dates, figures, hedges, names. Pure; tables per language are data in languages/."""
