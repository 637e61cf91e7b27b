/** Lanes in real processes, on embedded resources: what user code does there, and what the supervisor makes of it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { listDeadLetters } from '../../sinks/rows/dead-letters.ts'
import type { EngineRun } from '../../topology/engine/shell/run-engine.ts'
import { forkWorkers } from '../../topology/fork-worker.ts'
import { partition } from '../../topology/model/position.ts'
import type { RunOptions } from '../../topology/model/run-handle.ts'
import { openResources } from '../../topology/resources.ts'
import { startRun } from '../../topology/start-run.ts'
import { tempFolders } from '../conformance/temp-folder.ts'
import { CliProcess, topology } from '../drills/cli-process.ts'
import hazard from './hazard-topology.ts'

const newFolder = tempFolders()
vi.setConfig({ testTimeout: 30_000 })
const file = join(import.meta.dirname, 'hazard-topology.ts')

interface Given {
  readonly run: EngineRun
  readonly resources: Awaited<ReturnType<typeof openResources>>
}

/** Records in partition 0, by what each is to do. */
const begin = async (
  todo: readonly string[],
  options: RunOptions = {},
  env: Readonly<Record<string, string>> = {},
): Promise<Given> => {
  const folder = newFolder()
  const urls = {
    log: `file:${folder}/log?partitions=2`,
    logs: {},
    rows: `sqlite:${folder}/rows.db`,
    objects: `file:${folder}/objects`,
  }
  const resources = await openResources({ ...urls, mode: 'run' })
  onTestFinished(() => resources.close())
  const records = todo.map((what, index) => ({
    key: null,
    headers: [],
    value: new TextEncoder().encode(JSON.stringify({ do: what, number: index, kind: what })),
  }))
  await resources.logs['default']!.append(records.map((record) => ({ ...record, partition: partition(0) })))
  const knobs = { 'worker.processes': 1, 'worker.heartbeatMs': 600, ...options.knobs }
  const settings = { ...options, knobs, file, spillFolder: join(folder, 'spill') }
  const workers = forkWorkers({ file, urls, knobs: {}, folder, env: { ...process.env, ...env } })
  const run = await startRun(hazard, resources, settings, workers)
  onTestFinished(async () => void (await run.stop()))
  return { run, resources }
}

const calm = (count: number): string[] => Array.from({ length: count }, () => 'nothing')

describe('a bolt that spins', () => {
  test('C1, C8: leaves the supervisor its loop, which answers within 100 ms at p99', async () => {
    const { run } = await begin([...calm(20), 'spin', ...calm(20)])
    const delays = monitorEventLoopDelay({ resolution: 10 })
    delays.enable()
    await vi.waitFor(() => expect(run.engine.house.lines()[0]?.replaced).toBeGreaterThan(0), { timeout: 10_000 })
    delays.disable()
    expect(delays.percentile(99) / 1e6 - 10).toBeLessThan(100)
    expect(run.status().lanes).toHaveLength(4)
    expect(run.engine.house.lines()[0]!.lastReason).toContain('it was silent for 600 ms')
  })

  test('C7, C10: is ended at the limit three times, then its record is a dead letter and the lane goes on', async () => {
    const { run, resources } = await begin([...calm(20), 'spin', ...calm(20)], { untilCaughtUp: true })
    expect(await run.ended).toMatchObject({ state: 'caughtUp', deadLetters: 1 })
    expect(run.status().sinks['totals']!.counters).toMatchObject({ received: 41, applied: 40, deadLettered: 1 })
    const letters = await Array.fromAsync(listDeadLetters(resources.rows, 'hazard'))
    expect(letters.every((letter) => letter.offset === 20 && letter.attempts === 3)).toBe(true)
  })
})

describe('a bolt that ends its process', () => {
  test.each([
    ['exit', {}, 'exit code 7'],
    ['heap', { NODE_OPTIONS: '--max-old-space-size=48' }, 'ran out of memory'],
  ])('C10: by %s is found, and the worker is replaced at once', async (what, env, reason) => {
    // A heap that is nearly full lets nothing else run for a while.
    const options = { untilCaughtUp: true, knobs: { 'worker.heartbeatMs': 10_000 } }
    const { run } = await begin([...calm(10), what, ...calm(10)], options, env)
    const told: string[] = []
    for await (const { kind, text } of run) if (kind === 'worker') told.push(text)
    expect(await run.ended).toMatchObject({ state: 'caughtUp', deadLetters: 1 })
    expect(told).toHaveLength(3)
    expect(told.every((text) => text.includes(reason))).toBe(true)
  })
})

test('workers end at once when their supervisor is killed, also one that spins', async () => {
  const folder = newFolder()
  const pids = join(folder, 'pids')
  writeFileSync(join(folder, 'in.ndjson'), '{"do":"pid"}\n{"do":"spin"}\n')
  await topology(folder, ['ingest', 'in.ndjson', '-c', 'things'])
  writeFileSync(pids, '')
  const env = { HAZARD_PIDS: pids }
  const running = new CliProcess(folder, ['run', file, '--workers', '1'], env)
  onTestFinished(async () => void (await running.kill()))
  const pid = await vi.waitFor(
    () => {
      const found = Number(readFileSync(pids, 'utf8').split('\n')[0])
      expect(found).toBeGreaterThan(0)
      return found
    },
    { timeout: 10_000 },
  )
  await running.kill()
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), { timeout: 5_000 })
})
