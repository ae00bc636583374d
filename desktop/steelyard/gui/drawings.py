"""The drawings: SVG path data of every icon, mark and chip symbol, on a 16 (chips: 12) px square.

Icons take one colour for their strokes (`currentColor`); marks name the tones they use as `{tone}`.
"""

from __future__ import annotations

ICONS: dict[str, str] = {
    "browse": '<circle cx="8" cy="8" r="6"/><path d="M10.6 5.4 9.2 9.2 5.4 10.6 6.8 6.8z"/>',
    "transfers": '<path d="M5 2.5v10M2.5 10 5 12.5 7.5 10M11 13.5v-10M8.5 6 11 3.5 13.5 6"/>',
    "library": '<path d="M2.5 2.5h3v11h-3zM5.5 4.5h3v9h-3zM9.4 4.2l2.6-.8 2.6 9-2.6.8z"/>',
    "chat": '<path d="M2.5 3h11v8H8l-3 2.5V11H2.5z"/>',
    "evaluate": (
        '<path d="M2.5 4 3.6 5 5.5 3M2.5 8.5l1.1 1 1.9-2M2.5 13l1.1 1 1.9-2M8 4h5.5M8 8.5h5.5'
        'M8 13h5.5"/>'
    ),
    "decide": '<path d="M8 2v11.5M5 13.5h6M3 4.5h10M3 4.5 1.2 9h3.6zM13 4.5 11.2 9h3.6z"/>',
    "audit": '<path d="M3.5 1.5h9v13h-9zM6 5h4M6 8h4M6 11h2.5"/>',
    "machine": (
        '<path d="M4 4h8v8H4zM6.5 6.5h3v3h-3zM6 4V1.8M10 4V1.8M6 14.2V12M10 14.2V12M4 6H1.8M4'
        ' 10H1.8M14.2 6H12M14.2 10H12"/>'
    ),
    "settings": (
        '<path d="M2 4.5h7M12 4.5h2M2 11.5h2M7 11.5h7"/><circle cx="10.5" cy="4.5" r="1.6"/><'
        'circle cx="5.5" cy="11.5" r="1.6"/>'
    ),
    "search": '<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.5 3.5"/>',
    "lock": '<path d="M3.5 7h9v6.5h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2"/>',
    "down": '<path d="m4 6 4 4 4-4"/>',
    "right": '<path d="m6 4 4 4-4 4"/>',
    "up": '<path d="m4 10 4-4 4 4"/>',
    "left": '<path d="m10 4-4 4 4 4"/>',
    "tasks": '<path d="M2.5 4h11M2.5 8h11M2.5 12h6"/>',
    "copy": '<path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3"/>',
    "play": '<path d="M4.5 3v10l8-5z"/>',
    "stop": '<path d="M4 4h8v8H4z"/>',
    "verify": (
        '<path d="M8 1.8 13 3.6v4c0 3.2-2 5.3-5 6.6-3-1.3-5-3.4-5-6.6v-4z"/><path d="M5.8 7.8'
        ' 7.4 9.4l3-3"/>'
    ),
    "hash": '<path d="M6.2 2.5 4.8 13.5M11.2 2.5 9.8 13.5M2.8 5.8h10.8M2.4 10.2h10.8"/>',
    "key": '<circle cx="5" cy="11" r="2.8"/><path d="m7 9 6-6M10.5 5.5l2 2M12.5 3.5 14 5"/>',
    "scan": '<path d="M2.5 5.5v-3h3M10.5 2.5h3v3M13.5 10.5v3h-3M5.5 13.5h-3v-3M4.5 8h7"/>',
    "person": (
        '<circle cx="8" cy="5" r="2.7"/><path d="M2.8 13.8c.6-3 2.6-4.4 5.2-4.4s4.6 1.4 5.2 4.4"/>'
    ),
    "doc": '<path d="M3.5 1.5h6l3 3v10h-9zM9.5 1.5v3h3"/>',
    "header": '<path d="M2.5 2.5h11v11h-11zM2.5 6h11M5 4.3h.01"/>',
    "tag": '<path d="M2.5 2.5h5.5l5.8 5.8-5.5 5.5L2.5 8z"/><path d="M5.2 5.2h.01"/>',
    "filter": '<path d="M2 3.5h12L9.5 8.8v4.7l-3-1.5V8.8z"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
    "minus": '<path d="M3 8h10"/>',
    "x": '<path d="m4 4 8 8M12 4l-8 8"/>',
    "tick": '<path d="m3.5 8.2 3 3 6-6.4"/>',
    "export": '<path d="M8 10V2M5 5l3-3 3 3M2.5 9.5v4h11v-4"/>',
    "import": '<path d="M8 2v8M5 7l3 3 3-3M2.5 9.5v4h11v-4"/>',
    "warn": '<path d="M8 2.2 14.5 13.5h-13z"/><path d="M8 6.4v3.4M8 11.6v.1"/>',
    "pencil": '<path d="M2.5 13.5 3.4 10 11 2.4l2.6 2.6L6 12.6z"/>',
    "refresh": '<path d="M13.3 6.5A5.5 5.5 0 1 0 13.5 9M13.5 2.8v3.7H9.8"/>',
    "branch": (
        '<circle cx="4.5" cy="3.5" r="1.5"/><circle cx="4.5" cy="12.5" r="1.5"/><circle cx="1'
        '1.5" cy="5.5" r="1.5"/><path d="M4.5 5v6M11.5 7c0 2.5-4 2-6.2 4.2"/>'
    ),
    "split": '<path d="M2.5 3h11v10h-11zM8 3v10"/>',
    "drawer": '<path d="M2.5 3h11v10h-11zM10 3v10"/>',
    "clock": '<circle cx="8" cy="8" r="6"/><path d="M8 4.5V8l2.5 1.5"/>',
    "witness": (
        '<path d="M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8z"/><circle cx="'
        '8" cy="8" r="1.9"/>'
    ),
    "sign": (
        '<path d="M2 13.5h12M3 10.5c2-5 4-8 5-7.5s-1.5 6-2.5 7 2.5-2.5 3.5-2.5-.5 2.5.5 2.5 1'
        '.5-1 3-1.5"/>'
    ),
    "archive": '<path d="M2 3h12v3H2zM3 6v7.5h10V6M6.5 9h3"/>',
    "dots": '<path d="M3.5 8h.01M8 8h.01M12.5 8h.01"/>',
    "unplug": (
        '<path d="M2 2l12 12M5 5.2 4 6.2a3.4 3.4 0 0 0 4.8 4.8l1-1M6.8 4.4l.4-.4A3.4 3.4 0 0 '
        '1 12 8.8l-.4.4"/>'
    ),
    "info": '<circle cx="8" cy="8" r="6"/><path d="M8 7.3v3.8M8 5v.1"/>',
    "redact": '<path d="M2.5 4h11M2.5 12h7" /><path d="M2.5 7h11v2h-11z" fill="currentColor"/>',
    "pause": '<path d="M5.5 3.5v9M10.5 3.5v9"/>',
    "folder": '<path d="M2 12.8V3.2h4.2l1.6 2h6.2v7.6z"/>',
    "download": '<path d="M8 2v8.5M4.8 7.3 8 10.5l3.2-3.2M3 13.5h10"/>',
    "trash": '<path d="M2.5 4h11M6 4V2.5h4V4M4 4l.7 9.5h6.6L12 4M6.7 6.8v4M9.3 6.8v4"/>',
    "send": '<path d="M8 13V3M4 7l4-4 4 4"/>',
    "sun": (
        '<circle cx="8" cy="8" r="2.8"/><path d="M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3'
        '.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9"/>'
    ),
    "moon": '<path d="M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8z"/>',
    "open": '<path d="M9.5 2.5h4v4M13.5 2.5 8 8M12 9.5v4H2.5V4h4"/>',
    "globe": (
        '<circle cx="8" cy="8" r="6"/><path d="M2 8h12M8 2c2.2 2 2.8 4 2.8 6s-.6 4-2.8 6c-2.2'
        '-2-2.8-4-2.8-6S5.8 4 8 2z"/>'
    ),
    "disk": '<path d="M2.5 3h11v4.2h-11zM2.5 8.8h11V13h-11zM5 5.1h.01M5 10.9h.01"/>',
    "memory": (
        '<path d="M1.8 4.5h12.4v6H1.8zM4.5 6.5v2M8 6.5v2M11.5 6.5v2M3.5 10.5v1.6M6.5 10.5v1.6'
        'M9.5 10.5v1.6M12.5 10.5v1.6"/>'
    ),
    "gpu": (
        '<path d="M1.5 2.5v11M1.5 4h12.7v7H1.5M4 11v1.8h5V11"/><circle cx="9.8" cy="7.5" r="2"/>'
    ),
}

