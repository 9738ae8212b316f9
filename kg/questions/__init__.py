"""Query files and what people type -> answers, and the words behind them."""
