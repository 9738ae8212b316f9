"""The ground: terms, values, IRIs, findings, text. Needs nothing of ours."""
