/**
 * What every ledger must do, clause by clause: run it on an adapter of your own.
 *
 * The content of documents is of no concern here, only that one compare-and-set at a time wins and that what it wrote
 * is read back (I-4). No test framework is needed: each clause rejects with an assertion error where it is broken.
 */
import assert from 'node:assert/strict'
import type { LedgerDocument } from '../../model/ledger-document.ts'
import type { Ledger, LedgerKey } from '../../model/ports/ledger.ts'

/** Makes an empty ledger; each clause asks for one and closes it. */
export type MakeLedger = () => Promise<Ledger>

export interface LedgerClause {
  /** A sentence about the behaviour. */
  readonly name: string
  run(make: MakeLedger): Promise<void>
}

type LedgerCheck = readonly [name: string, check: (ledger: Ledger) => Promise<void>]

const key: LedgerKey = { topology: 'keen', spout: 'web', partition: 3 }

const documentOf = (ver: number, log = 'log-1'): LedgerDocument => ({
  format: 2,
  ver,
  rules: 0,
  nextLane: 0,
  start: 0,
  log,
  sinks: {},
  lanes: {},
  deletes: [],
  nextDelete: 0,
  archive: [],
  scannedTo: 0,
  deadLetters: {},
})

const rich: LedgerDocument = {
  ...documentOf(1, 'naïve 😀 "log" \u2028'),
  deletes: [
    {
      n: 7,
      offsets: [[2 ** 52, 2 ** 52 + 1]],
      records: 1,
      stored: 'x'.repeat(300_000),
      isById: false,
      cover: {},
      work: {},
      counted: { sink: 'rows', byRecord: [0.1] },
    },
  ],
  deadLetters: { 'sink.with "marks"': [[0, 5]] },
}

const readNothing = async (ledger: Ledger): Promise<void> => {
  assert.equal(await ledger.read(key), undefined)
  assert.deepEqual(await ledger.keys(key.topology), [])
}

const giveBack = async (ledger: Ledger): Promise<void> => {
  assert.equal(await ledger.compareAndSet(key, undefined, rich), 'applied')
  assert.deepEqual(await ledger.read(key), rich)
}

const createOnce = async (ledger: Ledger): Promise<void> => {
  await ledger.compareAndSet(key, undefined, documentOf(1, 'first'))
  assert.equal(await ledger.compareAndSet(key, undefined, documentOf(2, 'second')), 'refused')
  assert.deepEqual(await ledger.read(key), documentOf(1, 'first'))
}

const replaceExpected = async (ledger: Ledger): Promise<void> => {
  await ledger.compareAndSet(key, undefined, documentOf(1))
  assert.equal(await ledger.compareAndSet(key, 1, documentOf(5, 'next')), 'applied')
  assert.deepEqual(await ledger.read(key), documentOf(5, 'next'))
}

const refuseUnexpected = async (ledger: Ledger): Promise<void> => {
  await ledger.compareAndSet(key, undefined, documentOf(4))
  for (const expected of [3, 5]) {
    assert.equal(await ledger.compareAndSet(key, expected, documentOf(9, 'wrong')), 'refused')
  }
  assert.deepEqual(await ledger.read(key), documentOf(4))
}

const refuseMissing = async (ledger: Ledger): Promise<void> => {
  assert.equal(await ledger.compareAndSet(key, 1, documentOf(2)), 'refused')
  assert.equal(await ledger.read(key), undefined)
}

const refuseBackwards = async (ledger: Ledger): Promise<void> => {
  await ledger.compareAndSet(key, undefined, documentOf(4))
  for (const ver of [3, 4, 4.5]) await assert.rejects(() => ledger.compareAndSet(key, 4, documentOf(ver)))
  assert.deepEqual(await ledger.read(key), documentOf(4))
}

const others: readonly LedgerKey[] = [
  { ...key, partition: 4 },
  { ...key, spout: 'app' },
  { ...key, topology: 'other' },
  { ...key, spout: 'we', partition: 3 },
]

const keepKeysApart = async (ledger: Ledger): Promise<void> => {
  await ledger.compareAndSet(key, undefined, documentOf(1, 'mine'))
  for (const other of others) {
    assert.equal(await ledger.read(other), undefined)
    assert.equal(await ledger.compareAndSet(other, undefined, documentOf(1, JSON.stringify(other))), 'applied')
  }
  for (const other of others) assert.equal((await ledger.read(other))?.log, JSON.stringify(other))
  assert.equal((await ledger.read(key))?.log, 'mine')
}

const listKeys = async (ledger: Ledger): Promise<void> => {
  for (const each of [key, ...others]) await ledger.compareAndSet(each, undefined, documentOf(1))
  const textOf = ({ topology, spout, partition }: LedgerKey): string => JSON.stringify([topology, spout, partition])
  const found = (await ledger.keys(key.topology)).map(textOf)
  const expected = [key, ...others].filter((each) => each.topology === key.topology).map(textOf)
  assert.deepEqual(found.toSorted(), expected.toSorted())
}

const letOneWin = async (ledger: Ledger): Promise<void> => {
  const names = Array.from({ length: 20 }, (_, index) => `writer ${index}`)
  const race = async (expected: number | undefined, ver: number): Promise<void> => {
    const answers = await Promise.all(names.map((name) => ledger.compareAndSet(key, expected, documentOf(ver, name))))
    const winners = names.filter((_, index) => answers[index] === 'applied')
    assert.equal(winners.length, 1)
    assert.equal((await ledger.read(key))?.log, winners[0])
  }
  await race(undefined, 1)
  await race(1, 2)
}

const loseNoStep = async (ledger: Ledger): Promise<void> => {
  await ledger.compareAndSet(key, undefined, documentOf(0))
  const steps = 10
  const workers = 5
  const work = async (): Promise<void> => {
    for (let done = 0; done < steps; ) {
      const found = await ledger.read(key)
      assert.ok(found)
      const next = { ...found, ver: found.ver + 1, nextLane: found.nextLane + 1 }
      if ((await ledger.compareAndSet(key, found.ver, next)) === 'applied') done += 1
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
  assert.equal((await ledger.read(key))?.nextLane, steps * workers)
}

const ownDocuments = async (ledger: Ledger): Promise<void> => {
  const deadLetters: Record<string, [number, number][]> = { sink: [[0, 5]] }
  await ledger.compareAndSet(key, undefined, { ...documentOf(1), deadLetters })
  deadLetters['sink'] = []
  assert.deepEqual((await ledger.read(key))?.deadLetters, { sink: [[0, 5]] })
}

const checks: readonly LedgerCheck[] = [
  ['reads undefined where there is no document', readNothing],
  ['gives back the document that was stored', giveBack],
  ['creates a document only where there is none', createOnce],
  ['replaces the document whose ver is the expected one', replaceExpected],
  ['refuses another ver and keeps the document', refuseUnexpected],
  ['refuses to replace a document that does not exist', refuseMissing],
  ['refuses a next ver that is not larger', refuseBackwards],
  ['keeps topologies, spouts and partitions apart', keepKeysApart],
  ['lists the keys of one topology', listKeys],
  ['lets one of many writers win', letOneWin],
  ['loses no step of many readers that write', loseNoStep],
  ['owns the document that it was given', ownDocuments],
]

const closing = (check: (ledger: Ledger) => Promise<void>): LedgerClause['run'] => {
  return async (make) => {
    const ledger = await make()
    try {
      await check(ledger)
    } finally {
      await ledger.close()
    }
  }
}

export const ledgerClauses: readonly LedgerClause[] = checks.map(([name, check]) => ({ name, run: closing(check) }))
