/** What an owner finds after another one died, directed: each of these once went wrong in a random history. */
import { defineTopology, log } from 'spillway'
import { inferSchema } from 'spillway/operators'
import { objects, tableRows } from 'spillway/sinks'
import { remove } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { errors } from '../../topology/model/errors.ts'
import type { RunOutcome } from '../../topology/model/run-handle.ts'
import type { Topology } from '../../topology/model/topology.ts'
import { around, dieWhenDeclared, isDeclared } from './die-when-declared.ts'
import { everySink, everythingIn } from './every-sink.ts'
import { GivenPorts } from './given-ports.ts'
import { bad, order, orders } from './orders.ts'

describe('an owner that finds a declared epoch', () => {
  test('decides again behind its end: poison, broken records and deletes there are taken as ever (I-2, I-3)', async () => {
    const behind = [
      order(7, { poison: true }),
      bad('{"broken'),
      remove({ project: 'ann', filters: [{ property_name: 'kind', operator: 'eq', property_value: 'a' }] }),
      ...orders(8, 12),
    ]
    const given = new GivenPorts()
    given.append(orders(0, 6))
    await dieWhenDeclared(given, everySink)
    given.append(behind)
    expect(await given.run(everySink)).toMatchObject({ state: 'caughtUp', deadLetters: 2 })
    const plain = new GivenPorts()
    plain.append([...orders(0, 6), ...behind])
    await plain.run(everySink)
    const { events, schemas, totals, letters } = await everythingIn(plain.resources)
    expect(await everythingIn(given.resources)).toMatchObject({ events, schemas, totals, letters })
  })

  test('reads on when it has finished it, in a run without an end too (I-9)', async () => {
    const given = new GivenPorts()
    given.append(orders(0, 6))
    await dieWhenDeclared(given, everySink)
    const run = await given.start(everySink)
    given.append(orders(6, 9))
    await given.pass(5_000)
    expect(run.status().lanes.find((lane) => lane.sink === 'totals')).toMatchObject({ at: 9, lagEvents: 0 })
    await given.drive(run.stop())
  })
})

describe('lost replies of the ledger', () => {
  test.each([1, 3, 6, 12])('%i in a row are no fence and change nothing (I-4)', async (count) => {
    const given = new GivenPorts()
    given.append(orders(0, 8))
    const { ledger } = given.resources
    let left = count
    const lossy = around(ledger, {
      compareAndSet: async (key, expected, next) => {
        const answer = await ledger.compareAndSet(key, expected, next)
        if (!isDeclared(next) || left-- <= 0) return answer
        throw errors.storeUnavailable({ store: 'ledger', reason: 'no reply' })
      },
    })
    given.resources = { ...given.resources, ledger: lossy }
    expect(await given.run(everySink)).toMatchObject({ state: 'caughtUp' })
    const plain = new GivenPorts()
    plain.append(orders(0, 8))
    await plain.run(everySink)
    expect(await everythingIn(given.resources)).toEqual(await everythingIn(plain.resources))
  })
})

describe('a ledger that was restored from an older copy', () => {
  const restored = async (topology: Topology): Promise<RunOutcome> => {
    const given = new GivenPorts()
    given.append(orders(0, 4))
    await given.run(topology)
    const { ledger } = given.resources
    const key = { topology: topology.name, spout: 'events', partition: 0 }
    const old = (await ledger.read(key))!
    for (const index of [4, 5, 6]) {
      given.append([order(index)])
      await given.run(topology)
    }
    const now = (await ledger.read(key))!
    await ledger.compareAndSet(key, now.ver, { ...old, ver: now.ver + 1 })
    return given.run(topology)
  }

  test('is told from an owner that was overtaken: rows are ahead of it', async () => {
    const topology = defineTopology('rows', (t) => {
      t.spout('events', log()).bolt('schema', inferSchema()).sink('schemas', tableRows())
    })
    expect(await restored(topology)).toMatchObject({ state: 'failed', error: { code: 'SPW-0306' } })
  })

  test('finds objects of other bounds under the names of its epochs, and says so (I-7)', async () => {
    const topology = defineTopology('archive', (t) => {
      t.spout('events', log()).sink('archive', objects())
    })
    expect(await restored(topology)).toMatchObject({ state: 'failed', error: { code: 'SPW-0307' } })
  })
})
