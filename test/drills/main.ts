/**
 * `npm run drill -- --kills 100 --seed 1`: the kill drill in its long form.
 * `npm run drill -- servers 5`: each drill on real servers so many times; `--only killed` for one of them.
 * Exit 1 and the differences when one fails.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { killDrill } from './kill-drill.ts'
import { disturbanceNames } from './served-disturbances.ts'
import { servedDrills } from './served-drills.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', multiple: true },
  },
})
const folder = mkdtempSync(join(tmpdir(), 'spillway-drill-'))
const startMs = Date.now()
const report = (text: string): boolean => process.stderr.write(`${text}\n`)
const secondsSince = (): number => Math.round((Date.now() - startMs) / 1_000)

/** The summary, and the differences. */
const embedded = async (): Promise<readonly [string, readonly string[]]> => {
  const [seed, kills] = [Number(values.seed), Number(values.kills)]
  const { problems, runKills, workerKills, ingestKills, records } = await killDrill({ folder, seed, kills, report })
  const counts = `${runKills} kills of run, ${workerKills} of its worker, ${ingestKills} of ingest, ${records} records`
  return [`${counts}, ${secondsSince()} s, seed ${seed}`, problems]
}

const served = async (): Promise<readonly [string, readonly string[]]> => {
  const names = disturbanceNames.filter((name) => values.only?.includes(name) ?? true)
  const times = Number(positionals[1] ?? '5')
  const { problems, records } = await servedDrills({ folder, names, times, seed: Number(values.seed), report })
  return [`${names.length} drills, each ${times} times, ${records} records, ${secondsSince()} s`, problems]
}

const [summary, problems] = await (positionals[0] === 'servers' ? served() : embedded())
if (problems.length === 0) {
  rmSync(folder, { recursive: true, force: true })
  process.stdout.write(`${summary}: rows, schema, rollup, objects and log equal the recomputation\n`)
} else {
  process.stdout.write(`${summary}: ${problems.length} differences, left in ${folder}\n${problems.join('\n')}\n`)
  process.exitCode = 1
}
// The bare Cassandra client goes on calling a server that was killed and is gone, also when it was shut down.
process.exit()
