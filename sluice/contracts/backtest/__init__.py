"""`backtest`: what a changed contract would have refused of data at hand."""
