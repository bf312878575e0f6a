"""Blind reading: sessions in which reviewers tell synthetic pictures from real ones, and reports.

<root>/.xray-tui/blind/<name>/session.json, answers-<reviewer>.jsonl
<root>/.xray-tui/blind/<name>/report.md, report.csv, answers.csv
"""
