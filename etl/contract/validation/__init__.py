"""What is wrong with a suite: every fault of it at once, each with its remedy."""
