import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFolderObjects } from '../../../../sinks/objects/folder/folder-objects.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spillway-kill-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

interface Answered {
  readonly key: string
  readonly text: string
}

/** Runs a writer and kills it behind its n-th answer; gives what was answered. */
const runAndKill = async (life: number, answers: number): Promise<ReadonlyMap<string, string>> => {
  const child = fork(fileURLToPath(new URL('./kill-child.ts', import.meta.url)), [folder, String(life)])
  const answered = new Map<string, string>()
  child.on('message', (said: Answered) => {
    answered.set(said.key, said.text)
    if (answered.size >= answers) child.kill('SIGKILL')
  })
  await once(child, 'exit')
  return answered
}

const assertWhole = async (path: string): Promise<void> => {
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
  expect(lines).toHaveLength(10_000)
  expect(new Set(lines).size).toBe(1)
}

test('a writer that is killed again and again leaves whole objects and loses no answered one', async () => {
  const known = new Map<string, string>()
  for (let life = 0; life < 6; life++) {
    const answered = await runAndKill(life, 3 + 5 * life)
    for (const [key, text] of answered) known.set(key, text)
    for (const file of await readdir(folder, { recursive: true })) {
      if (file.endsWith('.ndjson') && !file.startsWith('.spillway~')) await assertWhole(join(folder, file))
    }
  }
  const store = await openFolderObjects({ folder })
  expect(await readdir(join(folder, '.spillway~', 'writing'))).toEqual([])
  for (const [key, text] of known) {
    const found = await store.read(key)
    const [line] = Buffer.from(found?.bytes ?? [])
      .toString()
      .split('\n')
    expect(found?.metadata['text']).toBe(line)
    // A replace that was under way when its writer died may have happened after the last answer.
    expect(Number(line?.split(' ')[0])).toBeGreaterThanOrEqual(Number(text.split(' ')[0]))
  }
})
