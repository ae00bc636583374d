"""Readers for files from outside: GGUF, safetensors, Hugging Face configs, chat templates.

Every size and count is checked against hard limits and the file's real size before it is believed.
"""
