/** `npm run drill -- --kills 100 --seed 1`: the kill drill in its long form; exit 1 and the differences when it fails. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { killDrill } from './kill-drill.ts'

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } },
})
const folder = mkdtempSync(join(tmpdir(), 'spillway-drill-'))
const startMs = Date.now()
const report = (text: string): boolean => process.stderr.write(`${text}\n`)
const { problems, runKills, ingestKills, records } = await killDrill({
  folder,
  seed: Number(values.seed),
  kills: Number(values.kills),
  report,
})
const seconds = Math.round((Date.now() - startMs) / 1_000)
const summary = `${runKills} kills of run, ${ingestKills} of ingest, ${records} records, ${seconds} s, seed ${values.seed}`
if (problems.length === 0) {
  rmSync(folder, { recursive: true, force: true })
  process.stdout.write(`${summary}: rows, schema, rollup, objects and log equal the recomputation\n`)
} else {
  process.stdout.write(`${summary}: ${problems.length} differences, left in ${folder}\n${problems.join('\n')}\n`)
  process.exitCode = 1
}
