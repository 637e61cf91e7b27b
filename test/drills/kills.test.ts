import { copyFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { tempFolders } from '../conformance/temp-folder.ts'
import { checkOutcome } from './check-outcome.ts'
import { killDrill } from './kill-drill.ts'
import { LogTally } from './log-tally.ts'

const newFolder = tempFolders()

test('10 kills of run, some of its worker and 10 of ingest leave what a recomputation of the log gives (I-1, I-2)', async () => {
  const { problems, runKills, workerKills, ingestKills } = await killDrill({ folder: newFolder(), seed: 7, kills: 10 })
  expect(problems).toEqual([])
  expect(runKills).toBeGreaterThanOrEqual(10)
  expect(workerKills).toBeGreaterThan(0)
  expect(ingestKills).toBeGreaterThanOrEqual(10)
}, 240_000)

/** The first object below a folder. */
const objectIn = (folder: string): string =>
  join(folder, readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((path) => path.endsWith('.gz')) ?? '')

test('the drill sees a lost row, a changed state and an object that is there twice', async () => {
  const folder = newFolder()
  await killDrill({ folder, seed: 8, kills: 0 })
  const rows = new DatabaseSync(join(folder, 'data/rows.db'))
  rows.exec('DELETE FROM events WHERE rowid = (SELECT min(rowid) FROM events)')
  rows.exec("UPDATE totals SET state = replace(state, '1', '2') WHERE rowid = (SELECT min(rowid) FROM totals)")
  rows.close()
  const object = objectIn(join(folder, 'data/objects/north'))
  copyFileSync(object, object.replace('.ndjson.gz', '-9.ndjson.gz'))
  const tally = new LogTally(`file:${join(folder, 'data/log')}`)
  await tally.readOn()
  const problems = await checkOutcome(folder, tally.lines)
  expect(problems).toContainEqual(expect.stringMatching(/^event row .* is missing$/))
  expect(problems).toContainEqual(expect.stringMatching(/^rollup row .* not /))
  expect(problems).toContainEqual(expect.stringMatching(/^archived line .* is there twice$/))
}, 120_000)
