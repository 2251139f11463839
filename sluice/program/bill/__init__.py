"""What a stack costs in a month, from its graph and one file of prices.

Hides the prices, and how much a resource is assumed to be used.
"""

__all__ = ["bill", "price_list", "run_cost"]
