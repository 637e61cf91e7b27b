/**
 * What the engine costs beside a plain loop over the same log, as ratios measured in one run on one core.
 *
 * Each case runs in a process of its own, `rounds` times in turn with the others, and the fastest round counts: noise of
 * a shared machine only ever adds.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eventCount, writeBenchLog } from './bench-events.ts'
import { mebibytes, print } from './figures.ts'
import { timeByArea } from './time-by-area.ts'

interface Measured {
  readonly name: string
  readonly records: number
  readonly startupMs: number
  readonly elapsedMs: number
  readonly cpuMs: number
  readonly peakBytes: number
}

const cases = [
  { name: 'floor', text: '(a)  read the log, JSON.parse each value', most: undefined },
  { name: 'bolt', text: '(b)  rollup behind a bolt that reads event.body', most: 2 },
  { name: 'spout', text: '(b2) the same rollup straight on the spout', most: 1.3 },
  { name: 'all', text: '(c)  schema, event rows, rollup and objects', most: 8 },
] as const

const script = fileURLToPath(new URL('bench-case.ts', import.meta.url))

/** One core where the system can pin one; elsewhere the figures are of the whole machine. */
const canPin = spawnSync('taskset', ['-c', '0', 'true']).status === 0

const measure = (base: string, name: string, flags: readonly string[] = []): Measured => {
  const work = mkdtempSync(join(base, 'work-'))
  const node = [...flags, '--conditions=spillway-source', script, name, join(base, 'log'), work]
  const [command, args] = canPin ? ['taskset', ['-c', '0', process.execPath, ...node]] : [process.execPath, node]
  const line = execFileSync(command as string, args as string[], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }) // both branches are a name and a list
  rmSync(work, { recursive: true, force: true })
  const measured: Measured = JSON.parse(line)
  return measured
}

export const benchThroughput = async (rounds: number): Promise<void> => {
  const base = mkdtempSync(join(tmpdir(), 'spillway-bench-'))
  try {
    const { meanBytes } = await writeBenchLog(join(base, 'log'))
    print(
      `${eventCount} events of ${meanBytes.toFixed(0)} bytes, ${rounds} rounds, ${canPin ? 'one core' : 'not pinned'}, Node ${process.version}`,
    )
    const best = new Map<string, Measured>()
    for (let round = 0; round < rounds; round++) {
      for (const { name } of cases) {
        const measured = measure(base, name)
        const known = best.get(name)
        if (known === undefined || measured.elapsedMs < known.elapsedMs) best.set(name, measured)
      }
    }
    const floorMs = best.get('floor')!.elapsedMs
    print('case                                                events/s   CPU s/M   ratio   peak RSS   start-up')
    for (const { name, text, most } of cases) {
      const one = best.get(name)!
      const rate = Math.round(one.records / (one.elapsedMs / 1000))
        .toString()
        .padStart(9)
      const cpu = ((one.cpuMs / one.records) * 1000).toFixed(2).padStart(8)
      const ratio = (one.elapsedMs / floorMs).toFixed(2).padStart(6)
      const rss = mebibytes(one.peakBytes).padStart(9)
      const bound = most === undefined ? '' : ` (at most ${most})`
      print(`${text.padEnd(50)} ${rate} ${cpu} ${ratio} ${rss} ${`${one.startupMs.toFixed(0)} ms`.padStart(9)}${bound}`)
    }
    print('where the time goes, start-up included')
    for (const { name } of cases) {
      const folder = mkdtempSync(join(base, 'profile-'))
      measure(base, name, ['--cpu-prof', `--cpu-prof-dir=${folder}`])
      const shares = timeByArea(folder).filter(([, share]) => share >= 0.02)
      print(`  ${name.padEnd(6)} ${shares.map(([area, share]) => `${area} ${Math.round(share * 100)} %`).join(', ')}`)
    }
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}
