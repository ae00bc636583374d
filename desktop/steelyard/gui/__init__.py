"""The window. Start it with `gui.app.run()`; nothing outside this room imports PySide6.

How it is built, from below:

theme/          `tokens` (every colour and length), `appearance.color("accent")` (the theme in force), `fonts.font(13,
                fonts.SEMIBOLD)`, palette and stylesheet. No other file names a colour.
drawings, icons our own paths, painted in a tone: `icons.paint(painter, "verify", rect, "text_2")`.
paint           boxes, hairlines, elided text, `Strip` (hands out a rectangle piece by piece, mirrored when needed).
names           `display_name(text)` for every name from outside; `plain_tooltip`, `menu_text`.
figures         numbers as the window writes them: `size`, `gib`, `count`, `percent`, `duration`, `day`,
                `short_digest`.
jobs, job       `JobRunner.ask(request, on_result, on_error, owner=self, replaces="fit")` for reading,
                `JobRunner.act(request, title=..., on_event=..., on_result=..., on_error=..., owner=self) -> Job` for
                what changes or lasts. Callbacks arrive in the main thread.
widgets/        labels    Label(text, size=13, weight=400, tone="text", mono=False, selectable=False), Elided,
                          Paragraph(text, lead="", tone="text_2", line_height=None, max_lines=None), title(),
                          small(), field_label(text, buddy)
                layouts   row(*items, gap=8, margins=(l, t, r, b)), column(...), holder(layout), Rule,
                          Icon(name, size=16), Note(*parts, icon="info"); None among items stretches, an int is px
                buttons   Button(text, icon=None, kind="outlined"|"primary"|"flat", small=False),
                          IconButton(icon, name), Link(text)
                marks     StateMark(state, word=None, about=""), TrustMark(state, word, about=""); states: yes,
                          conditional, no, not-mentioned, not-known, pending, refused, begun
                chips     VerdictChip("PASS"), MissingChip("not measured"), Tag(text, accent=False), Badge("A"),
                          Key("Ctrl+K")
                bars      StackedBar(name).set_segments(segments, total), Legend().set_segments(segments),
                          Segment(kind, label, value, figure), Gauge(name), ProgressLine(name) with .set_share
                interval  Interval(start, end, low, middle, high, needed=, zero=, hollow=, words=), IntervalPlot(plot)
                cards     Card(title=None, note="", padded=False, border="line") with .body and
                          .add_to_header(*widgets), Panel(fill=, border=, dashed=),
                          SelectionBar() with .buttons and .set_words(count, words)
                banner    Banner(mood, headline, words, more="", actions=()), .say(...), .say_error(error)
                empty     EmptyState(icon, title, words, button), Skeleton(rows)
                fields    TextField(placeholder, icon=, width=), NumberField(low, high, value, unit=), DecimalField,
                          TextArea(placeholder, rows=, most_rows=, submit_on_return=), Labelled("&Label", field)
                choices   CheckBox(text, note=, end=), Select(name, prefix=, width=) with .key and .choose(key)
                segmented Segmented((Choice(key, text, count=, icon=), ...), name) with .chosen, chosen_changed(str)
                slider    ContextSlider(trained_tokens, tokens) with .tokens and tokens_changed(int)
                tabs      TabStrip(Tabs(words, name))
                digest    DigestLabel(digest, what)
                dialogs   ask(parent, headline, words, yes, on_yes): a question that does not block
                popover, focus: panels over the window; the focus ring
tables/         Table(columns, name, select="none"|"single"|"checks", fit_height=False, model=None).set_rows(rows)
                Column(title, width=0 takes the rest, end=, sort=, optional=), Row(key, cells) or
                Row(key, group=Group(title, words)); cells: TextCell, NumberCell, MarkCell, VerdictCell, MissingCell,
                TagCell, IntervalCell, DigestCell, CheckCell, EmptyCell
frame/          the window around the pages: rail, top bar, command palette, tasks, network, status bar
pages/          one module per page; `page.Page(shell, title)` with `activate(argument)`, `refresh()`,
                `first_focus()`, `set_title(title, crumbs)`; `page.Shell` is all a page may reach;
                `page_column(page, note=Note(...))`, `scrolling(content, name)`; the list is in `pages/__init__.py`

Rules: text from outside goes through `display_name` into plain-text widgets; words through `tr()` with literals;
nothing blocks the event loop; every control that takes the keyboard has an accessible name.
"""
