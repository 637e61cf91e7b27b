import { describe, expect, test } from 'vitest'
import { orders } from '../engine/orders.ts'
import { resultOf } from './expect-all.ts'
import { GivenWorkers, type Life } from './given-workers.ts'
import { riskyTopology } from './risky-topology.ts'

/** Which lives have seen the poison. */
const touching = (poison: number, act: (life: Life) => void) => {
  const touched = new Set<Life>()
  const topologyOf = (life: Life) =>
    riskyTopology((offset) => {
      if (offset !== poison) return false
      touched.add(life)
      act(life)
      return true
    })
  return { touched, topologyOf }
}

const drain = async (given: GivenWorkers, topologyOf: (life: Life) => ReturnType<typeof riskyTopology>, knobs = {}) => {
  const run = await given.startWorkers(riskyTopology(), 2, { untilCaughtUp: true, knobs }, topologyOf)
  return given.drive(run.ended)
}

describe('a record that ends its process', () => {
  test('C10: is found by attempts, at most poison.attempts workers touch it, and its dead letter tells them', async () => {
    const given = new GivenWorkers()
    given.append(orders(0, 300))
    const { touched, topologyOf } = touching(57, (life) => life.die('signal SIGSEGV'))
    const outcome = await drain(given, topologyOf)
    expect(outcome).toMatchObject({ state: 'caughtUp', deadLetters: 1 })
    expect(touched.size).toBe(3)
    const letters = await resultOf(given).deadLetters()
    expect(letters.map(({ offset, sink, cause, attempts }) => ({ offset, sink, cause, attempts }))).toContainEqual({
      offset: 57,
      sink: 'totals',
      cause: 'WorkerLostError',
      attempts: 3,
    })
    expect(letters.every(({ raw }) => Buffer.from(raw).toString().includes('"number":57'))).toBe(true)
  })

  test.each([2, 4])('C10: with poison.attempts %i so many workers see it, and no more', async (attempts) => {
    const given = new GivenWorkers()
    given.append(orders(0, 120))
    const { touched, topologyOf } = touching(31, (life) => life.die('signal SIGSEGV'))
    const outcome = await drain(given, topologyOf, { 'poison.attempts': attempts })
    expect(outcome.state).toBe('caughtUp')
    expect(touched.size).toBe(attempts)
  })

  test('C10: two of them in one batch are both found, and nothing else is passed over', async () => {
    const given = new GivenWorkers()
    given.append(orders(0, 200))
    const lost: number[] = []
    const outcome = await drain(given, (life) =>
      riskyTopology((offset) => {
        // What is dead does nothing more.
        if (life.isOver) return true
        if (offset !== 40 && offset !== 43) return false
        lost.push(offset)
        life.die('signal SIGSEGV')
        return true
      }),
    )
    expect(outcome.deadLetters).toBe(2)
    expect(Math.max(lost.filter((one) => one === 40).length, lost.filter((one) => one === 43).length)).toBeLessThan(4)
  })
})

describe('a record that hangs its process', () => {
  test('C7: a call that never ends is ended at the limit, the rest lives', async () => {
    const given = new GivenWorkers()
    given.append(orders(0, 120))
    const { touched, topologyOf } = touching(31, () => undefined)
    const outcome = await drain(given, topologyOf, { 'worker.callMs': 1_000 })
    expect(outcome).toMatchObject({ state: 'caughtUp', deadLetters: 1 })
    expect(touched.size).toBe(3)
    const [letter] = await resultOf(given).deadLetters()
    expect(letter!.message).toContain('a call took longer than 1000 ms')
    await expectAllBut(given)
  })
})

const expectAllBut = async (given: GivenWorkers): Promise<void> => {
  const rows = await resultOf(given).rows('totals')
  expect(rows.reduce((sum, row) => sum + Number(row['orders']), 0)).toBe(119)
}

test('a declared epoch that ends every worker stops its sink: it was processed once, so the record is not at fault', async () => {
  const given = new GivenWorkers()
  const { rows } = given.resources
  let isHeld = true
  const write: typeof rows.write = async (table, ...rest) => {
    while (isHeld && table.name === 'totals') await given.clock.sleep(100)
    return rows.write(table, ...rest)
  }
  given.resources = { ...given.resources, rows: { ...rows, write } }
  given.append(orders(0, 40))
  const run = await given.startWorkers(riskyTopology(), 1, {}, (life) =>
    riskyTopology((offset) => {
      if (life === given.lives[0]) return false
      if (!life.isOver && offset === 5) life.die('signal SIGSEGV')
      return life.isOver
    }),
  )
  // Declared by now, and being written.
  await given.pass(4_000)
  given.life(1).die('signal SIGKILL')
  isHeld = false
  await given.pass(20_000)
  expect(run.engine.hasFailed('totals')).toBe(true)
  expect(run.engine.error?.message).toContain(
    'cannot finish what it has declared in partition 0: 3 processes were lost',
  )
  await given.drive(run.stop())
})
