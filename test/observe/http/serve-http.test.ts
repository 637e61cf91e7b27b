import { request } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { answerRequest } from '../../../topology/observe/http/answer-request.ts'
import { type HttpAddress, isOwnHost, parseHttpAddress } from '../../../topology/observe/http/http-address.ts'
import { type HttpServing, serveHttp } from '../../../topology/observe/http/serve-http.ts'
import { Lookout } from '../../../topology/observe/lookout.ts'
import {
  givenBranch,
  givenDependency,
  givenKnob,
  givenLag,
  givenSnapshot,
  givenTenant,
  givenWorker,
  startMs,
} from '../given-snapshot.ts'
import { parsePrometheus } from '../parse-prometheus.ts'

const serve = async (lookout: Lookout, address: HttpAddress = { host: '127.0.0.1', port: 0 }): Promise<HttpServing> => {
  const serving = await serveHttp(address, (asked) => answerRequest(asked, lookout.view(startMs + 1_000)))
  onTestFinished(() => serving.end())
  return serving
}

const givenLookout = (): Lookout => new Lookout({ knob: givenKnob() })

const shown = (): Lookout => {
  const lookout = givenLookout()
  lookout.see(
    givenSnapshot({
      dependencies: [givenDependency({ state: 'failing', reason: 'no host answers' })],
      tenants: [givenTenant({ tenant: '<script>alert(1)</script>' })],
    }),
  )
  return lookout
}

describe('what run serves', () => {
  test.each([
    ['/health/live', 200, 'application/json; charset=utf-8'],
    ['/health/ready', 200, 'application/json; charset=utf-8'],
    ['/health/progress', 200, 'application/json; charset=utf-8'],
    ['/status.json', 200, 'application/json; charset=utf-8'],
    ['/status.json?history', 200, 'application/json; charset=utf-8'],
    ['/metrics', 200, 'text/plain; version=0.0.4; charset=utf-8'],
    ['/', 200, 'text/html; charset=utf-8'],
    ['/favicon.ico', 404, 'text/plain; charset=utf-8'],
    ['/health', 404, 'text/plain; charset=utf-8'],
    ['/__proto__', 404, 'text/plain; charset=utf-8'],
  ])('%s: %i', async (path, status, type) => {
    const { url } = await serve(shown())
    const answer = await fetch(`${url}${path}`)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, type])
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(Buffer.byteLength(await answer.text())).toBe(Number(answer.headers.get('content-length')))
    const head = await fetch(`${url}${path}`, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
      status,
      answer.headers.get('content-length'),
      '',
    ])
  })
  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('nothing is changed by %s', async (method) => {
    const { url } = await serve(shown())
    const answer = await fetch(`${url}/status.json`, { method })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })
  test('before the first look it is live and starting', async () => {
    const { url } = await serve(givenLookout())
    expect((await fetch(`${url}/health/live`)).status).toBe(200)
    expect((await fetch(`${url}/health/ready`)).status).toBe(503)
    expect(await (await fetch(`${url}/status.json`)).json()).toMatchObject({ state: 'starting', backlogs: [] })
    expect((await fetch(`${url}/metrics`)).status).toBe(200)
  })
  test('B27: health names the dependency, apart from the own state', async () => {
    const { url } = await serve(shown())
    expect(await (await fetch(`${url}/health/progress`)).json()).toEqual({
      check: 'progress',
      status: 'ok',
      reasons: [],
      dependencies: [{ kind: 'rows', name: 'keen', state: 'failing', reason: 'no host answers' }],
    })
  })
  test('status is told in the words of the command line', async () => {
    const { url } = await serve(shown())
    const status = await (await fetch(`${url}/status.json?history`)).json()
    expect(status).toMatchObject({
      topology: 'shop',
      health: { live: { ok: true } },
      branches: [{ branch: 'events', lag_events: 0, committed_at_ms: startMs }],
      history: { at_ms: [startMs], lag_ms: [0], fresh_ms: [0], lag_events: [0] },
    })
  })
  test('metrics are readable', async () => {
    const { url } = await serve(shown())
    const families = parsePrometheus(await (await fetch(`${url}/metrics`)).text())
    expect(families.get('spillway_healthy')?.samples).toHaveLength(3)
  })
})

