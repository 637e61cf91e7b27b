/**
 * One seed: three owners share a slot over three replicas. Each reads the ledger, finishes the declared epoch or
 * declares the next one, writes, commits. They overtake each other at every visit to a replica, lose their memory, and
 * their writes arrive late or never.
 */
import { stateTable } from '../../../sinks/rows/state-table.ts'
import { offset } from '../../../topology/model/position.ts'
import { createReplicatedRows } from '../../../topology/testing/replicated-rows.ts'
import { countByText, countsOf, epoch, filled, never, writerOn } from './given-state.ts'

const epochs = 6
const stepsMax = 3_000

/** Small and fast; seeds of neighbours give unlike sequences. */
const randomOf = (seed: number) => {
  let state = Math.imul(seed + 1, 0x9e3779b1)
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { next, int: (below: number) => Math.floor(next() * below), chance: (share: number) => next() < share }
}

interface Content {
  readonly plus: string
  readonly minus: string | undefined
  readonly to: number
}

/** Words of each epoch, some of which a later epoch takes out; ends of epochs do not grow, as in slots that are reused. */
const contentsOf = (random: ReturnType<typeof randomOf>): readonly Content[] => {
  const alive: string[] = []
  return Array.from({ length: epochs }, () => {
    const minus = alive.length > 0 && random.chance(0.5) ? alive.splice(random.int(alive.length), 1)[0] : undefined
    const plus = Array.from({ length: 1 + random.int(2) }, () => 'abc'[random.int(3)]!)
    alive.push(...plus)
    return { plus: plus.join(' '), minus, to: 1 + random.int(50) }
  })
}

const truthOf = (contents: readonly Content[]): Record<string, number> => {
  const truth: Record<string, number> = {}
  for (const { plus, minus } of contents) {
    for (const word of plus.split(' ')) truth[word] = (truth[word] ?? 0) + 1
    if (minus !== undefined) truth[minus] = (truth[minus] ?? 0) - 1
  }
  return Object.fromEntries(Object.entries(truth).filter(([, count]) => count !== 0))
}

/** Whether the counts at the end are those of the committed epochs. */
export const isExact = async (seed: number): Promise<boolean> => {
  const random = randomOf(seed)
  const contents = contentsOf(random)
  const waiting: (() => void)[] = []
  let isOver = false
  const pause = (): Promise<void> => (isOver ? Promise.resolve() : new Promise((go) => waiting.push(go)))
  const rows = createReplicatedRows({ random, chances: { late: 0.15, lost: 0.15 }, attempts: 2, pause })
  await rows.ensureTable(stateTable('counts', countByText))
  const ledger: { committed: number; declared: number | undefined } = { committed: 0, declared: undefined }

  const own = async (): Promise<void> => {
    let writer = await writerOn(rows, { chunkRows: 1 })
    for (;;) {
      await pause()
      if (ledger.committed === epochs || isOver) return
      ledger.declared ??= ledger.committed + 1
      const seq = ledger.declared
      const { plus, minus, to } = contents[seq - 1]!
      const open = filled(writer, plus, minus)
      await pause()
      const outcome = await open.write(epoch(seq, { to: offset(to) }), never).catch(() => 'failed')
      await pause()
      if (outcome === 'written' && ledger.declared === seq)
        Object.assign(ledger, { committed: seq, declared: undefined })
      if (random.chance(0.2)) writer = await writerOn(rows, { chunkRows: 1 })
    }
  }

  const owners = Promise.all([own(), own(), own()]).finally(() => {
    isOver = true
  })
  for (let step = 0; !isOver; step++) {
    // Six epochs take some hundred visits: owners that go round for ever are a finding too (I-9).
    if (step === stepsMax) isOver = true
    waiting.splice(random.int(waiting.length), 1)[0]?.()
    if (random.chance(0.1)) rows.deliver(1)
    await new Promise(setImmediate)
  }
  for (const go of waiting) go()
  await owners
  rows.deliver()
  const truth = JSON.stringify(sorted(truthOf(contents)))
  for (let read = 0; read < 4; read++) if (JSON.stringify(sorted(await countsOf(rows))) !== truth) return false
  return true
}

const sorted = (counts: Record<string, number>): [string, number][] =>
  Object.entries(counts).sort(([left], [right]) => (left < right ? -1 : 1))
