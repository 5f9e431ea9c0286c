"""Makes of the usages of testdata/usage.json, read from stdin, the counts that Opik's Python SDK sends."""

import json
import re
import sys

from opik.llm_usage import build_opik_usage, build_opik_usage_from_unknown_provider


def snake(usage: dict) -> dict:
    """Names the counts of Google's JSON as Google's Python SDK does."""
    return {re.sub("([A-Z])", r"_\1", name).lower(): n for name, n in usage.items()}


counts = []
for case in json.load(sys.stdin):
    usage = case["usage"]
    if case["provider"] == "google_ai":
        usage = snake(usage)
    if case["provider"]:
        built = build_opik_usage(case["provider"], usage)
    else:
        built = build_opik_usage_from_unknown_provider(usage)
    counts.append(built.to_backend_compatible_full_usage_dict())
json.dump(counts, sys.stdout)
