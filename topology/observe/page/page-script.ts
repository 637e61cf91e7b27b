/**
 * What makes the status page live: asks for /status.json every two seconds and shows it. Everything that comes from data
 * is set as text, never as markup; while nobody looks it does not ask.
 */
export const pageScript = `
'use strict';
const everyMs = 2000;
const el = (name, more, ...children) => {
  const node = name === 'path' || name === 'line' || name === 'title'
    ? document.createElementNS('http://www.w3.org/2000/svg', name) : document.createElement(name);
  for (const key in more || {}) if (more[key] !== null) node.setAttribute(key, more[key]);
  node.append(...children.filter((child) => child !== null).map((child) => child instanceof Node ? child : String(child)));
  return node;
};
const at = (id) => document.getElementById(id);
const fill = (id, ...children) => at(id).replaceChildren(...children);
const number = (value) => Math.round(value).toLocaleString('en-US');
const bytes = (value) => {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let power = 0;
  while (value >= 1024 && power < 4) { value /= 1024; power++; }
  return (power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)) + ' ' + units[power];
};
const span = (ms) => {
  if (ms === null || ms === undefined) return '';
  if (ms < 1000) return Math.round(ms) + ' ms';
  const s = Math.floor(ms / 1000), m = Math.floor(s / 60), h = Math.floor(m / 60), d = Math.floor(h / 24);
  if (m === 0) return s + ' s';
  if (h === 0) return m + ' min' + (m < 10 && s % 60 ? ' ' + s % 60 + ' s' : '');
  if (d < 2) return h + ' h' + (m % 60 ? ' ' + m % 60 + ' min' : '');
  return d + ' d' + (h % 24 ? ' ' + h % 24 + ' h' : '');
};
const percent = (ratio) => Math.round(ratio * 100) + '%';
const eta = (range) => {
  if (!range) return 'no end in sight';
  const low = span(range[0]), high = span(range[1]);
  return low === high ? 'in about ' + low : 'in ' + low + ' to ' + high;
};
const tones = { ok: 'ok', running: 'ok', 'catching-up': 'warn', surge: 'warn', slow: 'warn', saturated: 'warn', paused: 'warn', detached: 'warn',
  waiting: 'warn', starting: 'warn', draining: 'warn', drained: 'warn', stalled: 'bad', failed: 'bad', failing: 'bad', silent: 'bad' };
const tag = (word) => el('span', { class: 'tag ' + (tones[word] || '') }, word);
const table = (id, columns, rows, rowOf) => {
  at(id).hidden = rows.length === 0;
  const head = columns.map(([title, kind]) => el('th', { scope: 'col', class: kind || null }, title));
  const body = rows.map((row) => el('tr', {}, ...rowOf(row).map((cell, index) => index === 0
    ? el('th', { scope: 'row' }, cell)
    : el('td', { class: columns[index][1] || null, 'data-label': columns[index][0] }, cell === null || cell === undefined ? '' : cell))));
  const of = at(id).querySelector('table');
  of.replaceChildren(of.caption, el('thead', {}, el('tr', {}, ...head)), el('tbody', {}, ...body));
};
const n = 'number';
// Most sentences begin with their kind.
const verdictText = ({ kind, text }) => text.startsWith(kind.replaceAll('-', ' ') + ':') ? text : kind + ': ' + text;
const verdict = (status) => {
  const kind = status.verdict ? status.verdict.kind : 'starting';
  const failing = ['live', 'ready', 'progress'].filter((check) => !status.health[check].ok);
  const tone = failing.length > 0 ? 'bad' : tones[kind] || 'warn';
  const box = at('verdict');
  if (box.dataset.tone !== tone) box.dataset.tone = tone;
  const text = status.verdict ? verdictText(status.verdict) : 'starting';
  if (box.textContent !== text) box.textContent = text;
  fill('checks', ...['live', 'ready', 'progress'].map((check) => {
    const health = status.health[check];
    return el('li', {}, el('span', { class: 'tag ' + (health.ok ? 'ok' : 'bad') }, check + (health.ok ? ' ok' : ' failing')));
  }));
  const reasons = [...new Set(failing.flatMap((check) => status.health[check].reasons))];
  fill('reasons', ...reasons.map((reason) => el('p', {}, reason)));
};
const incident = (status) => {
  const one = status.incident, box = at('incident');
  box.hidden = !one || one.state === 'resolved';
  if (box.hidden) return;
  const relapses = one.relapses === 0 ? '' : one.relapses === 1 ? ', 1 relapse' : ', ' + one.relapses + ' relapses';
  box.replaceChildren(el('strong', {}, 'Incident: ' + one.state), ' since ' + new Date(one.opened_at_ms).toLocaleString() + relapses
    + '. ' + (one.cause ? 'Cause: ' + one.cause : 'The cause is not known yet.'));
};
const alerts = (status) => {
  const all = status.alerts || [];
  at('alerts').hidden = all.length === 0;
  fill('alert-list', ...all.map((alert) => el('li', { class: alert.level },
    el('p', {}, el('strong', {}, alert.level), ' ', alert.text),
    el('p', { class: 'soft' }, alert.rule + ', for ' + span(status.at_ms - alert.since_ms) + '. What to do: topology runbook "' + alert.symptom.replaceAll('\\x60', '') + '"'))));
};
const branches = (status) => {
  const done = new Map(status.backlogs.map((one) => [one.branch, one.done_ratio]));
  table('branches', [['Branch'], ['State'], ['Fresh data', n], ['Oldest', n], ['Behind', n], ['Caught up'], ['Durable', n]], status.branches || [], (one) => {
    const ratio = done.get(one.branch);
    const left = one.lag_events === 0 || one.state === 'ok' ? null : el('span', {}, eta(one.eta_ms),
      ratio === null || ratio === undefined ? null : el('progress', { max: 1, value: ratio, 'aria-label': 'backlog of ' + one.branch + ' done' }));
    const why = one.reason ? el('p', { class: 'soft' }, one.reason) : null;
    return [one.branch, el('span', {}, tag(one.state), why), span(one.fresh_ms), span(one.lag_ms),
      number(one.lag_events), left, one.committed_at_ms === 0 ? '' : span(Math.max(0, status.at_ms - one.committed_at_ms)) + ' ago'];
  });
};
const chart = (history) => {
  const times = history ? history.at_ms : [];
  at('chart').hidden = times.length < 2;
  if (times.length < 2) return;
  const width = 600, height = 160, left = 4, top = 6;
  const peak = Math.max(1000, ...history.lag_ms), from = times[0], over = Math.max(1, times[times.length - 1] - from);
  const x = (time) => (left + (time - from) / over * (width - 2 * left)).toFixed(1);
  const y = (value) => (height - top - value / peak * (height - 2 * top)).toFixed(1);
  const path = (values) => values.map((value, index) => (index === 0 ? 'M' : 'L') + x(times[index]) + ' ' + y(value)).join('');
  const last = times.length - 1;
  const words = 'Oldest unread record ' + span(history.lag_ms[last]) + ', at most ' + span(peak) + ', in the last ' + span(over);
  const grid = [0, peak].map((value) => el('line', { class: 'grid', x1: left, x2: width - left, y1: y(value), y2: y(value) }));
  fill('peak', span(peak));
  fill('from', span(over) + ' ago');
  fill('plot', el('title', {}, words), ...grid,
    el('path', { class: 'lag', d: path(history.lag_ms) }), el('path', { class: 'fresh', d: path(history.fresh_ms) }));
};
const rest = (status) => {
  const tenants = [...(status.tenants || [])].sort((one, other) => other.bytes_per_second - one.bytes_per_second).slice(0, 12);
  table('tenants', [['Tenant'], ['Place'], ['Share', n], ['Events/s', n], ['Bytes/s', n], ['Behind', n], ['Late', n]], tenants, (one) =>
    [one.tenant, one.place, percent(one.share), number(one.events_per_second), bytes(one.bytes_per_second), number(one.lag_events), one.lag_ms ? span(one.lag_ms) : '']);
  table('workers', [['Worker'], ['State'], ['Lanes', n], ['Memory', n], ['Held', n], ['Loop delay', n], ['Replaced', n]], status.workers || [], (one) =>
    [one.worker === 0 ? 'this process' : one.worker, tag(one.state), one.lanes, bytes(one.rss_bytes),
      bytes(one.held_bytes) + ' of ' + bytes(one.budget_bytes), span(one.loop_delay_ms), one.replaced === 0 ? '' : one.replaced + (one.last_reason ? ': ' + one.last_reason : '')]);
  table('dependencies', [['Depends on'], ['State'], ['Latency', n], ['Hurts']], status.dependencies || [], (one) =>
    [one.kind + ' ' + one.name, el('span', {}, tag(one.state), one.reason ? el('p', { class: 'soft' }, one.reason) : null), span(one.latency_ms),
      one.state === 'ok' ? '' : one.impact.join(', ')]);
  const pins = (status.pins || []).map((one) => ({ what: one.knob + ' = ' + one.value, by: one.author, why: one.reason, until: one.until_ms }))
    .concat((status.tenant_rules || []).map((one) => ({ what: 'tenant ' + one.tenant + ' ' + (one.rule === 'limit' ? 'limited to ' + one.events_per_second.toLocaleString('en-US') + '/s' : 'blocked')
      + (one.branch ? ' in ' + one.branch : ''), by: one.author, why: one.reason, until: one.until_ms })));
  table('pins', [['By hand'], ['Who'], ['Why'], ['Ends', n]], pins, (one) => [one.what, one.by, one.why, one.until === null ? 'never' : 'in ' + span(Math.max(0, one.until - status.at_ms))]);
};
const show = (status) => {
  fill('name', status.topology || 'topology');
  document.title = (status.verdict && status.verdict.kind !== 'ok' ? status.verdict.kind + ': ' : '') + (status.topology || 'topology') + ' · Spillway';
  const rate = status.totals ? number(status.totals.events_per_second) + ' events/s, ' + bytes(status.totals.bytes_per_second) + '/s, profile ' + status.profile.name : '';
  fill('process', (status.process || '') + (rate ? ' · ' + rate : ''));
  at('limit').hidden = !status.binding;
  if (status.binding) fill('limit', 'The drain is limited by ' + status.binding.stage + ' ' + status.binding.name + ' (' + percent(status.binding.used_ratio) + ' busy). ' + status.binding.advice);
  verdict(status); incident(status); alerts(status); chart(status.history); branches(status); rest(status);
};
let answeredAt = Date.now();
const ask = async () => {
  if (!document.hidden) try {
    const answer = await fetch('/status.json?history', { cache: 'no-store', signal: AbortSignal.timeout(8000) });
    if (!answer.ok) throw new Error('status ' + answer.status);
    show(await answer.json());
    answeredAt = Date.now();
    at('away').hidden = true;
  } catch (error) {
    at('away').hidden = false;
    fill('away', 'No answer from the run for ' + span(Date.now() - answeredAt) + ': what is shown is old.');
  }
  setTimeout(ask, everyMs);
};
document.addEventListener('visibilitychange', () => { if (!document.hidden) answeredAt = Math.max(answeredAt, Date.now() - everyMs); });
ask();
`
