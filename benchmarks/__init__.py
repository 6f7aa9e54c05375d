"""Rivals and this program, side by side: each benchmark names its rival and prints ratios."""
