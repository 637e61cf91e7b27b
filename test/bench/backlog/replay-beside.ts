/** `topology replay` of everything that the topic held, as a person starts it beside a run; resolves when it is done. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { bin, topologyFile } from './run-command.ts'

export interface ReplayBeside {
  readonly log: string
  readonly rows: string
  readonly topology: string
  readonly sinks: string
}

export const replayBeside = async ({ log, rows, topology, sinks }: ReplayBeside): Promise<void> => {
  const env = { ...process.env, BENCH_TOPOLOGY: topology, BENCH_SINKS: sinks, BENCH_SPIN_US: '0' }
  const to = new Date(Date.now()).toISOString()
  const range = ['--from', '2026-01-01', '--to', to, '--into', 'again']
  const child = spawn(process.execPath, [bin, 'replay', topologyFile, ...range, '--log', log, '--rows', rows], {
    stdio: ['ignore', 'ignore', process.env['BENCH_VERBOSE'] === undefined ? 'ignore' : 'inherit'],
    env,
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`the replay ended with ${code}`)
}
