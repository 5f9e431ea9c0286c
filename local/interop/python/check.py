"""What the checks of the Python packages share."""


def equal(what, got, want):
    """Compares what was read back with what was written, and ends the program at the first difference."""
    if got != want:
        raise SystemExit(f"{what}: got {got!r}, want {want!r}")
    print("ok", what)
