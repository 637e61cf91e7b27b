/** What a replay is asked for on the command line; everything that is wrong with it becomes a problem of its option. */
import { readTimeframe, type Timeframe } from '../../operators/query/timeframe.ts'
import { utc } from '../../operators/query/zone.ts'
import { parseTime } from '../model/event-time.ts'
import type { ReplayRequest } from '../model/ledger-document.ts'
import { namespaceProblem } from '../model/namespace.ts'
import { messageOf } from '../model/spillway-error.ts'
import type { CommandIo } from './command.ts'
import type { CommandInput } from './command-input.ts'

export const readReplayRequest = (io: CommandIo, input: CommandInput): ReplayRequest => {
  const [fromMs, toMs] = [readTime(input, 'from'), readTime(input, 'to')]
  if (fromMs >= toMs) input.note({ at: '--to', text: 'does not lie behind --from: the range would be empty' })
  const namespace = input.text('into') ?? ''
  const problem = namespace === '' ? 'is missing' : namespaceProblem(namespace)
  if (problem !== undefined) input.note({ at: '--into', text: problem })
  const tenant = input.text('tenant')
  const timeframe = input.parsed<Timeframe>('timeframe', (text) => readFrame(text, io.clock.nowMs()))
  return {
    namespace,
    fromMs,
    toMs,
    ...(tenant === undefined ? {} : { tenant }),
    ...(timeframe === undefined ? {} : { timeframe }),
  }
}

const readFrame = (text: string, nowMs: number): Timeframe | { readonly problem: string } => {
  // The same command goes on with a replay that was broken off, also tomorrow.
  if (!text.includes('/')) return { problem: `${JSON.stringify(text)} moves with time; write START/END in ISO 8601` }
  try {
    return readTimeframe(text, nowMs, utc)
  } catch (error) {
    return { problem: messageOf(error) }
  }
}

const readTime = (input: CommandInput, name: 'from' | 'to'): number => {
  const text = input.text(name)
  const timeMs = text === undefined ? undefined : parseTime(text)
  if (timeMs !== undefined) return timeMs
  const problem = text === undefined ? 'is missing' : `${JSON.stringify(text)} is no time; write ISO 8601`
  input.note({ at: `--${name}`, text: problem })
  return Number.NaN
}
