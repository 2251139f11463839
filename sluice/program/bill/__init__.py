"""What a stack costs in a month, from its graph and one file of prices."""
