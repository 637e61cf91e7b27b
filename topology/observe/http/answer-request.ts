/**
 * What is answered to a request, as data: path and method in; status, headers and text out. No other site may read it
 * (no CORS), nothing is kept by caches, and the page may load nothing from anywhere.
 */
import type { DependencyLine } from '../../model/run-snapshot.ts'
import type { Health, HealthAnswer } from '../health.ts'
import type { LookoutView } from '../lookout.ts'
import { prometheusContentType } from '../metrics/prometheus-text.ts'
import { metricsText } from '../metrics.ts'
import { pagePolicy, pageText } from '../page/page.ts'
import { statusJson } from '../status-json.ts'

export interface HttpRequest {
  readonly method: string
  /** As it stands in the request: path and query. */
  readonly target: string
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const json = 'application/json; charset=utf-8'
const text = 'text/plain; charset=utf-8'

const paths: Readonly<Record<string, (view: LookoutView, query: URLSearchParams) => HttpAnswer>> = {
  '/': (view) =>
    answer(200, 'text/html; charset=utf-8', pageText(view.snapshot?.topology ?? ''), {
      'content-security-policy': pagePolicy,
    }),
  '/health/live': (view) => healthAnswer(view, 'live'),
  '/health/ready': (view) => healthAnswer(view, 'ready'),
  '/health/progress': (view) => healthAnswer(view, 'progress'),
  '/status.json': (view, query) => answer(200, json, `${JSON.stringify(statusJson(view, query.has('history')))}\n`),
  '/metrics': metricsAnswer,
}

export const answerRequest = ({ method, target }: HttpRequest, view: LookoutView): HttpAnswer => {
  const url = URL.canParse(target, 'http://localhost') ? new URL(target, 'http://localhost') : undefined
  if (url === undefined) return answer(400, text, 'the path of the request cannot be read\n')
  const found = Object.hasOwn(paths, url.pathname) ? paths[url.pathname] : undefined
  if (found === undefined) return answer(404, text, `there is ${Object.keys(paths).join(', ')}\n`)
  if (method !== 'GET' && method !== 'HEAD')
    return answer(405, text, 'everything here is only read: GET or HEAD\n', { allow: 'GET, HEAD' })
  return found(view, url.searchParams)
}

const answer = (
  status: number,
  contentType: string,
  body: string,
  more: Readonly<Record<string, string>> = {},
): HttpAnswer => ({
  status,
  headers: {
    'content-type': contentType,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    ...more,
  },
  body,
})

const healthAnswer = ({ health, snapshot }: LookoutView, check: keyof Health): HttpAnswer => {
  const { ok, reasons }: HealthAnswer = health[check]
  const dependencies = (snapshot?.dependencies ?? []).map(({ kind, name, state, reason }: DependencyLine) => ({
    kind,
    name,
    state,
    reason,
  }))
  const body = { check, status: ok ? 'ok' : 'failing', reasons, dependencies }
  return answer(ok ? 200 : 503, json, `${JSON.stringify(body)}\n`)
}

function metricsAnswer(view: LookoutView): HttpAnswer {
  const { snapshot, surroundings, incident, profileMoves, health } = view
  if (snapshot === undefined) return answer(200, prometheusContentType, '')
  const healthy = Object.fromEntries(Object.entries(health).map(([check, { ok }]) => [check, ok]))
  return answer(
    200,
    prometheusContentType,
    metricsText({ snapshot, surroundings, incident, profileMoves, health: healthy }),
  )
}
