/** The outside of real runs, in virtual time: what is broken is seen in their health and alerts, and nobody tells them of it. */
import { describe, expect, onTestFinished, test } from 'vitest'
import type { EngineRun } from '../topology/engine/shell/run-engine.ts'
import type { ObjectStore } from '../topology/model/ports/object-store.ts'
import type { RowStore } from '../topology/model/ports/row-store.ts'
import type { RunOptions } from '../topology/model/run-handle.ts'
import { type OpenLookout, openLookout } from '../topology/open-lookout.ts'
import { everySink } from './engine/every-sink.ts'
import { GivenPorts } from './engine/given-ports.ts'
import { order } from './engine/orders.ts'

const withWrite = (rows: RowStore, write: RowStore['write']): RowStore => ({
  name: rows.name,
  read: rows.read.bind(rows),
  scan: rows.scan.bind(rows),
  ensureTable: rows.ensureTable.bind(rows),
  write,
  close: async () => {},
})

/** The same store, with methods that can be replaced. */
const bound = (objects: ObjectStore): ObjectStore => ({
  name: objects.name,
  create: objects.create.bind(objects),
  replace: objects.replace.bind(objects),
  head: objects.head.bind(objects),
  read: objects.read.bind(objects),
  list: objects.list.bind(objects),
  close: async () => {},
})

class Watched extends GivenPorts {
  lookout!: OpenLookout
  handle!: EngineRun
  /** The first moment at which a rule had an alert, s since the start. */
  readonly firedAt = new Map<string, number>()
  #number = 0

  async begin(options: RunOptions = {}): Promise<void> {
    const { clock, resources } = this
    this.lookout = await openLookout({
      topology: 'every',
      clock,
      stores: resources,
      http: { host: '127.0.0.1', port: 0 },
    })
    onTestFinished(() => this.lookout.end())
    this.handle = await this.start(everySink, { ...options, watch: this.lookout })
    this.lookout.follow(this.handle)
    onTestFinished(async () => void (await this.drive(this.handle.stop())))
  }

  /** Seconds in each of which some orders come. */
  async live(seconds: number, perSecond = 2, more = {}): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      const steps = Array.from({ length: perSecond }, () => ({
        ...order(this.#number++, more),
        atMs: this.clock.nowMs(),
      }))
      this.append(steps)
      await this.pass(1_000)
      for (const { rule } of this.lookout.alerts()) if (!this.firedAt.has(rule)) this.firedAt.set(rule, this.seconds())
    }
  }

  seconds(): number {
    return Math.round((this.clock.nowMs() - Date.UTC(2026, 0, 1)) / 1_000)
  }

  async status(check: 'live' | 'ready' | 'progress'): Promise<readonly [number, readonly string[]]> {
    const answer = await fetch(`${this.lookout.url}/health/${check}`)
    const { reasons } = (await answer.json()) as { reasons: readonly string[] } // what the server of this run says
    return [answer.status, reasons]
  }
}

test('a run that is well has no alert, and says so', async () => {
  const given = new Watched()
  await given.begin()
  await given.live(90)
  expect(given.lookout.alerts()).toEqual([])
  expect(await Promise.all([given.status('live'), given.status('ready'), given.status('progress')])).toEqual(
    Array(3).fill([200, []]),
  )
})

describe('D23: one sink is broken silently', () => {
  test('its rows are not there: an alert within two intervals', async () => {
    const given = new Watched()
    const { rows } = given.resources
    let isBroken = false
    const write: RowStore['write'] = (table, list, stamps) =>
      isBroken && table.name === 'store' ? Promise.resolve() : rows.write(table, list, stamps)
    given.resources = { ...given.resources, rows: withWrite(rows, write) }
    await given.begin()
    await given.live(70)
    expect(given.lookout.alerts()).toEqual([])
    isBroken = true
    const brokenAt = given.seconds()
    await given.live(130)
    expect(given.lookout.alerts()).toMatchObject([{ rule: 'canary', subject: 'store', level: 'critical' }])
    expect((given.firedAt.get('canary') ?? Number.POSITIVE_INFINITY) - brokenAt).toBeLessThanOrEqual(122)
    // To everybody who believes its word the run is well.
    expect(await given.status('progress')).toEqual([200, []])
  })
})

test('D23: a store of objects that takes everything and keeps nothing: an alert within two intervals', async () => {
  const given = new Watched()
  const { objects } = given.resources
  const lost = new Set<string>()
  let isBroken = false
  const create: typeof objects.create = async (key, body, metadata) => {
    const outcome = await objects.create(key, body, metadata)
    if (isBroken) lost.add(key)
    return outcome
  }
  const head: typeof objects.head = async (key) => (lost.has(key) ? undefined : objects.head(key))
  given.resources = { ...given.resources, objects: { ...bound(objects), create, head } }
  await given.begin({ knobs: { 'objects.ageMs': 5_000 } })
  await given.live(150)
  expect(given.lookout.alerts()).toEqual([])
  isBroken = true
  const brokenAt = given.seconds()
  await given.live(140)
  expect(given.lookout.alerts()).toMatchObject([{ rule: 'canary', subject: 'archive' }])
  expect((given.firedAt.get('canary') ?? Number.POSITIVE_INFINITY) - brokenAt).toBeLessThanOrEqual(130)
})

describe('A3: a sink hangs', () => {
  test('live and ready stay ok, progress fails within stall.afterMs and names the sink', async () => {
    const given = new Watched()
    const { rows } = given.resources
    let isHung = false
    const write: RowStore['write'] = (table, list, stamps) =>
      isHung && table.name === 'notes' ? new Promise(() => {}) : rows.write(table, list, stamps)
    given.resources = { ...given.resources, rows: withWrite(rows, write) }
    await given.begin({ knobs: { 'shutdown.drainMs': 0 } })
    await given.live(30)
    isHung = true
    await given.live(25)
    expect(await given.status('progress')).toEqual([200, []])
    await given.live(8)
    const [status, reasons] = await given.status('progress')
    expect([status, (await given.status('live'))[0], (await given.status('ready'))[0]]).toEqual([503, 200, 200])
    expect(reasons.join()).toMatch(/stalled: .*notes/)
    expect(given.lookout.alerts()).toMatchObject([{ rule: 'stall', level: 'critical' }])
  })
})

test('B5: a bolt that begins to reject is told by operator, cause and tenant', async () => {
  const given = new Watched()
  await given.begin()
  await given.live(150)
  await given.live(40, 2, { poison: true, project: 'x' })
  const alerts = given.lookout.alerts().filter(({ rule }) => rule === 'dead-letters')
  expect(alerts.map(({ subject }) => subject).sort()).toEqual(['picky: BoltError of ann', 'picky: BoltError of bob'])
})
