# SPDX-License-Identifier: MIT
"""A section that a caller adds to the page: sentences and one table."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class TableSection:
    """Sentences over a table, under a heading of their own.

    Parameters
    ----------
    key : str
        Anchor on the page: letters and hyphens.
    heading : str
        Of the section, and its link at the top.
    columns : tuple of str
        Headings; the first column is text, the others are figures.
    rows : tuple of tuple of str
        Cells as they are to be read.
    sentences : tuple of str
        What the table says and does not say; printed above it.
    """

    key: str
    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sentences: tuple[str, ...] = ()


def section_html(section: TableSection) -> str:
    """Draw the panel of a section, everything escaped."""
    said = "".join(f'<p class="dim">{escape(s)}</p>' for s in section.sentences)
    first, *others = section.columns
    head = f'<th scope="col">{escape(first)}</th>' + "".join(
        f'<th class="n" scope="col">{escape(c)}</th>' for c in others
    )
    body = "".join(
        f'<tr><th scope="row">{escape(label)}</th>'
        + "".join(f'<td class="n">{escape(c)}</td>' for c in cells)
        + "</tr>"
        for label, *cells in section.rows
    )
    return (
        f'<div class="panel scroll">{said}<table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
