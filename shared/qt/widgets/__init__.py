"""Widgets that the till and the kitchen share, each painted from tokens and handed its theme."""

from shared.qt.widgets.badge import Badge, StatusPill
from shared.qt.widgets.banner import Banner, ToneIcon
from shared.qt.widgets.button import ButtonKind, TouchButton
from shared.qt.widgets.empty_state import EmptyState
from shared.qt.widgets.keypad import Keypad
from shared.qt.widgets.label import Ink, Label, Role
from shared.qt.widgets.line_list import LineList, action_target
from shared.qt.widgets.line_row import LineAction, LineRow
from shared.qt.widgets.menu_tile import MenuTile, TilePainter
from shared.qt.widgets.page_bar import PageBar
from shared.qt.widgets.paged_grid import GridPainter, PagedGrid
from shared.qt.widgets.painted import PaintedTargets
from shared.qt.widgets.pin_pad import PinDots, PinPad
from shared.qt.widgets.sheet import SheetOverlay
from shared.qt.widgets.surfaces import Card, Divider, Edge, FigureTile, Ground, HeaderBar, Panel
from shared.qt.widgets.table import RowTable
from shared.qt.widgets.tabs import Tab, TabRow
from shared.qt.widgets.toast import Toast

__all__ = [
    "Badge",
    "Banner",
    "ButtonKind",
    "Card",
    "Divider",
    "Edge",
    "EmptyState",
    "FigureTile",
    "GridPainter",
    "Ground",
    "HeaderBar",
    "Ink",
    "Keypad",
    "Label",
    "LineAction",
    "LineList",
    "LineRow",
    "MenuTile",
    "PageBar",
    "PagedGrid",
    "PaintedTargets",
    "Panel",
    "PinDots",
    "PinPad",
    "Role",
    "RowTable",
    "SheetOverlay",
    "StatusPill",
    "Tab",
    "TabRow",
    "TilePainter",
    "Toast",
    "ToneIcon",
    "TouchButton",
    "action_target",
]