MIRRORED = frozenset({"left", "right", "drawer", "open"})
"""Icons that point along the reading direction; drawn mirrored from right to left."""

MARKS: dict[str, str] = {
    "yes": (
        '<circle cx="8" cy="8" r="7" fill="{green}"/><path d="m4.8 8.2 2.3 2.3 4.2-4.6" fill='
        '"none" stroke="{surface}" stroke-width="1.7" stroke-linecap="round" stroke-linejoin='
        '"round"/>'
    ),
    "conditional": (
        '<circle cx="8" cy="8" r="6.2" fill="none" stroke="{amber}" stroke-width="1.6"/><path'
        ' d="M8 1.8a6.2 6.2 0 0 0 0 12.4z" fill="{amber}"/>'
    ),
    "no": (
        '<path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z" fill="{red}"/><path d="m5.4 '
        '5.4 5.2 5.2M10.6 5.4l-5.2 5.2" stroke="{surface}" stroke-width="1.7" stroke-linecap='
        '"round"/>'
    ),
    "not-mentioned": (
        '<circle cx="8" cy="8" r="6.2" fill="none" stroke="{text_3}" stroke-width="1.5" strok'
        'e-dasharray="2.6 2.27"/><path d="M5.6 8h4.8" stroke="{text_3}" stroke-width="1.6" st'
        'roke-linecap="round"/>'
    ),
    "not-known": (
        '<rect x="1.6" y="1.6" width="12.8" height="12.8" rx="2.5" fill="none" stroke="{blue}'
        '" stroke-width="1.5"/><path d="M5.9 6.2a2.1 2.1 0 1 1 3.2 1.8c-.7.5-1.1.8-1.1 1.6M8 '
        '11.7v.1" fill="none" stroke="{blue}" stroke-width="1.5" stroke-linecap="round"/>'
    ),
    "pending": (
        '<circle cx="8" cy="8" r="6.2" fill="none" stroke="{amber}" stroke-width="1.5"/><path'
        ' d="M8 4.6V8l2.3 1.5" fill="none" stroke="{amber}" stroke-width="1.5" stroke-linecap'
        '="round"/>'
    ),
    "refused": (
        '<circle cx="8" cy="8" r="6.2" fill="none" stroke="{amber}" stroke-width="1.6"/><path'
        ' d="M3.8 12.2 12.2 3.8" stroke="{amber}" stroke-width="1.6"/>'
    ),
    "begun": ('<circle cx="8" cy="8" r="3.4" fill="none" stroke="{text_3}" stroke-width="1.7"/>'),
}
"""State marks: silhouettes that differ without colour."""

