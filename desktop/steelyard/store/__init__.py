"""Verified models on disk: content-addressed blobs, manifests, states, the four trust facts."""
