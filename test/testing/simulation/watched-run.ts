/** Runs a topology with its parts watched, without a world: in memory, with crashes and deletes, a few seeds. */
import type { Topology } from 'spillway'
import { createVirtualClock, put, remove, seededRandom, settle, type TestStep, testTopology } from 'spillway/testing'
import type { BlamedPart } from '../../../topology/testing/simulation/violation.ts'
import { Watch } from '../../../topology/testing/simulation/watch/watch.ts'
import { watchTopology } from '../../../topology/testing/simulation/watch/watch-topology.ts'

export interface WatchedRun {
  readonly what: string | undefined
  readonly invariant: string | undefined
  readonly part: BlamedPart | undefined
  readonly notes: readonly string[]
  readonly bolts: ReadonlyMap<string, { readonly received: number; readonly emitted: number }>
}

const pages = ['/', '/prices', '/about']

export const visits = (count = 12): readonly TestStep[] =>
  Array.from({ length: count }, (_, index) =>
    put(
      { page: pages[index % 3]!, ms: (index * 37) % 900 },
      { partition: index % 2, headers: [['spillway-time', `2026-01-0${1 + (index % 3)}T0${index % 10}:00:00Z`]] },
    ),
  )

const request = { filters: [{ property_name: 'page', operator: 'eq', property_value: '/' }] }

export const usualSteps: readonly TestStep[] = [
  ...visits(),
  settle,
  ...visits(6),
  { kind: 'crash' },
  ...visits(5),
  remove(request),
  settle,
]

export const watchedRun = async (topology: Topology, steps = usualSteps, seed = 1): Promise<WatchedRun> => {
  const watch = new Watch({ random: seededRandom(seed), clock: createVirtualClock(), patienceMs: 200 })
  try {
    await testTopology(watchTopology(topology, watch), { seed }).run(steps)
  } catch (error) {
    // What is found first may well stop the run next.
    if (watch.violation === undefined) throw error
  } finally {
    watch.close()
  }
  const { violation, notes, bolts } = watch
  return { what: violation?.what, invariant: violation?.invariant, part: violation?.part, notes: [...notes], bolts }
}
