"""How good and how complete a graph is, as numbers that lead to what is behind them."""
