"""Query files and user input -> answers, and the evidence for them."""
