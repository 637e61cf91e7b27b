/**
 * Every call that leaves a process waits at a gate, before it takes effect and before its answer comes back, until the
 * schedule opens it. What lies between two gates runs at once, so one seed is one history.
 */

import type { LedgerDocument } from '../../topology/model/ledger-document.ts'
import type { EventLog } from '../../topology/model/ports/event-log.ts'
import type { Random } from '../../topology/model/ports/random.ts'
import type { Resources } from '../../topology/model/run-handle.ts'

interface Waiting {
  readonly owner: string
  readonly open: () => void
}

export class Gates {
  #waiting: Waiting[] = []

  /** Waits until the schedule lets this call of the owner go on. */
  pass(owner: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ owner, open: resolve }))
  }

  /** Opens one gate of those that may move; false when none waits. */
  openOne(random: Random, mayMove: (owner: string) => boolean): boolean {
    const free = this.#waiting.filter((one) => mayMove(one.owner))
    const chosen = free[Math.floor(random.next() * free.length)]
    if (chosen === undefined) return false
    this.#waiting = this.#waiting.filter((one) => one !== chosen)
    chosen.open()
    return true
  }

  /** The calls of a process that died never go on. */
  forget(owner: string): void {
    this.#waiting = this.#waiting.filter((one) => one.owner !== owner)
  }
}

const documentText = (doc: LedgerDocument): string => {
  const lanes = Object.entries(doc.lanes).map(
    ([id, { sink, at, to, declared, seq, slot }]) =>
      `${sink} ${id}: ${at}..${declared ?? ''}|${to ?? ''} seq ${seq} slot ${slot}`,
  )
  return `ver ${doc.ver} rules ${doc.rules} ${lanes.join(', ')}`
}

/** The ports of one process, behind gates. */
export const gatedResources = (
  resources: Resources,
  gates: Gates,
  owner: string,
  note: (text: () => string) => void,
): Resources => {
  const gated = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    await gates.pass(owner)
    const answer = await call().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    )
    await gates.pass(owner)
    if ('error' in answer) throw answer.error
    return answer.value
  }
  const { rows, ledger, objects } = resources
  const gateLog = (log: EventLog): EventLog => ({
    id: log.id,
    topic: log.topic,
    partitions: log.partitions,
    bounds: (place) => gated(() => log.bounds(place)),
    fetch: async (place, from, options) => {
      await gates.pass(owner)
      return await log.fetch(place, from, options)
    },
    offsetAt: (place, timeMs) => gated(() => log.offsetAt(place, timeMs)),
    append: (records) => gated(() => log.append(records)),
    release: async () => {},
    close: async () => {},
  })
  return {
    logs: Object.fromEntries(Object.entries(resources.logs).map(([name, log]) => [name, gateLog(log)])),
    rows: {
      name: rows.name,
      ensureTable: (table) => rows.ensureTable(table),
      write: (table, written, stamps) =>
        gated(() => {
          note(() => `${owner} writes ${table.name} ${JSON.stringify(written)} @${String(stamps)}`)
          return rows.write(table, written, stamps)
        }),
      read: (table, keys) => gated(() => rows.read(table, keys)),
      async *scan(table, range) {
        await gates.pass(owner)
        yield* rows.scan(table, range)
      },
      close: async () => {},
    },
    ledger: {
      read: (key) => gated(() => ledger.read(key)),
      compareAndSet: (key, expected, next) =>
        gated(async () => {
          const answer = await ledger.compareAndSet(key, expected, next)
          note(() => `${owner} sets the document: ${answer} ${documentText(next)}`)
          return answer
        }),
      keys: (topology) => ledger.keys(topology),
      close: async () => {},
    },
    objects: {
      name: objects.name,
      create: (key, body, metadata) => gated(() => objects.create(key, body, metadata)),
      replace: (key, etag, body, metadata) => gated(() => objects.replace(key, etag, body, metadata)),
      head: (key) => gated(() => objects.head(key)),
      read: (key) => gated(() => objects.read(key)),
      list: (prefix) => objects.list(prefix),
      close: async () => {},
    },
  }
}
