"""Adapters of photostore: one folder a technology; `wiring.py` names them all."""
