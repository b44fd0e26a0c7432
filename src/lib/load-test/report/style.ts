/** The report's style sheet: system fonts, light and dark by the reader's preference, fit for paper. */
export const styleSheet = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #1b1f26; --quiet: #5c6673; --rule: #d9dee5; --grid: #e6e9ee;
  --a: #1f6fd6; --b: #b3540b; --ok: #2f81d8; --bad: #c9302c; --good: #17803d; --warn: #8a5a00; --interrupted: #6b4fb3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12151a; --card: #1b2027; --ink: #e8ebf0; --quiet: #9aa5b4; --rule: #323a45; --grid: #2a313b;
    --a: #6fb0ff; --b: #f0a35e; --ok: #4b93e6; --bad: #ff7a72; --good: #57c785; --warn: #e3b252; --interrupted: #b59cf2;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 20px 48px; }
h1 { font-size: 22px; line-height: 1.3; margin: 12px 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 0 0 12px; }
p { margin: 0 0 8px; }
code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); }
.verdict { display: inline-block; padding: 4px 14px; border-radius: 999px; border: 2px solid; font-weight: 700; letter-spacing: .06em; }
.pass { color: var(--good); } .fail { color: var(--bad); } .invalid { color: var(--warn); } .interrupted { color: var(--interrupted); }
.reasons { margin: 12px 0 0; padding-left: 20px; font-weight: 600; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr)); gap: 12px; margin: 24px 0; }
.cards div, section { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; }
.cards div { padding: 14px 16px; }
.cards b { display: block; font-size: 24px; line-height: 1.2; font-variant-numeric: tabular-nums; }
.cards small { display: block; color: var(--quiet); font-size: 13px; }
section { padding: 18px 20px; margin: 0 0 16px; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 16px; }
.columns section { margin: 0; min-width: 0; }
.columns { margin-bottom: 16px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--grid); vertical-align: top; }
td:first-child, th { white-space: nowrap; }
td { overflow-wrap: anywhere; }
td:first-child { overflow-wrap: normal; }
th { font-weight: 600; color: var(--quiet); }
td.number, th.number { text-align: right; white-space: nowrap; }
td.number + td { padding-left: 12px; }
td.number:first-child { width: 1%; padding-right: 4px; }
table + p { margin: 10px 0 0; }
tr:last-child td, tr:last-child th { border-bottom: 0; }
.scroll { overflow-x: auto; max-height: 420px; }
figure { margin: 0; }
figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 4px 20px; margin-bottom: 8px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; color: var(--quiet); font-size: 13px; }
.key { display: inline-flex; align-items: center; gap: 6px; }
.key i { width: 12px; height: 12px; border-radius: 3px; }
i.series-a { background: var(--a); } i.series-b { background: var(--b); } i.series-ok { background: var(--ok); } i.series-bad { background: var(--bad); }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--quiet); font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-variant-numeric: tabular-nums; }
.grid { stroke: var(--grid); } .axis { stroke: var(--quiet); }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.line.series-a { stroke: var(--a); } .line.series-b { stroke: var(--b); }
.dot { stroke: var(--card); stroke-width: 1.5; } .dot.series-a { fill: var(--a); } .dot.series-b { fill: var(--b); }
rect.series-ok { fill: var(--ok); } rect.series-bad { fill: var(--bad); }
.hover { fill: transparent; } .hover:hover { fill: var(--quiet); fill-opacity: .14; }
details summary { cursor: pointer; font-weight: 600; }
details[open] summary { margin-bottom: 10px; }
@media (max-width: 520px) { .columns { grid-template-columns: 1fr; } section { padding: 14px; } td:first-child, th { white-space: normal; } }
@media print {
  body { background: none; } main { padding: 0; max-width: none; }
  section, .cards div { break-inside: avoid; } .scroll { max-height: none; }
}
`;
