/** How the status page looks: system fonts, dark and light by the reader's choice, one column on a phone. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --paper: #ffffff; --card: #f6f8fa; --line: #d0d7de;
  --ok: #1a7f37; --warn: #9a6700; --bad: #cf222e; --accent: #0969da; --second: #8250df; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa4af; --paper: #0d1117; --card: #161b22;
  --line: #30363d; --ok: #3fb950; --warn: #d29922; --bad: #ff7b72; --accent: #58a6ff; --second: #bc8cff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: break-word; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; }
h1 { font-size: 1.25rem; margin: 0; }
h2 { font-size: 1rem; margin: 1.75rem 0 .5rem; }
section { margin-top: 1.75rem; }
p { margin: .25rem 0; }
.soft { color: var(--soft); font-size: .875rem; }
.verdict { border-left: .375rem solid var(--soft); background: var(--card); padding: .75rem 1rem; margin: .75rem 0;
  border-radius: .25rem; font-size: 1.125rem; }
.verdict[data-tone=ok] { border-color: var(--ok); }
.verdict[data-tone=warn] { border-color: var(--warn); }
.verdict[data-tone=bad] { border-color: var(--bad); }
.tag { display: inline-block; border: 1px solid currentColor; border-radius: 1rem; padding: 0 .5rem; font-size: .8125rem;
  white-space: nowrap; }
.ok { color: var(--ok); } .warn { color: var(--warn); } .bad { color: var(--bad); }
.checks { display: flex; flex-wrap: wrap; gap: .5rem; padding: 0; margin: .5rem 0; list-style: none; }
.alerts { list-style: none; margin: 0; padding: 0; }
.alerts li { border-left: .25rem solid var(--warn); padding: .25rem .75rem; margin: .5rem 0; background: var(--card); }
.alerts li.critical { border-color: var(--bad); }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 700; padding: .25rem 0; }
th, td { text-align: left; padding: .375rem .5rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 500; font-size: .8125rem; }
tbody th { color: inherit; font-weight: 600; font-size: inherit; }
th:first-child { padding-left: 0; }
td.number, th.number { text-align: right; white-space: nowrap; }
progress { width: 100%; min-width: 6rem; height: .5rem; accent-color: var(--accent); }
figure { margin: 0; }
svg { width: 100%; height: 12rem; display: block; background: var(--card); border-radius: .25rem; }
.ends { display: flex; justify-content: space-between; }
.grid { stroke: var(--line); } .lag { stroke: var(--accent); } .fresh { stroke: var(--second); stroke-dasharray: 5 3; }
.lag, .fresh { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; }
figcaption { font-size: .875rem; color: var(--soft); }
figcaption b.l { color: var(--accent); } figcaption b.f { color: var(--second); }
footer { margin-top: 2rem; border-top: 1px solid var(--line); padding-top: .5rem; }
a { color: var(--accent); }
[hidden] { display: none; }
@media (max-width: 40rem) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  tbody th, td, td.number { display: flex; justify-content: space-between; gap: 1rem; border: 0; padding: .125rem 0; text-align: right; }
  tbody th { text-align: left; }
  td::before { content: attr(data-label); color: var(--soft); font-size: .8125rem; text-align: left; flex: none; }
  td:empty { display: none; }
}
`
