import { appendFileSync, createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type DeclaredEpoch,
  defineSink,
  defineTopology,
  type Event,
  log,
  type Sink,
  type SinkContext,
  type TableSpec,
  type Topology,
} from 'spillway'
import { propagateDeletes } from 'spillway/sinks'
import { describe, expect, test } from 'vitest'
import { ownParts } from '../../../../examples/own-parts/topology.ts'
import { tempFolders } from '../../../conformance/temp-folder.ts'
import { watchedRun } from '../watched-run.ts'

const newFolder = tempFolders()

type Write = (ids: readonly string[], epoch: DeclaredEpoch, context: SinkContext) => Promise<void> | void

const table: TableSpec = {
  name: 'mine',
  partition: [{ name: 'id', type: 'text' }],
  cluster: [],
  columns: [{ name: 'number', type: 'integer' }],
}

/** A sink that does `write` with the ids of an epoch. */
const sinkOf = (write: Write, more: Partial<Sink> = {}): Sink<Event<unknown>> =>
  defineSink<Event<unknown>>({
    sinkKind: 'custom',
    name: 'mine',
    doc: 'a sink of a test',
    order: 'commutative',
    options: {},
    knobs: {},
    epochAge: 'epoch.ageMs',
    subtracts: false,
    tables: () => [table],
    open: async (context) => ({
      openEpoch: () => {
        const ids: string[] = []
        return {
          add: (tuples) => {
            for (let index = 0; index < tuples.length; index++) ids.push(tuples.tuple(index).id)
          },
          heldBytes: () => ids.length,
          spilledBytes: () => 0,
          write: async (epoch) => {
            await write(ids, epoch, context)
            return 'written'
          },
          discard: () => {},
        }
      },
      close: async () => {},
    }),
    ...(more as object), // of any tuples
  })

const ofSink = (sink: Sink<Event<unknown>>): Topology =>
  defineTopology('watched', (t) => {
    t.spout('visits', log()).sink('lines', sink)
  })

const nameOf = ({ partition, lane, from, retracts }: DeclaredEpoch): string =>
  `${partition}-${lane}-${from}-${retracts?.deleteOffset ?? ''}`

const record = (text: string, headers: readonly (readonly [string, string])[]) => ({
  key: null,
  headers: [['project', 'x'] as const, ['collection', 'answers'] as const, ...headers],
  value: new TextEncoder().encode(JSON.stringify({ text })),
})

const body = (text: string) => () =>
  (async function* () {
    yield new TextEncoder().encode(text)
  })()

let calls = 0

