"""`backtest`: what a changed contract would have refused of data at hand.

Hides how two contracts judge the same rows, and how their answers are compared.
"""

# It lists modules; tests/unit/test_faces.py holds that they are there.
# pyright: reportUnsupportedDunderAll=false
__all__ = ["command"]
