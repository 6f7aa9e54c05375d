"""What is drawn: the score and its tracks, the inspector and its plots. Views know no training."""