describe('a sink whose repeated write a reader can see is named, with what it does (I-1, I-2)', () => {
  test.each<[string, string, (folder: string) => Write]>([
    [
      'lines at the end of a file',
      'appends to the file',
      (folder) => (ids) => appendFileSync(join(folder, 'all'), ids.join('\n')),
    ],
    [
      'another file each time',
      'makes a file',
      (folder) => (ids) => writeFile(join(folder, `${calls++}`), ids.join('\n')),
    ],
    [
      'another text each time',
      'gives the file',
      (folder) => (_ids, epoch) => writeFile(join(folder, nameOf(epoch)), `${1e6 + calls++}`),
    ],
    [
      'a file that may be there only once',
      'fails: EEXIST',
      (folder) => (ids, epoch) => writeFileSync(join(folder, nameOf(epoch)), ids.join(), { flag: 'wx' }),
    ],
    [
      'one row more',
      'puts a row ',
      () =>
        (_ids, _epoch, { rows }) =>
          rows.write(table, [[`${calls++}`, 1]], 1),
    ],
    [
      'a row that counts',
      'puts another row ',
      () =>
        async (ids, _epoch, { rows }) => {
          const [row] = await rows.read(table, [['sum']])
          await rows.write(table, [['sum', Number(row?.[1] ?? 0) + ids.length]], calls++)
        },
    ],
    [
      'one object more',
      'puts an object',
      () =>
        async (_ids, _epoch, { objects }) => {
          await objects.create(`mine/${calls++}`, body('x'), {})
        },
    ],
    [
      'an object of other bytes',
      'gives the object',
      () =>
        async (_ids, epoch, { objects }) => {
          await objects.create(`mine/${nameOf(epoch)}`, body(`${calls++}`), {})
        },
    ],
    [
      'another record',
      'appends a record to the log that the first write did not',
      () => async (_ids, _epoch, context) => {
        if (calls++ < 60) await context.log.append([record(`${calls}`, [['spillway-id', `${calls}`]])])
      },
    ],
    [
      'a record without a name',
      'appends 1 records to the log once more',
      () => async (_ids, _epoch, context) => {
        if (calls++ < 120) await context.log.append([record('same', [])])
      },
    ],
  ])('%s', async (_name, what, write) => {
    const run = await watchedRun(ofSink(sinkOf(write(newFolder()))))
    expect(run.part).toEqual({ kind: 'sink', name: 'lines' })
    expect(run.what).toContain(what)
  })

  test.each<[string, Sink<Event<unknown>>]>([
    [
      'a write that throws',
      sinkOf(() => {
        throw new TypeError('not today')
      }),
    ],
    ['one that cannot be opened', sinkOf(() => {}, { open: () => Promise.reject(new TypeError('not today')) })],
  ])('%s (I-9)', async (_name, sink) => {
    const { part, invariant, what } = await watchedRun(ofSink(sink))
    expect({ part, invariant }).toEqual({ part: { kind: 'sink', name: 'lines' }, invariant: 'I-9' })
    expect(what).toContain('throws, which stops the run: not today')
  })

  test('what it tells of itself grows', async () => {
    const elsewhere: string[] = []
    const sink = sinkOf((ids) => void elsewhere.push(...ids), { contents: async () => elsewhere })
    const { what } = await watchedRun(ofSink(sink))
    expect(what).toContain('changes its contents')
  })

  test('a file that is open for longer than a write', async () => {
    const folder = newFolder()
    const open: Sink['open'] = async () => {
      const stream = createWriteStream(join(folder, 'all'), { flags: 'a' })
      const write = (): Promise<'written'> => new Promise((resolve) => stream.write('.', () => resolve('written')))
      const nothing = (): void => {}
      const epoch = { add: nothing, heldBytes: () => 0, spilledBytes: () => 0, write, discard: nothing }
      return { openEpoch: () => epoch, close: async () => void stream.close() }
    }
    expect((await watchedRun(ofSink(sinkOf(() => {}, { open })))).what).toContain('appends to the file')
  })
})

describe('a sink whose write can be repeated passes', () => {
  test.each<[string, (folder: string) => Write]>([
    ['a file per epoch', (folder) => (ids, epoch) => writeFile(join(folder, nameOf(epoch)), ids.join('\n'))],
    [
      'rows by id',
      () =>
        (ids, epoch, { rows }) =>
          rows.write(
            table,
            ids.map((id) => [id, 1]),
            epoch.seq,
          ),
    ],
    [
      'an object per epoch',
      () =>
        async (ids, epoch, { objects }) => {
          await objects.create(`mine/${nameOf(epoch)}`, body(ids.join()), {})
        },
    ],
    [
      'records with a name',
      () => async (_ids, epoch, context) => {
        if (epoch.from < 3) await context.log.append([record('same', [['spillway-id', nameOf(epoch)]])])
      },
    ],
  ])('%s', async (_name, write) => {
    expect(await watchedRun(ofSink(sinkOf(write(newFolder()))))).toMatchObject({ what: undefined, notes: [] })
  })

  test("parts of one's own of the example", async () => {
    expect((await watchedRun(ownParts(newFolder()))).what).toBeUndefined()
  })

  test('requests to delete, which name themselves', async () => {
    const passed = propagateDeletes({
      when: ({ body }) => body['ms'] === 37,
      matches: () => [{ property_name: 'page', operator: 'eq', property_value: '/prices' }],
    })
    const topology = defineTopology('watched', (t) => t.spout('visits', log()).sink('passed', passed))
    expect(await watchedRun(topology)).toMatchObject({ what: undefined, notes: [] })
  })

  test('one that drains what it holds when it has written', async () => {
    const folder = newFolder()
    const sink = sinkOf((ids, epoch) => {
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, nameOf(epoch)), (ids as string[]).splice(0).join('\n')) // its own list
    })
    expect((await watchedRun(ofSink(sink))).what).toBeUndefined()
  })
})

test('a sink that writes to nothing that can be looked at is told of, not blamed', async () => {
  const elsewhere: string[] = []
  const { what, notes } = await watchedRun(ofSink(sinkOf((ids) => void elsewhere.push(...ids))))
  expect(what).toBeUndefined()
  expect(notes).toEqual([expect.stringContaining('sink lines could not be looked at')])
  expect(notes[0]).toContain('contents()')
})
