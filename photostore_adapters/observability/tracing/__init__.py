"""OpenTelemetry traces. Loaded only where they are set; everything else has seams that are empty without it.

What a span may hold is decided here: templates of routes, texts of statements without their values, names of operations,
outcomes, sizes. Never who, never what somebody sent.
"""
