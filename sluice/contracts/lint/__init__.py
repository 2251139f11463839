"""`lint`: what is wrong with contracts, or decides nothing."""
