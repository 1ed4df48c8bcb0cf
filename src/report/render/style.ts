/** The look of the page: light and dark, narrow screens and paper. No script, no font and no image from elsewhere. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1b1f24; --soft: #5a6472; --line: #d9dee5; --panel: #f5f7fa; --accent: #b45309;
  --reads: #2563eb; --writes: #b45309; --deletes: #be123c; --lists: #047857;
  --good: #047857; --bad: #be123c; --warn: #b45309; --bar: #2563eb; --track: #e3e8ef;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --ink: #e6e9ee; --soft: #9aa5b4; --line: #2d333b; --panel: #1c2127; --accent: #f6a04d;
    --reads: #6ea8fe; --writes: #f6a04d; --deletes: #fb7185; --lists: #34d399;
    --good: #34d399; --bad: #fb7185; --warn: #f6a04d; --bar: #6ea8fe; --track: #2d333b;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1.25rem 4rem; max-width: 60rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 3rem 0 .75rem; padding-top: .75rem; border-top: 3px solid var(--accent); overflow-wrap: anywhere; }
h2 code { font-size: 1em; }
h3 { font-size: .8rem; margin: 1.75rem 0 .5rem; letter-spacing: .07em; text-transform: uppercase; color: var(--soft); }
p { margin: .5rem 0; overflow-wrap: anywhere; }
a { color: var(--reads); }
.when { color: var(--soft); margin-bottom: 1.5rem; }
code { font: .87em ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; margin: .5rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .92em; }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top;
  overflow-wrap: break-word; }
th { font-weight: 600; color: var(--soft); font-size: .85em; white-space: nowrap; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.name { min-width: 9rem; }
.box { border: 1px solid var(--line); border-radius: 8px; background: var(--panel); padding: .75rem 1rem; margin: .5rem 0; }
.box h4 { margin: 0 0 .5rem; font-size: .75rem; letter-spacing: .1em; color: var(--soft); font-weight: 600; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .15rem 1.25rem; margin: .5rem 0; }
dl + dl { border-top: 1px solid var(--line); padding-top: .5rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.from { color: var(--soft); font-size: .85em; }
.bar { display: inline-block; vertical-align: middle; width: 6rem; height: .5rem; border-radius: 4px; background: var(--track);
  overflow: hidden; margin-right: .5rem; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.bar i { display: block; height: 100%; background: var(--bar); }
.bar.over i { background: var(--bad); }
.bar.near i { background: var(--warn); }
ul.checklist { list-style: none; padding: 0; margin: .5rem 0; }
ul.checklist li { padding-left: 1.4rem; text-indent: -1.4rem; }
.mark { display: inline-block; width: 1.4rem; text-indent: 0; }
.done .mark { color: var(--good); } .open .mark { color: var(--bad); } .unknown .mark { color: var(--soft); }
.severity-error { color: var(--bad); font-weight: 600; } .severity-warning { color: var(--warn); font-weight: 600; }
.severity-advice { color: var(--soft); }
figure { margin: 1rem 0; overflow-x: auto; }
figcaption { color: var(--soft); font-size: .85em; }
svg.picture { max-width: 100%; height: auto; min-width: 32rem; }
svg.chart { width: 100%; height: auto; min-width: 28rem; }
svg text { font: 12px ui-monospace, "SF Mono", Menlo, Consolas, monospace; fill: var(--ink); }
svg .tick, svg .legend { font: 11px system-ui, sans-serif; fill: var(--soft); }
svg .edge { fill: none; stroke: var(--soft); stroke-width: 1.2; opacity: .6; }
svg .node rect { fill: var(--panel); stroke: var(--soft); }
svg .environment rect { fill: var(--accent); stroke: none; } svg .environment text { fill: var(--paper); font-weight: 600; }
svg .worker rect { stroke: var(--reads); stroke-width: 1.5; }
svg .binding rect { fill: none; stroke: var(--line); } svg .binding text { fill: var(--soft); }
svg .namespace rect { stroke: var(--lists); stroke-width: 1.5; }
svg a:hover rect, svg a:focus rect { stroke-width: 2.5; }
svg .grid { stroke: var(--line); } svg .line { fill: none; stroke-width: 1.8; } svg .area { opacity: .16; }
svg .day { fill: transparent; } svg .day:hover { fill: var(--soft); opacity: .15; }
svg .reads { stroke: var(--reads); } svg .area.reads { fill: var(--reads); stroke: none; } svg .key.reads { fill: var(--reads); }
svg .writes { stroke: var(--writes); } svg .key.writes { fill: var(--writes); }
svg .deletes { stroke: var(--deletes); } svg .key.deletes { fill: var(--deletes); }
svg .lists { stroke: var(--lists); } svg .key.lists { fill: var(--lists); }
@media (max-width: 34rem) {
  body { padding: 1rem .9rem 3rem; font-size: 14px; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .4rem; }
  th, td { padding-right: .5rem; } td.name { min-width: 0; }
}
@media print {
  :root { --paper: #fff; --ink: #000; --soft: #444; --line: #bbb; --panel: #fff; --accent: #b45309; --reads: #1d4ed8;
    --writes: #b45309; --deletes: #be123c; --lists: #047857; --track: #ddd; --bar: #1d4ed8; --good: #047857; --bad: #be123c; --warn: #b45309; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  .box, figure, tr, ul.checklist li { break-inside: avoid; } h2, h3 { break-after: avoid; }
  figure, .scroll { overflow: visible; } svg.picture, svg.chart { min-width: 0; max-width: 100%; }
  svg, .bar i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  a { color: inherit; text-decoration: none; }
}
`;
