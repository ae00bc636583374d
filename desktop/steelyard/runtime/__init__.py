"""Engines in processes of their own: the protocol, the supervisor, the workers, and what callers see of them.

A worker gets a model path and parameters, no credentials and no network, and may die at any moment: the
caller then gets a typed error and stays up. Importing this room is cheap; torch, transformers and
llama_cpp are imported by worker processes only (`runtime/workers`).
"""
