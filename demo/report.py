"""The page that tells a night's story: timeline, figures, pictures; one file with its pictures beside it."""

from collections import Counter
from html import escape
from pathlib import Path

from demo.check import WORDS, Findings
from demo.conductor import Night
from demo.journal import read_all
from demo.plan import Plan

WIDTH, HEIGHT, LOW = 1000, 170, 130
STYLE = """
body{font:16px/1.5 Inter,system-ui,sans-serif;margin:0;background:#0E1113;color:#F3F6F8}
main{max-width:1080px;margin:0 auto;padding:32px 24px}
h1{font-size:34px;margin:0 0 4px}h2{font-size:22px;margin:40px 0 12px}
p{color:#98A6B1;margin:0 0 16px}
table{border-collapse:collapse;width:100%}td,th{padding:8px 12px;border-bottom:1px solid #2F3840;text-align:left}
td.n{text-align:right;font-variant-numeric:tabular-nums}
.ok{color:#2FBF86}.bad{color:#FF6B6B}
.pictures{display:grid;grid-template-columns:1fr 1fr;gap:16px}
figure{margin:0}img{width:100%;border-radius:10px;border:1px solid #2F3840}
figcaption{color:#98A6B1;font-size:14px}
svg{width:100%;height:auto;background:#161A1E;border-radius:12px}
svg text{fill:#98A6B1;font-size:12px}
"""


def write_report(folder: Path, *, night: Night, plan: Plan, findings: Findings, day_name: str) -> Path:
    """Write DIR/index.html; returns its path."""
    kept = findings.is_clean and night.became_quiet
    verdict = "The promise was kept." if kept else "The promise was broken."
    parts = [
        f"<h1>One night at {escape(day_name)}</h1>",
        f"<p>{_summary(findings, night)}</p>",
        f'<h2 class="{"ok" if kept else "bad"}">{verdict}</h2>',
        _figures(findings),
        "<h2>How the night went</h2>",
        _timeline(folder, night, plan),
        _events(night),
        "<h2>What the screens showed</h2>",
        _pictures(folder),
        "<h2>The programs</h2>",
        _processes(night),
    ]
    troubles = [*night.troubles, *findings.details]
    if troubles:
        parts += ["<h2>Notes</h2><ul>", *(f"<li>{escape(words)}</li>" for words in troubles[:60]), "</ul>"]
    page = f"<!doctype html><html lang=en><meta charset=utf-8><title>Evertill: {escape(day_name)}</title>"
    page += f"<style>{STYLE}</style><main>{''.join(parts)}</main></html>"
    path = folder / "index.html"
    path.write_text(page, encoding="utf-8")
    return path


def _summary(findings: Findings, night: Night) -> str:
    return (
        f"{findings.orders_rung} orders on two tills, {night.seconds:.0f} seconds, {night.kills} kills, "
        f"{night.answers_dropped} answers lost after the server had committed."
    )


def _figures(findings: Findings) -> str:
    rows = []
    for name, words in WORDS.items():
        value = getattr(findings, name)
        good = name in ("orders_rung", "orders_on_server", "told") or value == 0
        rows.append(f'<tr><td>{escape(words)}</td><td class="n {"ok" if good else "bad"}">{value}</td></tr>')
    return f"<table>{''.join(rows)}</table>"


def _events(night: Night) -> str:
    rows = (f'<tr><td class="n">{at_s:.0f} s</td><td>{escape(words)}</td></tr>' for at_s, words in night.events)
    return f"<table>{''.join(rows)}</table>"


def _processes(night: Night) -> str:
    rows = (
        f'<tr><td>{escape(name)}</td><td class="n">{facts["peak_mib"]} MiB at most</td>'
        f'<td class="n">{facts["kills"]} kills</td></tr>'
        for name, facts in night.processes.items()
    )
    return f"<table>{''.join(rows)}</table>"


def _timeline(folder: Path, night: Night, plan: Plan) -> str:
    """Journaled sends over the night as bars, with the outages behind them."""
    end_s = max(plan.ends_s + 10, *(at_s for at_s, _ in night.events), 1)

    def x(at_s: float) -> float:
        return 20 + (WIDTH - 40) * max(0.0, at_s) / end_s

    tasks = [task for tasks in plan.tills.values() for task in tasks if task.do in ("order", "add", "pay-and-die")]
    step_s = max(2.0, end_s / 60)
    bars = Counter(int(task.at_s // step_s) for task in tasks)
    highest = max(bars.values(), default=1)
    drawn = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="orders over the night">']
    for from_s, until_s, colour, words in (
        (plan.cut_from_s, plan.cut_until_s, "#3D2F0E", "till 1 offline"),
        (plan.server_killed_s, plan.server_back_s, "#431A1C", "server dead"),
        (plan.payment_killed_s, plan.payment_killed_s + 1.5, "#431A1C", "till 2 killed"),
    ):
        width = max(4.0, x(until_s) - x(from_s))
        drawn.append(f'<rect x="{x(from_s):.0f}" y="24" width="{width:.0f}" height="{LOW - 24}" fill="{colour}"/>')
        drawn.append(f'<text x="{x(from_s):.0f}" y="18">{words}</text>')
    for place, count in bars.items():
        height = (LOW - 40) * count / highest
        drawn.append(
            f'<rect x="{x(place * step_s) + 1:.1f}" y="{LOW - height:.0f}" width="{max(2, x(step_s) - x(0) - 2):.1f}" '
            f'height="{height:.0f}" rx="2" fill="#3D6FE8"/>'
        )
    journaled = len(read_all(folder / "journal"))
    drawn.append(
        f'<text x="20" y="{HEIGHT - 16}">orders as they came; {journaled} things that a screen called saved</text>'
    )
    return "".join(drawn) + "</svg>"


def _pictures(folder: Path) -> str:
    figures = (
        f'<figure><img src="pictures/{escape(path.name)}" alt="{escape(path.stem)}">'
        f"<figcaption>{escape(path.stem.replace('-', ' '))}</figcaption></figure>"
        for path in sorted((folder / "pictures").glob("*.png"))
    )
    return f'<div class="pictures">{"".join(figures)}</div>'
