/** What `--wait` says while rows do not answer, and when it is given up. */
import { expect, test } from 'vitest'
import { anyTopology, writeDeleteRequests } from '../../sinks/rows/delete-requests.ts'
import { createMemoryLedger } from '../../sinks/rows/memory/memory-ledger.ts'
import { createMemoryRows } from '../../sinks/rows/memory/memory-rows.ts'
import type { CommandIo, ExitCode } from '../../topology/cli/command.ts'
import { CommandInput } from '../../topology/cli/command-input.ts'
import { waitForDeletes } from '../../topology/cli/wait-for-deletes.ts'
import type { OpenDesk } from '../../topology/cli/with-desk.ts'
import { deletesTable } from '../../topology/engine/shell/delete-rows.ts'
import { systemRandom } from '../../topology/engine/shell/system-clock.ts'
import { errors } from '../../topology/model/errors.ts'
import { drive } from '../../topology/testing/drive.ts'
import { createVirtualClock } from '../../topology/testing/virtual-clock.ts'
import { granted, passed, withSinks } from '../engine/ledger/given-documents.ts'
import { bytes } from './cli-world.ts'

/** Waits for a delete: exit code and what was said. */
const waitOn = async (on: object, signal: AbortSignal, id: string): Promise<readonly [ExitCode, string]> => {
  const clock = createVirtualClock()
  let said = ''
  const io: CommandIo = {
    print: () => Promise.resolve(),
    talk: (chunk) => {
      said += chunk
    },
    ...{ stdin: bytes(''), env: {}, folder: '/', clock, random: systemRandom },
    ...{ signal, isLive: false, columns: 100, colour: { stdout: false, stderr: false } },
  }
  const open = on as OpenDesk // rows, ledger and topology are read of it
  const code = await drive(clock, waitForDeletes(io, new CommandInput([], {}), open, [id]))
  return [code, said]
}

/** Waits for a delete that is done, on rows whose first calls fail. */
const wait = async (fails: number, signal: AbortSignal, error: Error): Promise<readonly [ExitCode, string]> => {
  const rows = createMemoryRows()
  const request = { id: 'gone', requestedAtMs: 0, project: 'shop', collection: 'visits', class: 'scan' as const }
  await writeDeleteRequests(rows, anyTopology, [
    { ...request, request: '{}', recordsTotal: 0, written: [], revision: 1 },
  ])
  let left = fails
  const scan: typeof rows.scan = (table, range) => {
    if (left-- > 0) throw error
    return rows.scan(table, range)
  }
  return waitOn({ rows: { ...rows, name: 'cassandra://b', scan }, ledger: createMemoryLedger() }, signal, 'gone')
}

const away = errors.storeUnavailable({ store: 'cassandra://b', reason: 'no answer' })
const never = new AbortController().signal

test('rows that do not answer are waited for: told once, and once when they answer again', async () => {
  const [code, said] = await wait(240, never, away)
  expect(code).toBe(0)
  expect(said).toMatch(
    /^warning: waiting for rows cassandra:\/\/b: no answer; work goes on by itself\nrows cassandra:\/\/b answers again after 2 min 0 s\ndone: 0 events/,
  )
})

test('where all is out and a sink is slow to pass it, the number is told as one so far', async () => {
  const rows = createMemoryRows()
  const begun = passed(passed(withSinks({ totals: 'rows', store: 'events' }), 0, 4), 1, 9)
  const listed = granted(begun, {
    ...{
      kind: 'registerDeletes',
      offsets: [[9, 10]],
      records: 1,
      stored: 'text',
      isById: false,
      eventStore: undefined,
    },
  })
  const [entry] = listed.deletes
  const done = { state: 'done', todo: [], at: 0, declared: null, seq: 0, retracted: 0 } as const
  const work = { totals: done, store: done }
  const doc = { ...listed, ver: 1, deletes: [{ ...entry!, work, counted: { sink: 'totals', byRecord: [3] } }] }
  const text = { records: [{ offset: 9, request: { id: 'gone', project: 'ann' } }], refused: [] }
  const ledger = createMemoryLedger()
  await ledger.compareAndSet({ topology: 'shop', spout: 'events', partition: 0 }, undefined, doc)
  await rows.ensureTable(deletesTable)
  await rows.write(deletesTable, [['shop', 'events', 0, 'text', JSON.stringify(text)]], 1)
  const [code, said] = await waitOn({ rows, ledger, topology: { topology: 'shop' } }, never, 'gone')
  expect([code, said]).toEqual([0, expect.stringMatching(/^3 events taken out so far; a sink that lags drops/)])
})

test('what is no matter of waiting ends it', async () => {
  const stop = errors.storeFormat({ store: 'cassandra://b', reason: 'another version' })
  await expect(wait(1, never, stop)).rejects.toThrow('another version')
})

test('Ctrl-C says where the delete stands and how to wait on', async () => {
  expect(await wait(0, AbortSignal.abort(), away)).toEqual([
    1,
    'delete gone is in the log; `topology delete --id gone --wait` waits on\n',
  ])
})
