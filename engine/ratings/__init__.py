"""好差评: ratings, their rectification and review."""
