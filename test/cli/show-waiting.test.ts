import { expect, test } from 'vitest'
import type { CommandIo } from '../../topology/cli/command.ts'
import { showWaiting } from '../../topology/cli/show-waiting.ts'
import { createTalk } from '../../topology/cli/talk.ts'
import { systemRandom } from '../../topology/engine/shell/system-clock.ts'
import { drive } from '../../topology/testing/drive.ts'
import { createVirtualClock } from '../../topology/testing/virtual-clock.ts'
import { bytes } from './cli-world.ts'

/** What is on stderr of a command that works for so long. */
const shown = async (ms: number, isLive: boolean): Promise<string> => {
  const clock = createVirtualClock()
  let stderr = ''
  const io: CommandIo = {
    print: () => Promise.resolve(),
    talk: (chunk) => {
      stderr += chunk
    },
    ...{ stdin: bytes(''), env: {}, folder: '/', clock, random: systemRandom, isLive, columns: 100 },
    ...{ signal: new AbortController().signal, colour: { stdout: false, stderr: false } },
  }
  const waiting = showWaiting(io, createTalk(io, 'info'), 'reading rows')
  await drive(clock, clock.sleep(ms))
  await waiting.end()
  await waiting.end()
  return stderr
}

test('work of more than a second is shown on a terminal, and the line goes with its end', async () => {
  expect(await shown(2_500, true)).toBe('\r\x1b[Kreading rows, 1 s\r\x1b[Kreading rows, 2 s\r\x1b[K')
  expect([await shown(900, true), await shown(5_000, false)]).toEqual(['', ''])
})
