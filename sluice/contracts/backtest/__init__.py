"""`backtest`: what a changed contract would have refused of data at hand.

Hides how two contracts judge the same rows, and how their answers are compared.
"""

__all__ = ["command"]