CHIPS: dict[str, str] = {
    "PASS": (
        '<path d="m2 6.3 2.6 2.6L10 3.4" fill="none" stroke="currentColor" stroke-width="1.8"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
    ),
    "WARN": (
        '<path d="M6 1.2 11.4 10.8H.6z" fill="none" stroke="currentColor" stroke-width="1.4" '
        'stroke-linejoin="round"/><path d="M6 4.7v2.6M6 9v.1" stroke="currentColor" stroke-wi'
        'dth="1.4" stroke-linecap="round"/>'
    ),
    "FAIL": (
        '<path fill="none" d="m2.5 2.5 7 7M9.5 2.5l-7 7" stroke="currentColor" stroke-width="'
        '1.8" stroke-linecap="round"/>'
    ),
    "NOT RUN": (
        '<path fill="none" d="M3 6h6" stroke="currentColor" stroke-width="1.6" stroke-linecap'
        '="round"/>'
    ),
}
"""Symbols of verdict chips, on a 12 px square."""

BRAND = (
    '<g fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-line'
    'join="round"><path d="M2 8h20M9 8V4M7 4h4M4.5 8v4"/><path d="M1.5 18h6l-3-6z" fill="curr'
    'entColor" stroke-width="1.5"/><path d="M14 12h5v6h-5zM16.5 8v4" fill="currentColor"/></g'
    ">"
)
"""The steelyard itself, on a 24 px square."""
