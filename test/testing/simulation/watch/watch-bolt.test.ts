import { randomUUID } from 'node:crypto'
import {
  concatMap,
  filter,
  from,
  lastValueFrom,
  map,
  mergeMap,
  NEVER,
  type OperatorFunction,
  of,
  reduce,
  toArray,
} from 'rxjs'
import { defineTopology, type Event, log, type Topology } from 'spillway'
import { eventRows } from 'spillway/sinks'
import { createVirtualClock, seededRandom } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { errors } from '../../../../topology/model/errors.ts'
import { Watch } from '../../../../topology/testing/simulation/watch/watch.ts'
import { watchBolt } from '../../../../topology/testing/simulation/watch/watch-bolt.ts'
import { visits, watchedRun } from '../watched-run.ts'

type Bolt = OperatorFunction<Event, Event>

const ofBolt = (bolt: Bolt): Topology =>
  defineTopology('watched', (t) => {
    t.spout('visits', log()).bolt('mine', bolt).sink('store', eventRows())
  })

const withBody = (make: (event: Event) => object): Bolt => map((event) => event.withBody({ ...make(event) }) as Event) // plain JSON

const newWatch = (): Watch => new Watch({ random: seededRandom(1), clock: createVirtualClock(), patienceMs: 30 })

/** What a bolt emits for a batch. */
const outcomeOf = (bolt: OperatorFunction<never, unknown>, batch: readonly unknown[]): Promise<unknown> =>
  lastValueFrom(from(batch as never[]).pipe(bolt, toArray())).catch(String) // bolts of any type

const found = async (bolt: Bolt): Promise<string> => {
  const { part, invariant, what } = await watchedRun(ofBolt(bolt))
  expect({ part, invariant }, what).toEqual({ part: { kind: 'bolt', name: 'mine' }, invariant: 'I-1' })
  return what ?? ''
}

describe('a bolt whose results are no function of the event is named with the reason (I-1)', () => {
  test.each<[string, string, Bolt]>([
    ['random numbers', 'draws random numbers (Math.random())', withBody(() => ({ at: Math.random() }))],
    ['an id of its own', 'draws random numbers (crypto.randomUUID())', withBody(() => ({ at: crypto.randomUUID() }))],
    ['an imported id', 'draws random numbers (randomUUID())', withBody(() => ({ at: randomUUID() }))],
    ['the clock', 'reads the clock (Date.now())', withBody(() => ({ at: Date.now() }))],
    ['the date', 'reads the clock (new Date())', withBody(() => ({ at: new Date().toISOString() }))],
    ['the year alone', 'reads the clock (new Date())', withBody(() => ({ at: new Date().getFullYear() }))],
    ['the hour alone', 'reads the clock (new Date())', withBody(() => ({ at: new Date().getUTCHours() >= 12 }))],
    ['a stopwatch', 'reads the clock (performance.now())', withBody(() => ({ at: performance.now() }))],
  ])('%s', async (_name, reason, bolt) => {
    expect(await found(bolt)).toContain(`it ${reason}`)
  })

  test('a counter that outlives the batch', async () => {
    let count = 0
    expect(await found(withBody(() => ({ count: ++count })))).toContain('it keeps state between batches')
  })

  test('a list of what it has seen', async () => {
    const seen = new Set<unknown>()
    const isNew = filter<Event>(({ body }) => !seen.has(body['page']) && seen.add(body['page']) !== undefined)
    expect(await found(isNew)).toContain('it keeps state between batches')
  })

  test('a running number within the batch', async () => {
    const numbered: Bolt = (events) =>
      events.pipe(map((event, index) => event.withBody({ ...event.body, index }))) as ReturnType<Bolt> // plain JSON
    expect(await found(numbered)).toContain('what it gives depends on which events share a batch')
  })

  test('a result of the whole batch, at its end', async () => {
    const last: Bolt = reduce((_last, event) => event)
    expect(await found(last)).toContain('what it gives depends on which events share a batch')
  })

  test('an asynchronous one', async () => {
    const later: Bolt = concatMap(async (event) => {
      await Promise.resolve()
      return event.withBody({ ...event.body, at: Math.random() })
    })
    expect(await found(later)).toContain('it draws random numbers (Math.random())')
  })

  test('an error that comes and goes', async () => {
    let calls = 0
    const fails: Bolt = map((event) => {
      calls += 1
      if (calls === 3) throw new Error('the third call')
      return event
    })
    expect(await found(fails)).toContain('it threw "the third call", and another time it did not')
  })

  test('an error that no event of the batch has alone', async () => {
    const fails: Bolt = (events) =>
      events.pipe(
        toArray(),
        mergeMap((list) => {
          if (list.length > 1) throw new Error('too many')
          return list
        }),
      )
    const watch = newWatch()
    await outcomeOf(watchBolt('mine', fails as OperatorFunction<unknown, unknown>, watch), [1, 2]) // of any type
    expect(watch.violation?.what).toContain('For a batch of 2 events it threw "too many"')
  })

  test('a changed event', async () => {
    const changes: Bolt = map((event) => {
      Object.assign(event.body, { seen: true })
      return event
    })
    expect(await found(changes)).toContain('changes the event that it is given')
  })
})

