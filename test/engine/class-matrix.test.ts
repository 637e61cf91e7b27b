/** Every class of error at every port: `retry` waits and goes on by itself; anything else stops the lane and skips nothing. */
import { describe, expect, test } from 'vitest'
import { errors } from '../../topology/model/errors.ts'
import type { EventLog } from '../../topology/model/ports/event-log.ts'
import type { ObjectStore } from '../../topology/model/ports/object-store.ts'
import type { RowStore } from '../../topology/model/ports/row-store.ts'
import type { Resources } from '../../topology/model/run-handle.ts'
import { around, isDeclared } from './die-when-declared.ts'
import { everySink } from './every-sink.ts'
import { expectTruth } from './expect-truth.ts'
import { GivenPorts } from './given-ports.ts'
import { orders } from './orders.ts'
import { withFetch } from './with-fetch.ts'

const classes = {
  retry: errors.storeUnavailable({ store: 'foreign', reason: 'away' }),
  reject: errors.topicRecordTooLarge({ log: 'foreign', bytes: 1 }),
  stop: errors.rowsShape({ table: 'foreign', reason: 'of another program' }),
  'no error of ours': new Error('a bug'),
}

/** The same ports, of which one call throws until it has done so often enough. */
const breaking = {
  'log.fetch': (resources: Resources, check: () => void) => {
    const log: EventLog = withFetch(resources.logs['events']!, async (fetch) => {
      check()
      return fetch()
    })
    return { ...resources, logs: { events: log } }
  },
  'rows.write': (resources: Resources, check: () => void) => {
    const write: RowStore['write'] = async (table, rows, stamps) => {
      if (table.name === 'totals') check()
      return resources.rows.write(table, rows, stamps)
    }
    return { ...resources, rows: withMember(resources.rows, { write }) }
  },
  'objects.create': (resources: Resources, check: () => void) => {
    const create: ObjectStore['create'] = async (key, body, metadata) => {
      check()
      return resources.objects.create(key, body, metadata)
    }
    return { ...resources, objects: withMember(resources.objects, { create }) }
  },
  'ledger.compareAndSet': (resources: Resources, check: () => void) => {
    const ledger = around(resources.ledger, {
      compareAndSet: async (key, ver, next) => {
        // Before there is something to write, it is the start that fails.
        if (isDeclared(next)) check()
        return resources.ledger.compareAndSet(key, ver, next)
      },
    })
    return { ...resources, ledger }
  },
} as const

const withMember = <Port extends object>(port: Port, member: Partial<Port>): Port =>
  new Proxy(port, {
    get: (target, key) => {
      const found: unknown = Reflect.get(key in member ? member : target, key, key in member ? member : target)
      return typeof found === 'function' ? found.bind(target) : found
    },
  })

const matrix = (['log.fetch', 'rows.write', 'objects.create', 'ledger.compareAndSet'] as const).flatMap((port) =>
  (['retry', 'reject', 'stop', 'no error of ours'] as const).map((errorClass) => [port, errorClass] as const),
)

describe('C11: the matrix of ports and classes', () => {
  test.each(matrix)('%s that throws: %s', async (port, errorClass) => {
    const given = new GivenPorts()
    const own = { ...given.resources, logs: { events: given.log } }
    let left = 6
    given.resources = breaking[port](own, () => {
      if (left-- > 0) throw classes[errorClass]
    })
    given.append(orders(0, 30))
    const run = await given.start(everySink, { untilCaughtUp: true })
    const outcome = await given.drive(run.ended)
    const told = (await Array.fromAsync(run)).filter(({ kind }) => kind === 'retrying').length
    if (errorClass === 'retry') expect([outcome.state, told > 0]).toEqual(['caughtUp', true])
    else expect([outcome.state, outcome.error, told]).toEqual(['failed', classes[errorClass], 0])
    given.resources = own
    if (errorClass !== 'retry') expect(await given.run(everySink)).toMatchObject({ state: 'caughtUp', deadLetters: 0 })
    await expectTruth(given.read(everySink))
  })
})
