"""Adapters that others wrote: what the section `adapters` of the settings names."""
