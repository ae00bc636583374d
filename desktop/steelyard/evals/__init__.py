"""Evaluation: the fast gate and task suites, their graders, their statistics, and every sample stored.

A run names the model by its digest, the suite by its digest, the engine by its build and the chat template
by its digest, so that it can be run again and argued with. Rows stand side by side and are never averaged.
"""
