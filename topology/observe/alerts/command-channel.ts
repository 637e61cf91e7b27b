/**
 * Alerts by a program of the user's own: it gets the message as JSON on its input, and says by its exit code whether
 * somebody was told. Its arguments go to it as they are; no shell reads them, and nothing of an alert is among them.
 */
import { spawn } from 'node:child_process'
import { basename } from 'node:path'
import { shortText } from '../../model/short-text.ts'
import type { AlertChannel } from './alert-channel.ts'
import type { CommandSettings } from './alert-settings.ts'

// Enough for one line of its complaint.
const saidMax = 2_000

export const commandChannel = ({ words }: Omit<CommandSettings, 'kind'>): AlertChannel => ({
  name: `command ${shortText(basename(words[0] ?? ''))}`,
  send: (message, signal) => runProgram(words, `${JSON.stringify(message)}\n`, signal),
})

const runProgram = ([program = '', ...rest]: readonly string[], input: string, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      stdio: ['pipe', 'ignore', 'pipe'],
      shell: false,
      signal,
      killSignal: 'SIGKILL',
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < saidMax) said += text
    })
    // One that does not read its input is no failure by itself.
    child.stdin.on('error', () => undefined).end(input)
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(new Error(signal.aborted ? 'it does not end in time' : `it cannot be started (${error.code ?? 'error'})`)),
    )
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`it ends with ${code ?? 'a signal'}${said === '' ? '' : `: ${shortText(lastLine(said))}`}`))
    })
  })

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''
