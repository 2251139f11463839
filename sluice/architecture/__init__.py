"""How the code is built, read from the code itself: the picture and the figures of docs/architecture.md."""
