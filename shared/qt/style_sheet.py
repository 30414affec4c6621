"""Pure: the one style sheet of the application, written from the tokens.

It dresses what Qt paints itself: labels by their `role` and `tone`, text fields, lists, tables and scroll bars. What
is touched most (buttons, tiles, tickets) paints itself, which is faster than matching rules.
"""

from string import Template
from typing import Final

from shared.qt.metrics import Metrics
from shared.qt.tokens import Palette, TypeSize

_SHEET: Final = Template(
    """
QLabel { background: transparent; color: $text; }
QLabel[role="note"] { font-size: ${note}px; }
QLabel[role="body"] { font-size: ${body}px; }
QLabel[role="strong"] { font-size: ${body}px; font-weight: 600; }
QLabel[role="heading"] { font-size: ${heading}px; font-weight: 600; }
QLabel[role="title"] { font-size: ${title}px; font-weight: 700; }
QLabel[role="figure"] { font-size: ${figure}px; font-weight: 700; }
QLabel[role="hero"] { font-size: ${hero}px; font-weight: 700; }
QLabel[tone="muted"] { color: $muted; }
QLabel[tone="faded"] { color: $faded; }
QLabel[tone="accent"] { color: $accent; }
QLabel[tone="info"] { color: $info; }
QLabel[tone="ok"] { color: $ok; }
QLabel[tone="warn"] { color: $warn; }
QLabel[tone="bad"] { color: $bad; }
QLineEdit, QPlainTextEdit, QTextEdit {
    background: $control; color: $text; border: 1px solid $line; border-radius: ${radius}px;
    padding: 0 ${space3}px; min-height: ${touch}px; font-size: ${body}px;
    selection-background-color: $primary; selection-color: $on_primary;
}
QPlainTextEdit, QTextEdit { padding: ${space2}px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus { border: 2px solid $primary; }
QAbstractItemView {
    background: $raised; alternate-background-color: $raised; color: $text; border: none; outline: none;
    selection-background-color: $selected; selection-color: $text; font-size: ${body}px;
}
QTableView { gridline-color: transparent; }
QTableView::item, QListView::item { border-bottom: 1px solid $line; padding: 0 ${space3}px; }
QTableView::item:selected, QListView::item:selected { background: $selected; color: $text; }
QHeaderView { background: $raised; border: none; }
QHeaderView::section {
    background: $raised; color: $muted; border: none; border-bottom: 1px solid $line;
    padding: ${space2}px ${space3}px; font-size: ${note}px; font-weight: 600;
}
QScrollArea { background: transparent; border: none; }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: ${space3}px; }
QScrollBar:horizontal { height: ${space3}px; }
QScrollBar::handle { background: $line; border-radius: ${space1}px; margin: ${space1}px; }
QScrollBar::handle:vertical { min-height: ${touch}px; }
QScrollBar::handle:horizontal { min-width: ${touch}px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: ${space1}px; }
"""
)


def style_sheet(colours: Palette[str], metrics: Metrics) -> str:
    """The whole style sheet for one look on one screen."""
    return _SHEET.substitute(
        text=colours.text,
        muted=colours.muted,
        faded=colours.faded,
        accent=colours.accent,
        info=colours.info,
        ok=colours.ok,
        warn=colours.warn,
        bad=colours.bad,
        control=colours.control,
        line=colours.line,
        primary=colours.primary,
        on_primary=colours.on_primary,
        raised=colours.raised,
        selected=colours.selected,
        radius=metrics.radius,
        touch=metrics.touch(),
        space1=metrics.space(1),
        space2=metrics.space(2),
        space3=metrics.space(3),
        **{size.name.lower(): str(metrics.type_px(size)) for size in TypeSize},
    )
