/** Drills on real servers, one after the other, on servers of their own that end with them. */
import { join } from 'node:path'
import { serverKinds } from '../servers/server-kinds.ts'
import { startServers } from '../servers/start-servers.ts'
import type { DisturbanceName } from './served-disturbances.ts'
import { servedDrill } from './served-drill.ts'

export interface ServedDrills {
  readonly names: readonly DisturbanceName[]
  readonly times: number
  readonly seed: number
  /** An empty folder. */
  readonly folder: string
  readonly report: (text: string) => void
}

export const servedDrills = async ({
  names,
  times,
  seed,
  folder,
  report,
}: ServedDrills): Promise<{ readonly problems: readonly string[]; readonly records: number }> => {
  const servers = await startServers({ kinds: serverKinds, folder: join(folder, 'servers'), tell: report })
  const problems: string[] = []
  let records = 0
  try {
    for (let round = 0; round < times; round++)
      for (const name of names) {
        const startMs = Date.now()
        const title = `${name}, seed ${seed + round}`
        const options = { name, seed: seed + round, folder: join(folder, `${name}-${seed + round}`) }
        const outcome = await servedDrill({ ...options, env: servers.env, server: servers.get }).catch((error) => ({
          problems: [String(error?.stack ?? error)],
          records: 0,
          story: [],
        }))
        records += outcome.records
        problems.push(...outcome.problems.map((problem) => `${title}: ${problem}`))
        const seconds = ((Date.now() - startMs) / 1_000).toFixed(1)
        const verdict = outcome.problems.length === 0 ? 'equal' : `${outcome.problems.length} DIFFERENCES`
        report(`${title}: ${verdict}, ${outcome.records} records, ${seconds} s; ${outcome.story.join('; ')}`)
        for (const problem of outcome.problems) report(`  ${problem}`)
      }
  } finally {
    await servers.stop()
  }
  return { problems, records }
}
