/** What every page shares: names to choose from while typing, and words that show on hover, focus and tap. */
