"""Blind reading: sessions in which reviewers distinguish synthetic from real images, and reports.

<root>/.xray-tui/blind/<name>/session.json, answers-<reviewer>.jsonl
<root>/.xray-tui/blind/<name>/report.md, report.csv, answers.csv
"""
