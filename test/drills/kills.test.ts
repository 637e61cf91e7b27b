import { expect, test } from 'vitest'
import { tempFolders } from '../conformance/temp-folder.ts'
import { killDrill } from './kill-drill.ts'

const newFolder = tempFolders()

test('10 kills of run and 10 of ingest leave what a recomputation of the log gives (I-1, I-2)', async () => {
  const { problems, runKills, ingestKills } = await killDrill({ folder: newFolder(), seed: 7, kills: 10 })
  expect(problems).toEqual([])
  expect(runKills).toBeGreaterThanOrEqual(10)
  expect(ingestKills).toBeGreaterThanOrEqual(10)
}, 60_000)
