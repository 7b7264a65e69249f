# SPDX-License-Identifier: MIT
"""Pictures that a trader can read, one file each, from files of recorded data.

``PICTURES`` in ``gallery`` lists them; each takes tables that are told apart by their columns
(``files``) and gives a plotly figure; ``page`` writes it as one HTML file that needs nothing
else.  No picture computes what an analytic does: it runs the analytic and shows it.
"""
