/** Where a case spends its time: the samples of a CPU profile, added up by the part of the tree that they stand in. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string }
  }[]
  readonly samples: readonly number[]
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[]
}

const areas: readonly (readonly [part: string, area: string])[] = [
  ['spouts/file', 'log'],
  ['spouts/decode/decoded-events', 'bodies'],
  ['spouts/decode', 'decoding'],
  ['operators/', 'operators'],
  ['sinks/objects', 'objects'],
  ['sinks/rows', 'rows'],
  ['engine/', 'engine'],
  ['rxjs', 'rxjs'],
  ['test/bench', 'the case itself'],
]

const areaOf = (functionName: string, url: string): string => {
  if (functionName === '(garbage collector)') return 'garbage collection'
  if (functionName === '(idle)') return 'waiting'
  return areas.find(([part]) => url.includes(part))?.[1] ?? 'Node and the rest'
}

/** Shares of the whole time by area, the largest first, from the one profile in a folder. */
export const timeByArea = (folder: string): readonly (readonly [area: string, share: number])[] => {
  const file = readdirSync(folder).find((name) => name.endsWith('.cpuprofile'))
  if (file === undefined) return []
  const profile: Profile = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]))
  const times = new Map<string, number>()
  let total = 0
  profile.samples.forEach((id, index) => {
    const frame = frames.get(id)
    const time = profile.timeDeltas[index] ?? 0
    const area = frame === undefined ? 'Node and the rest' : areaOf(frame.functionName, frame.url)
    times.set(area, (times.get(area) ?? 0) + time)
    total += time
  })
  return [...times].map(([area, time]) => [area, time / total] as const).sort((left, right) => right[1] - left[1])
}
