/** Makers of the logs that the conformance suite runs against. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EventLog } from '../../topology/model/ports/event-log.ts'
import { openFileLog } from '../../topology/spouts/file/file-log.ts'
import { createMemoryLog, type MemoryLog } from '../../topology/spouts/memory/memory-log.ts'
import type { EventLogUnderTest } from '../../topology/testing/conformance/event-log-under-test.ts'
import { createFaultyEventLog, type LogFaults } from '../../topology/testing/faults/faulty-event-log.ts'
import { createSimulatedLog, type SimulatedLog } from '../../topology/testing/simulation/servers/simulated-log.ts'
import type { FaultKind } from '../../topology/testing/simulation/stage/fault-kinds.ts'
import { createTrickDisk } from '../spouts/file/trick-disk.ts'
import { createHandClock } from '../spouts/hand-clock.ts'
import { givenDice } from '../testing/simulation/given-dice.ts'

export interface MemoryLogUnderTest extends EventLogUnderTest {
  readonly log: MemoryLog
  sleep(ms: number): Promise<void>
}

export const makeMemoryLog = async (): Promise<MemoryLogUnderTest> => {
  const clock = createHandClock()
  const log = createMemoryLog({ clock })
  return {
    log,
    reopen: async () => log,
    remake: async () => createMemoryLog({ clock }),
    sleep: clock.sleep,
    passTime: clock.passTime,
    expire: async (partition, before) => log.expire(partition, before),
    dispose: () => log.close(),
  }
}

const retentionMs = 60_000

export const makeFileLog = async (): Promise<EventLogUnderTest> => {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-log-'))
  const disk = createTrickDisk()
  const clock = createHandClock(disk.settle)
  const opened: EventLog[] = []
  // Segments of a few records, so that every clause crosses from one to the next.
  const open = async (): Promise<EventLog> => {
    const log = await openFileLog({ folder, clock, disk, retentionMs, segmentBytes: 300 })
    opened.push(log)
    return log
  }
  const close = async (): Promise<void> => {
    for (const log of opened.splice(0)) await log.close()
    rmSync(folder, { recursive: true })
  }
  const log = await open()
  return {
    log,
    reopen: open,
    remake: async () => {
      await close()
      return await open()
    },
    passTime: clock.passTime,
    expire: async (partition, before) => {
      await clock.passTime(2 * retentionMs)
      await log.release(partition, before)
    },
    dispose: close,
  }
}

/** A generator that is good enough to scatter faults (mulberry32). */
const createRandom = (seed: number): { next(): number } => {
  let state = seed
  return {
    next: () => {
      state = (state + 0x6d2b79f5) | 0
      let word = Math.imul(state ^ (state >>> 15), 1 | state)
      word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word
      return ((word ^ (word >>> 14)) >>> 0) / 4_294_967_296
    },
  }
}

export const makeFaultyLog =
  (faults: LogFaults, seed = 1) =>
  async (): Promise<EventLogUnderTest> => {
    const given = await makeMemoryLog()
    const random = createRandom(seed)
    const clock = { nowMs: () => 0, sleep: async () => {} }
    const around = (log: EventLog): EventLog => createFaultyEventLog(log, { random, faults, clock })
    return {
      ...given,
      log: around(given.log),
      reopen: async () => around(await given.reopen()),
      remake: async () => around(await given.remake()),
    }
  }

/** Chances of faults, of calls. */
export const makeSimulatedLog =
  (chances: Partial<Record<FaultKind, number>>, seed = 1) =>
  async (): Promise<EventLogUnderTest> => {
    const clock = createHandClock()
    const dice = givenDice(chances, seed)
    const logOf = (id: string): SimulatedLog =>
      createSimulatedLog({ clock, dice, partitions: 4, topic: 'events', id, pause: () => Promise.resolve() })
    const log = logOf('first')
    return {
      log,
      reopen: async () => log,
      remake: async () => logOf('another'),
      passTime: clock.passTime,
      expire: async (partition, before) => log.expire(partition, before),
      dispose: () => log.close(),
    }
  }
