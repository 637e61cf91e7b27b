/** The tour of the README is what a person gets who types it: each command in turn, in one folder. */
import { symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../topology/engine/shell/system-clock.ts'
import type { Clock } from '../../topology/model/ports/clock.ts'
import { type CliWorld, createWorld, removeWorld } from '../cli/cli-world.ts'
import { isAsShown, readTour, steadyLines } from './tour-steps.ts'

const repository = resolve(import.meta.dirname, '../..')
const { steps, env } = readTour()

let world: CliWorld

// The hour of an object is that of the append: the tour must not begin shortly before a full one.
const behindMs = systemClock.nowMs() - Date.UTC(2026, 2, 14, 9)
const clock: Clock = {
  nowMs: () => systemClock.nowMs() - behindMs,
  sleep: (ms, signal) => systemClock.sleep(ms, signal),
}

beforeAll(() => {
  world = createWorld(true)
  symlinkSync(join(repository, 'examples'), join(world.folder, 'examples'))
  symlinkSync(join(repository, 'node_modules/vega-datasets'), join(world.folder, 'node_modules/vega-datasets'))
})

afterAll(() => removeWorld(world.folder))

/** Both streams in the order in which a terminal shows them. */
const typed = async (words: string): Promise<string> => {
  let shown = ''
  const talk = (chunk: string): void => {
    shown += chunk
  }
  const print = async (chunk: string | Uint8Array): Promise<void> =>
    talk(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())
  await world.topology(words, { env, print, talk, clock })
  return shown
}

test('the tour shows every command that it speaks of', () => {
  const commands = steps.map(({ words }) => words.split(' ')[0])
  const wanted = ['ingest', 'run', 'schema', 'query', 'delete', 'deletes', 'objects', 'replay', 'simulate']
  expect([...new Set(commands)].sort()).toEqual(wanted.sort())
})

test.each(steps)('topology $words', async ({ words, printed }) => {
  const found = steadyLines((await typed(words)).trimEnd().split('\n'))
  const shown = steadyLines(printed)
  if (!isAsShown(found, shown)) expect(found).toEqual(shown)
})
