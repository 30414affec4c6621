"""The page that tells a night's story: timeline, figures, pictures; one file with its pictures beside it."""

from collections import Counter
from html import escape
from pathlib import Path
from typing import Final

from demo.check import WORDS, Findings
from demo.journal import read_all
from demo.night import Night
from demo.plan import Plan

WIDTH, HEIGHT, LOW = 1000, 260, 210
HOW = (
    "Counted from the databases of all devices and of the server, and from journals that were written outside the "
    "programs whenever a screen had called something saved."
)
HIGHEST = 2
"""A bar of so many is full height at least: a quiet night shall not look like a busy one."""
SPANS = (
    ("cut", "mended", "#3D2F0E", "till 1 without network"),
    ("server killed", "server back", "#431A1C", "server dead"),
    ("till killed", "till back", "#431A1C", "till 2 killed"),
)
CAPTIONS: Final = {
    # In the order of the story; every picture of a night has its words here.
    "01-login": "Before the doors open: a PIN, which the till checks by itself.",
    "02-order-choices": "A dish with sizes asks for one at once.",
    "02-order": "The order before it is sent. Each line says how far it came.",
    "03-pay": "Cash: one tap on a note gives the change.",
    "03-pay-change": "The change stays until it is given. “Saved here” means on this till's disk.",
    "04-apart-choices": "The same table, opened at both tills while the first has no network.",
    "04-apart": "Each till's own addition. Neither sees the other's; on the one without network it says “Saved here”.",
    "05-cut-tables": "Till 1 after some time without its network: it says so, and sells on.",
    "06-cut-sync": "The sync panel while till 1 is cut off: what waits, and why.",
    "07-back-sync": "A few seconds after the network came back: what was sent, and in how many tries.",
    "08-together": "Both tills together again: the table has the lines of both, on both screens.",
    "09-board-busy": "A board at work.",
    "10-board-offline": "The server is dead: a board that gets no orders says so and keeps its tickets.",
    "11-board-back": "The server is back: what was ordered meanwhile comes up, with its true age.",
    "12-killed-payment": "The payment with which till 2 is going to die: the next tap takes the money.",
    "12-killed-payment-change": "It is taken and saved, and not answered. In this moment the till is killed.",
    "13-payment-found": "Till 2 after its restart: the payment was in its file and went again under the same name. "
    "It is on the server once.",
    "15-closing-time": "Closing time: on this till nothing waits any more.",
}
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
svg text{fill:#98A6B1;font-size:12px}svg text.over{fill:#F3F6F8}
.events td.n{width:64px}a{color:#8FB0FF}figcaption b{color:#F3F6F8}
"""


def write_report(folder: Path, *, night: Night, plan: Plan, findings: Findings, day_name: str, kept: bool) -> Path:
    """Write DIR/index.html; returns its path."""
    verdict = "The promise was kept." if kept else "The promise was not kept."
    if not kept and findings.is_clean:
        verdict = "The promise was not proven: not everything broke that should have, or it did not become quiet."
    parts = [
        f"<h1>One night at {escape(day_name)}</h1>",
        f"<p>{_summary(findings, night, plan)}</p>",
        f'<h2 class="{"ok" if kept else "bad"}">{verdict}</h2>',
        f"<p>{HOW}</p>",
        _figures(findings),
        "<h2>How the night went</h2>",
        _timeline(folder, night, plan),
        _events(night),
        "<h2>What was broken, and how that is known</h2>",
        _proofs(night),
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


def _summary(findings: Findings, night: Night, plan: Plan) -> str:
    return (
        f"{findings.orders_rung} orders on two tills and two kitchen screens, guests coming {plan.speed:.0f} times "
        f"faster than they did; {night.seconds:.0f} seconds, {night.kills} programs killed, "
        f"of {night.operations_answered} operations {night.operations_lost} lost their answers after the server had "
        "committed."
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
    return f'<table class="events">{"".join(rows)}</table>'


def _proofs(night: Night) -> str:
    rows = (
        f'<tr><td class="{"ok" if proof.happened else "bad"}">{"yes" if proof.happened else "no"}</td>'
        f"<td>{escape(proof.what)}</td><td>{escape(proof.evidence)}</td></tr>"
        for proof in night.proofs
    )
    return f"<table>{''.join(rows)}</table>"


def _processes(night: Night) -> str:
    rows = (
        f'<tr><td>{escape(name)}</td><td class="n">{facts["peak_mib"]} MiB at most</td>'
        f'<td class="n">{"killed once, started again" if facts["kills"] else ""}</td></tr>'
        for name, facts in night.processes.items()
    )
    return f"<table>{''.join(rows)}</table>"


def _timeline(folder: Path, night: Night, plan: Plan) -> str:
    """What the screens called saved over the night as bars, till by till, with what was broken behind them."""
    end_s = max(plan.ends_s, *(at_s for at_s, _ in night.events), 1) * 1.02

    def x(at_s: float) -> float:
        return 20 + (WIDTH - 40) * max(0.0, at_s) / end_s

    journal = [entry for entry in read_all(folder / "journal") if entry.event in ("sent", "paid")]
    step_s = max(1.0, end_s / 80)
    drawn = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="what was saved over the night">']
    for row, (start, end, colour, words) in enumerate(SPANS):
        if start in night.moments and end in night.moments:
            left, right = x(night.moments[start]), x(night.moments[end])
            drawn.append(
                f'<rect x="{left:.0f}" y="8" width="{max(4.0, right - left):.0f}" height="{LOW - 8}" fill="{colour}"/>'
                f'<text x="{min(left + 4, WIDTH - 160):.0f}" y="{22 + 14 * row}" class="over">{words}</text>'
            )
    for device, colour, shift in (("till-1", "#8FB0FF", 0.0), ("till-2", "#3D6FE8", 0.5)):
        bars = Counter(
            int((entry.fields.get("atMs", 0) - night.opened_ms) / 1000 // step_s)
            for entry in journal
            if entry.device == device
        )
        width = max(1.5, (x(step_s) - x(0)) / 2 - 1)
        highest = max(HIGHEST, *bars.values())
        for place, count in bars.items():
            height = (LOW - 60) * count / highest
            left = x((place + shift) * step_s)
            size = f'width="{width:.1f}" height="{height:.0f}"'
            drawn.append(f'<rect x="{left:.1f}" y="{LOW - height:.0f}" {size} fill="{colour}"/>')
    drawn += [
        f'<text x="{x(at_s):.0f}" y="{LOW + 16}" text-anchor="middle">{at_s} s</text>'
        for at_s in range(0, int(end_s) + 1, 10 if end_s < 180 else 60)
    ]
    words = f"orders and payments that a screen called saved: till 1 light, till 2 dark; {len(journal)} in all"
    return "".join([*drawn, f'<text x="20" y="{HEIGHT - 10}">{words}</text></svg>'])


def _pictures(folder: Path) -> str:
    figures = []
    told = list(CAPTIONS)
    found = [(path.stem.rsplit("-", 2), path) for path in (folder / "pictures").glob("*.png")]
    for (name, kind, device), path in sorted(found, key=lambda one: (told.index(one[0][0]), one[0])):
        caption = CAPTIONS[name]
        figures.append(
            f'<figure><a href="pictures/{escape(path.name)}"><img src="pictures/{escape(path.name)}" '
            f'alt="{escape(caption)}" loading="lazy"></a>'
            f"<figcaption><b>{kind.title()} {device}</b> · {escape(caption)}</figcaption></figure>"
        )
    return f'<div class="pictures">{"".join(figures)}</div>'