test('A3: a hung sink: live stays ok, progress fails', async () => {
  const lookout = givenLookout()
  for (let second = 0; second <= 31; second++)
    lookout.see(
      givenSnapshot({
        atMs: startMs + second * 1_000,
        branches: [givenBranch({ lagEvents: 500 })],
        lag: [givenLag({ lagEvents: 500, eventsPerSecond: 0 })],
      }),
    )
  const { url } = await serve(lookout)
  const statuses = ['live', 'ready', 'progress'].map(async (check) => (await fetch(`${url}/health/${check}`)).status)
  expect(await Promise.all(statuses)).toEqual([200, 200, 503])
})

test('C16: a worker is blocked: status still answers and says which', async () => {
  const lookout = givenLookout()
  const silent = givenWorker({ worker: 2, state: 'silent', replaced: 1, lastReason: 'no heartbeat for 10 s' })
  lookout.see(givenSnapshot({ workers: [givenWorker(), silent] }))
  const { url } = await serve(lookout)
  const { workers } = (await (await fetch(`${url}/status.json`)).json()) as { workers: unknown } // plain JSON
  expect(workers).toMatchObject([
    { worker: 1, state: 'running' },
    { worker: 2, state: 'silent', last_reason: 'no heartbeat for 10 s' },
  ])
  const families = parsePrometheus(await (await fetch(`${url}/metrics`)).text())
  expect(families.get('spillway_worker_state')?.samples.map(({ labels }) => labels['state'])).toEqual([
    'running',
    'silent',
  ])
})

describe('a client', () => {
  const ask = (url: string, host: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      request(`${url}/health/live`, { headers: { host } }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })
  test('that reaches this machine under a name of its own is refused, with a word', async () => {
    const { url } = await serve(shown())
    const port = new URL(url).port
    expect(await ask(url, `evil.example:${port}`)).toBe(421)
    expect(await ask(url, `localhost:${port}`)).toBe(200)
    expect(isOwnHost('0.0.0.0', 'spillway.example')).toBe(true)
    expect(['[::1]:80', '10.0.0.1', 'a.localhost', 'x'].map((host) => isOwnHost('::1', host))).toEqual([
      true,
      true,
      true,
      false,
    ])
  })
  test('that speaks no HTTP is let go, and the next one is served', async () => {
    const { url } = await serve(shown())
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('nonsense\r\n\r\n')
    const said = await new Promise<string>((resolve) => {
      let text = ''
      socket.on('data', (chunk) => {
        text += String(chunk)
      })
      socket.on('close', () => resolve(text))
    })
    expect(said).toMatch(/^HTTP\/1\.1 400/)
    expect((await fetch(`${url}/health/live`)).status).toBe(200)
  })
})

test('a fault in an answer is an answer, and ends nothing', async () => {
  const serving = await serveHttp({ host: '127.0.0.1', port: 0 }, () => {
    throw new Error('broken')
  })
  onTestFinished(() => serving.end())
  expect((await fetch(serving.url)).status).toBe(500)
  expect((await fetch(serving.url)).status).toBe(500)
})

test('a port that is taken is told in one line', async () => {
  const { url } = await serve(shown())
  const port = Number(new URL(url).port)
  await expect(serve(shown(), { host: '127.0.0.1', port })).rejects.toMatchObject({
    code: 'SPW-0601',
    message: `port ${port} on 127.0.0.1 is taken`,
  })
  await expect(serve(shown(), { host: 'no-such-host.invalid', port: 0 })).rejects.toMatchObject({ code: 'SPW-0602' })
})

test.each([
  ['9090', { host: '127.0.0.1', port: 9_090 }],
  [':9090', { host: '127.0.0.1', port: 9_090 }],
  ['0', { host: '127.0.0.1', port: 0 }],
  ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }],
  ['[::1]:80', { host: '::1', port: 80 }],
  ['my-host.example:80', { host: 'my-host.example', port: 80 }],
])('the address %s', (text, address) => {
  expect(parseHttpAddress(text)).toEqual(address)
})

test.each(['', 'x', '70000', '1.2.3.4', 'http://x:1', '::1:80', 'a b:1'])('no address: %s', (text) => {
  expect(parseHttpAddress(text)).toHaveProperty('problem')
})
