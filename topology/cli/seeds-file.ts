/**
 * Seeds that failed, in a file beside the topology: they are played first, for good. The file is made by the first
 * failure; it belongs under version control.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { isJsonObject, type JsonValue } from '../model/json.ts'
import { messageOf } from '../model/spillway-error.ts'
import type { CommandIo } from './command.ts'
import { UsageProblems } from './usage-problems.ts'

export interface KeptSeed {
  readonly seed: number
  /** Which it broke when it was found. */
  readonly invariant: string
}

/** `shop/topology.ts` keeps them in `shop/topology.seeds.json`. */
export const seedsFileOf = (topologyFile: string): string =>
  join(dirname(topologyFile), `${basename(topologyFile).replace(/\.[cm]?[jt]s$/, '')}.seeds.json`)

/** None where there is no file. Throws `UsageProblems` for one that holds something else. */
export const readKeptSeeds = (io: Pick<CommandIo, 'folder'>, file: string): readonly KeptSeed[] => {
  const path = resolve(io.folder, file)
  if (!existsSync(path)) return []
  const kept = keptIn(file, readFileSync(path, 'utf8'))
  if (kept === undefined)
    throw new UsageProblems([
      {
        at: file,
        text: 'does not hold seeds that were kept: {"seeds":[{"seed":17,"invariant":"I-1"}]}',
        hint: 'Mend it, or remove it and lose the seeds.',
      },
    ])
  return kept
}

const keptIn = (file: string, text: string): readonly KeptSeed[] | undefined => {
  let value: JsonValue
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new UsageProblems([{ at: file, text: `is no JSON: ${messageOf(error)}` }])
  }
  const seeds = isJsonObject(value) ? value['seeds'] : undefined
  if (!Array.isArray(seeds)) return undefined
  const kept: KeptSeed[] = []
  for (const one of seeds) {
    if (!isJsonObject(one)) return undefined
    const { seed, invariant } = one
    if (!isSeed(seed) || typeof invariant !== 'string') return undefined
    kept.push({ seed, invariant })
  }
  return kept
}

const isSeed = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

/** Adds the seed; false when it was there. */
export const keepSeed = (io: Pick<CommandIo, 'folder'>, file: string, added: KeptSeed): boolean => {
  const before = readKeptSeeds(io, file)
  if (before.some(({ seed }) => seed === added.seed)) return false
  const lines = [...before, added].map((one) => `    ${JSON.stringify(one)}`).join(',\n')
  writeFileSync(resolve(io.folder, file), `{\n  "seeds": [\n${lines}\n  ]\n}\n`)
  return true
}