describe('a bolt that is a function of the event passes', () => {
  const cache = new Map<unknown, number>()
  test.each<[string, Bolt]>([
    ['a filter', filter(({ body }) => body['page'] !== '/')],
    ['several results', mergeMap((event) => of(event, event.withBody({ ...event.body, twice: true })))],
    ['one that waits', concatMap(async (event) => event.withBody({ ...event.body, is: await Promise.resolve(1) }))],
    [
      'a list that is taken apart again',
      (events) =>
        events.pipe(
          toArray(),
          mergeMap((list) => list),
        ),
    ],
    [
      'dates of its own',
      withBody((event) => ({ at: new Date(event.timestamp).toISOString(), is: new Date(0) instanceof Date })),
    ],
    ['a clock that nothing is made of', map((event) => (Date.now() > 0 ? event : event))],
    ['a cache', map((event) => cache.set(event.id, 1) && event)],
    [
      'one that always throws for some',
      map((event) => {
        if (event.body['page'] === '/about') throw new Error('no')
        return event
      }),
    ],
  ])('%s', async (_name, bolt) => {
    expect((await watchedRun(ofBolt(bolt))).what).toBeUndefined()
  })

  test('one whose lookup is away now and then', async () => {
    let calls = 0
    const away: Bolt = map((event) => {
      calls += 1
      if (calls % 5 === 0) throw errors.storeUnavailable({ store: 'lookup', reason: 'away' })
      return event
    })
    expect((await watchedRun(ofBolt(away), visits(4))).what).toBeUndefined()
  })
})

test('what it gives is what it would give unwatched, and it is counted', async () => {
  const bolt = mergeMap((n: unknown) => of(n, [n]))
  const watch = newWatch()
  expect(await outcomeOf(watchBolt('mine', bolt, watch), [1, 2])).toEqual([1, [1], 2, [2]])
  expect(watch.bolts.get('mine')).toEqual({ received: 2, emitted: 4 })
})

test.each<[string, Bolt, number]>([
  ['with other bodies', mergeMap((event) => of(event, event.withBody({ twice: true }) as Event)), 1], // plain JSON
  ['as it is', mergeMap((event) => of(event, event)), 0],
])('a bolt that gives an event several times %s above a sink that keeps one of it', async (_name, bolt, told) => {
  const { what, notes } = await watchedRun(ofBolt(bolt))
  expect(what).toBeUndefined()
  expect(notes).toHaveLength(told)
  for (const note of notes) expect(note).toContain('bolt mine gives one event several times')
})

test('what a bolt has thrown is told with what it was given', async () => {
  const watch = newWatch()
  const bolt = map(() => {
    throw new Error('never')
  })
  await outcomeOf(watchBolt('mine', bolt, watch), [1])
  expect(watch.bolts.get('mine')).toEqual({ received: 1, emitted: 0, threw: 'never' })
})

test('the same seed gives the same random numbers and ids', async () => {
  const bolt = map(() => [Math.random(), crypto.randomUUID(), [...crypto.getRandomValues(new Uint8Array(4))]])
  const [one, other] = [
    await outcomeOf(watchBolt('mine', bolt, newWatch()), [1]),
    await outcomeOf(watchBolt('mine', bolt, newWatch()), [1]),
  ]
  expect(one).toEqual(other)
})

test('a bolt that does not complete is named, not waited for (I-9)', async () => {
  const watch = newWatch()
  void outcomeOf(
    watchBolt(
      'mine',
      mergeMap(() => NEVER),
      watch,
    ),
    [1],
  )
  expect(watch.isOutside).toBe(true)
  await watch.settled()
  expect(watch.violation?.part).toEqual({ kind: 'bolt', name: 'mine' })
  expect(watch.violation?.what).toContain('has not completed its batch')
})

test('an asynchronous bolt is outside of the world until it has completed', async () => {
  const watch = newWatch()
  const { promise, resolve } = Promise.withResolvers<void>()
  const run = outcomeOf(
    watchBolt(
      'mine',
      concatMap(() => promise),
      watch,
    ),
    [1],
  )
  const settled = watch.settled()
  resolve()
  await settled
  expect(watch.isOutside).toBe(false)
  await run
})

test('globals are restored', async () => {
  const [random, date, now] = [Math.random, Date, performance.now]
  await watchedRun(ofBolt(withBody(() => ({ at: Math.random() }))))
  expect([Math.random, Date, performance.now]).toEqual([random, date, now])
})
