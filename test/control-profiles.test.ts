import { setImmediate as giveWay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { readAudit } from '../sinks/rows/audit.ts'
import { createMemoryRows } from '../sinks/rows/memory/memory-rows.ts'
import { controlProfiles } from '../topology/control-profiles.ts'
import { KnobDesk } from '../topology/engine/knob-desk.ts'
import type { RowStore } from '../topology/model/ports/row-store.ts'
import { createVirtualClock } from '../topology/testing/virtual-clock.ts'
import { givenLag, givenSnapshot } from './observe/given-snapshot.ts'

interface Given {
  readonly desk: KnobDesk
  readonly rows: RowStore
  readonly logged: () => Promise<readonly string[]>
  /** Lets so many seconds pass. */
  readonly pass: (seconds: number) => Promise<void>
  readonly end: () => Promise<void>
}

const given = (rows: RowStore = createMemoryRows(), told: RowStore = rows): Given => {
  const clock = createVirtualClock()
  const desk = new KnobDesk()
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const snapshot = givenSnapshot({ lag: [givenLag({ lagEvents: 10, lagMs: 400_000 })] })
  const done = controlProfiles({ knobs: desk, ended, snapshot: () => snapshot }, 'shop', told, clock)
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1_000)
      await giveWay()
    }
  }
  const logged = async (): Promise<readonly string[]> =>
    (await readAudit(rows, 'shop', { nowMs: clock.nowMs(), limit: 10 })).map(
      ({ kind, name, author, before, after, reason }) => `${kind} ${name} ${author}: ${before} => ${after} (${reason})`,
    )
  return {
    ...{ desk, rows, logged, pass },
    end: async () => {
      end()
      await pass(2)
      await done
    },
  }
}

describe('profiles of a running topology', () => {
  it('D8: are moved once a second, and each move stands in the change log with values before and after', async () => {
    const { desk, logged, pass, end } = given()
    await pass(2)
    expect(desk.state().profile.name).toBe('catch-up')
    const [entry, more] = await logged()
    expect(more).toBeUndefined()
    expect(entry).toMatch(
      /^profile profile spillway: realtime => catch-up \(events, partition 0, is 7 min behind, more than 5 min/,
    )
    expect(entry).toContain('; live.reserveRatio 0.5 -> 0.3, ')
    await end()
  })

  it('are logged when the program changes a knob; pins are logged by whoever asked for them', async () => {
    const { desk, logged, pass, end } = given()
    await pass(1)
    desk.set('batch.records', 40)
    desk.pin({ knob: 'epoch.bytes', value: 1e6, author: 'ann', reason: '', untilMs: 4e12 })
    await end()
    expect(await logged()).toEqual([expect.stringMatching(/^profile /), 'knob batch.records spillway: 5000 => 40 ()'])
  })

  it('D8: are moved although the store of the log hangs, which is written when it answers again', async () => {
    const rows = createMemoryRows()
    const answers: (() => void)[] = []
    const write: RowStore['write'] = async (...call) => {
      if (answers.length < 2)
        await new Promise<void>((resolve, reject) =>
          answers.push(answers.length === 0 ? resolve : () => reject(new Error('away'))),
        )
      return rows.write(...call)
    }
    const slow = new Proxy(rows, { get: (of, name, self) => (name === 'write' ? write : Reflect.get(of, name, self)) })
    const { desk, logged, pass, end } = given(rows, slow)
    await pass(5)
    expect([desk.state().profile.name, await logged()]).toEqual(['catch-up', []])
    desk.pin({ knob: 'profile.mode', value: 'protect', author: 'ann', reason: 'store hangs', untilMs: 4e12 })
    await pass(2)
    expect(desk.state().profile.name).toBe('protect')
    answers[0]?.()
    await pass(2)
    answers[1]?.()
    await end()
    expect((await logged()).map((entry) => entry.slice(0, 20))).toEqual([
      'profile profile spil',
      'profile profile ann:',
    ])
  })
})
