/**
 * The status page: one document without any resource from elsewhere. The policy that goes with it lets exactly its own
 * script and style in, so that no name in the data can become code.
 */
import { createHash } from 'node:crypto'
import { pageScript } from './page-script.ts'
import { pageStyle } from './page-style.ts'

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** For the header `content-security-policy`. */
export const pagePolicy = [
  "default-src 'none'",
  `script-src ${hashOf(pageScript)}`,
  `style-src ${hashOf(pageStyle)}`,
  "connect-src 'self'",
  // The icon is an empty one, so that nobody asks for it.
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const tableOf = (id: string, caption: string): string =>
  `<section id="${id}" hidden><table><caption>${caption}</caption></table></section>`

export const pageText = (topology: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(topology === '' ? 'Spillway' : `${topology} · Spillway`)}</title>
<link rel="icon" href="data:,">
<style>${pageStyle}</style>
</head>
<body>
<header><h1 id="name">${escaped(topology)}</h1><span id="process" class="soft"></span></header>
<main>
<p id="away" class="bad" role="alert" hidden></p>
<div id="verdict" class="verdict" role="status">asking</div>
<ul id="checks" class="checks" aria-label="health"></ul>
<div id="reasons"></div>
<p id="incident" hidden></p>
<section id="alerts" aria-label="alerts" hidden><h2>Alerts</h2><ul id="alert-list" class="alerts"></ul></section>
<p id="limit" class="soft" hidden></p>
<section id="chart" hidden><h2>Lag</h2><figure>
<p id="peak" class="soft"></p>
<svg id="plot" viewBox="0 0 600 160" preserveAspectRatio="none" role="img"></svg>
<p class="soft ends"><span id="from"></span><span>now</span></p>
<figcaption><b class="l">&#9473;</b> oldest unread record <b class="f">&#9478;</b> fresh data</figcaption>
</figure></section>
${tableOf('branches', 'Branches')}
${tableOf('tenants', 'Tenants with the most bytes')}
${tableOf('dependencies', 'What the run depends on')}
${tableOf('workers', 'Workers')}
${tableOf('pins', 'Set by hand')}
<noscript><p>This page shows <a href="/status.json">/status.json</a>, and needs a script of its own for that.</p></noscript>
</main>
<footer class="soft"><a href="/status.json">status.json</a> · <a href="/metrics">metrics</a> ·
<a href="/health/live">live</a> · <a href="/health/ready">ready</a> · <a href="/health/progress">progress</a></footer>
<script>${pageScript}</script>
</body>
</html>
`

const marks: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

const escaped = (text: string): string => text.replace(/[&<>"']/g, (mark) => marks[mark] ?? mark)
