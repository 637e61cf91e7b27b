/**
 * A sink of one's own: files of changes, one JSON object a line, `weight` 1 for an event and -1 for a deleted one. Summed
 * by `id` over all files, what is left with weight 1 are the events that are alive.
 *
 * `write` is called again after a crash, with the same epoch and the same tuples. So the name of the file says nothing but
 * the epoch, its bytes nothing but the tuples, and it appears whole or not at all: written under another name, synced,
 * renamed. Whoever comes second puts the same bytes in place of the same bytes.
 */
import { mkdir, mkdtemp, open, rename, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { DeclaredEpoch, Event, OpenEpoch, Path, Sink, Tuples, Weight } from 'spillway'
import { defineSink } from 'spillway'

export interface ChangeFilesOptions {
  /** Made when it is missing. */
  readonly folder: string
  /** Properties that a line repeats, by the name they get there. */
  readonly columns: Readonly<Record<string, Path>>
}

export const changeFiles = ({ folder, columns }: ChangeFilesOptions): Sink<Event<unknown>> =>
  defineSink<Event<unknown>>({
    sinkKind: 'custom',
    name: 'changeFiles',
    doc: `files of changes in ${folder}`,
    order: 'commutative',
    options: { columns: Object.entries(columns).map(([name, path]) => [name, [...path]]) },
    knobs: {},
    epochAge: 'epoch.ageMs',
    // What leaves an epoch before it is declared: the engine makes the epoch anew instead.
    subtracts: false,
    tables: () => [],
    open: async () => ({ openEpoch: () => new ChangeEpoch(folder, columns), close: async () => {} }),
  })

class ChangeEpoch implements OpenEpoch<Event<unknown>> {
  readonly #folder: string
  readonly #columns: readonly (readonly [string, Path])[]
  #lines: string[] = []
  #bytes = 0

  constructor(folder: string, columns: ChangeFilesOptions['columns']) {
    this.#folder = folder
    this.#columns = Object.entries(columns)
  }

  add(tuples: Tuples<Event<unknown>>, weight: Weight): void {
    const columns = this.#columns.map(([name, path]) => [name, tuples.column(path)] as const)
    for (let index = 0; index < tuples.length; index++) {
      const values = columns.map(([name, column]) => [name, column[index] ?? null])
      const { id } = tuples.tuple(index)
      const line = JSON.stringify({ weight, id, ...Object.fromEntries(values) })
      this.#lines.push(line)
      this.#bytes += line.length
    }
  }

  heldBytes(): number {
    return this.#bytes
  }

  spilledBytes(): number {
    return 0
  }

  async write(epoch: DeclaredEpoch, signal: AbortSignal): Promise<'written'> {
    if (this.#lines.length === 0) return 'written'
    signal.throwIfAborted()
    await mkdir(this.#folder, { recursive: true })
    const name = fileName(epoch)
    // Where a reader of `*.ndjson` does not look, and no other owner of the lane writes.
    const drafts = await mkdtemp(join(this.#folder, '.draft-'))
    const draft = join(drafts, name)
    const file = await open(draft, 'w')
    try {
      await file.writeFile(`${this.#lines.join('\n')}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, join(this.#folder, name))
    await rmdir(drafts)
    await syncFolder(this.#folder)
    return 'written'
  }

  discard(): void {
    this.#lines = []
    this.#bytes = 0
  }
}

/** Lane and first offset name an epoch; what a delete takes out has files of its own. */
const fileName = ({ topology, spout, partition, lane, from, retracts }: DeclaredEpoch): string => {
  const start = String(from).padStart(20, '0')
  const of = retracts === undefined ? '' : `-delete-${retracts.deleteOffset}`
  return `${topology}-${spout}-${partition}-${lane}-${start}${of}.ndjson`
}

/** The new name is durable too. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
