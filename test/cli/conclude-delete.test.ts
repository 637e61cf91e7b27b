/** What is said when a delete breaks while it is written. */
import { expect, test } from 'vitest'
import type { StoredRequest } from '../../sinks/rows/delete-requests.ts'
import type { CommandIo } from '../../topology/cli/command.ts'
import { CommandInput } from '../../topology/cli/command-input.ts'
import { tellingHowToComplete } from '../../topology/cli/conclude-delete.ts'
import { systemClock, systemRandom } from '../../topology/engine/shell/system-clock.ts'
import { bytes } from './cli-world.ts'

const stored: StoredRequest = {
  ...{ id: 'gone', requestedAtMs: 0, project: 'shop', collection: 'visits', class: 'scan' },
  ...{ request: '{"collection":"visits","project":"shop"}', recordsTotal: 4, written: [], revision: 1 },
}

/** What is said when the disk is full, by what the desk finds of the request afterwards. */
const said = async (find: () => Promise<StoredRequest | undefined>): Promise<string> => {
  let stderr = ''
  const io: CommandIo = {
    print: () => Promise.resolve(),
    talk: (chunk) => {
      stderr += chunk
    },
    ...{ stdin: bytes(''), env: {}, folder: '/', clock: systemClock, random: systemRandom },
    ...{ signal: new AbortController().signal, isLive: false, columns: 100 },
    colour: { stdout: false, stderr: false },
  }
  const write = (): Promise<never> => Promise.reject(new Error('disk full'))
  const broken = tellingHowToComplete(io, new CommandInput([], {}), { find }, 'gone', write)
  await expect(broken).rejects.toThrow('disk full')
  return stderr
}

test('a request that has its row is completed by its id; one without was never written, and nobody is sent after it', async () => {
  expect(await said(async () => stored)).toContain('`topology delete --id gone` completes it')
  expect(await said(async () => undefined)).toBe('error: delete gone was not written; nothing has changed\n')
  expect(await said(() => Promise.reject(new Error('locked')))).toContain('cannot be told now')
})
