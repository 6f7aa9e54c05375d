"""The window: session, cursor, controls and views. It computes no gradient."""
