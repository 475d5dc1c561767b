"""The domain core of photostore: standard library only. Read `use_cases.py` first."""
