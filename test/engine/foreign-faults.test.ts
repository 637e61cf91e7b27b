/**
 * Nothing is assumed about how a foreign call fails: ports that hang until their deadline, drip, do half of what they were
 * asked, or do all of it and then fail. What is written is the same (I-1), and what is held stays bounded (I-6).
 */
import { remove } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { errors } from '../../topology/model/errors.ts'
import type { EventLog } from '../../topology/model/ports/event-log.ts'
import type { Resources } from '../../topology/model/run-handle.ts'
import { everySink } from './every-sink.ts'
import { expectTruth } from './expect-truth.ts'
import { GivenPorts } from './given-ports.ts'
import { order, orders } from './orders.ts'

type Fault = 'hangs' | 'drips' | 'half' | 'after'

const deadlineMs = 5_000
const failure = (): Error => errors.storeUnavailable({ store: 'foreign', reason: 'no answer' })

class GivenForeign extends GivenPorts {
  fault: Fault | undefined
  calls = 0
  appends = 0
  readonly #own: Resources

  constructor() {
    super()
    this.#own = { ...this.resources, logs: { events: this.log } }
    this.resources = this.foreign()
  }

  /** Does a call as the fault says; `half` is what a call does that is cut short. */
  async #call<Answer>(whole: () => Promise<Answer>, half: () => Promise<unknown> = async () => {}): Promise<Answer> {
    this.calls += 1
    const { fault } = this
    // Every third call of a sick dependency works.
    if (fault === undefined || (fault !== 'drips' && this.calls % 3 === 0)) return whole()
    await this.clock.sleep(fault === 'hangs' ? deadlineMs : 40)
    if (fault === 'drips') return whole()
    if (fault === 'half') await half()
    if (fault === 'after') await whole()
    throw failure()
  }

  foreign(): Resources {
    const { rows, ledger, objects } = this.#own
    const { log } = this
    const sick: EventLog = {
      id: log.id,
      topic: log.topic,
      partitions: log.partitions,
      bounds: (at) => this.#call(() => log.bounds(at)),
      fetch: (at, from, options) => {
        const maxBytes = this.fault === 'drips' ? 1 : options.maxBytes
        return this.#call(() => log.fetch(at, from, { ...options, maxBytes }))
      },
      offsetAt: (at, timeMs) => this.#call(() => log.offsetAt(at, timeMs)),
      append: async (records) => {
        this.appends += 1
        return log.append(records)
      },
      release: (at, before) => log.release(at, before),
      close: () => log.close(),
    }
    return {
      logs: { events: sick },
      rows: {
        name: rows.name,
        ensureTable: (table) => rows.ensureTable(table),
        write: (table, list, stamps) =>
          this.#call(
            () => rows.write(table, list, stamps),
            () =>
              rows.write(
                table,
                list.slice(0, list.length / 2),
                typeof stamps === 'number' ? stamps : stamps.slice(0, list.length / 2),
              ),
          ),
        read: (table, keys) => this.#call(() => rows.read(table, keys)),
        scan: (table, range) => rows.scan(table, range),
        close: async () => {},
      },
      ledger: {
        read: (key) => this.#call(() => ledger.read(key)),
        compareAndSet: (key, ver, next) => this.#call(() => ledger.compareAndSet(key, ver, next)),
        keys: (topology) => ledger.keys(topology),
        close: async () => {},
      },
      objects: {
        name: objects.name,
        create: (key, body, metadata) => this.#call(() => objects.create(key, body, metadata)),
        replace: (key, etag, body, metadata) => this.#call(() => objects.replace(key, etag, body, metadata)),
        head: (key) => this.#call(() => objects.head(key)),
        read: (key) => this.#call(() => objects.read(key)),
        list: (prefix) => objects.list(prefix),
        close: async () => {},
      },
    }
  }

  async expectTruth(): Promise<void> {
    this.fault = undefined
    this.resources = this.#own
    await expectTruth(this.read(everySink))
  }
}

// A fetch of 64 KiB brings some 250 records.
const knobs = {
  'fetch.partitionBytes': 65_536,
  'objects.idleMs': 1_000,
  'objects.ageMs': 2_000,
  'epoch.records': 100,
  'delete.rewriteMs': 1_000,
}

describe.each<Fault>(['hangs', 'drips', 'half', 'after'])('A10: every port %s', (fault) => {
  test('and everything is there once, deletes included, as soon as it ends', async () => {
    const given = new GivenForeign()
    const run = await given.start(everySink, { knobs })
    given.append(orders(0, 30))
    given.fault = fault
    await given.pass(20_000)
    given.append([remove({ project: 'ann' }), ...orders(30, 60)])
    await given.pass(60_000)
    given.fault = undefined
    await given.pass(120_000)
    expect(run.status()).toMatchObject({ waitingFor: [], deletes: [{ state: 'done' }] })
    expect(run.status().lanes.map(({ lagEvents, heldEvents }) => lagEvents + heldEvents)).toEqual([0, 0, 0, 0, 0])
    await given.drive(run.stop())
    await given.expectTruth()
  })

  test('and what is held of a backlog stays bounded', async () => {
    const given = new GivenForeign()
    const run = await given.start(everySink, { knobs })
    given.fault = fault
    given.append(Array.from({ length: 6_000 }, (_, index) => order(index, { pad: 'x'.repeat(100) })))
    let most = 0
    for (let second = 0; second < 60; second += 1) {
      await given.pass(1_000)
      // What an archive holds lies on a disk, within bounds in bytes.
      const lanes = run.status().lanes.filter(({ kind }) => kind !== 'objects')
      most = Math.max(most, ...lanes.map(({ heldEvents }) => heldEvents))
    }
    expect(most).toBeLessThan(2_600)
    given.fault = undefined
    await given.pass(200_000)
    await given.drive(run.stop())
    await given.expectTruth()
  })
})

test('D5: a topology with an archive produces nothing to the log, healthy or sick', async () => {
  const given = new GivenForeign()
  const run = await given.start(everySink, { knobs })
  given.append([...orders(0, 30), remove({ project: 'ann' })])
  await given.pass(20_000)
  given.fault = 'after'
  given.append(orders(30, 60))
  await given.pass(60_000)
  given.fault = undefined
  await given.pass(60_000)
  expect(Object.keys(await given.read(everySink).objects()).length).toBeGreaterThan(0)
  await given.drive(run.stop())
  expect(given.appends).toBe(0)
})
