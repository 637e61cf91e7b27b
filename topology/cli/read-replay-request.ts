/** What a replay is asked for on the command line; everything that is wrong with it becomes a problem of its option. */
import { readTimeframe, type Timeframe } from '../../operators/query/timeframe.ts'
import { utc } from '../../operators/query/zone.ts'
import { parseTime } from '../model/event-time.ts'
import type { ReplayRequest } from '../model/ledger-document.ts'
import { namespaceProblem } from '../model/namespace.ts'
import { messageOf } from '../model/spillway-error.ts'
import type { CommandIo } from './command.ts'
import type { CommandInput } from './command-input.ts'

export interface AskedReplay {
  readonly request: ReplayRequest
  /** Records a second over all partitions; `null`: no limit; absent: as it was. */
  readonly rate?: number | null
}

export const readReplayRequest = (io: CommandIo, input: CommandInput): AskedReplay => {
  const follows = input.flag('follow')
  const fromMs = follows && input.text('from') === undefined ? 0 : readTime(input, 'from')
  if (follows && input.text('to') !== undefined)
    input.note({ at: '--to', text: 'does not stand beside --follow: what follows has no end' })
  const toMs = follows ? null : readTime(input, 'to')
  if (toMs !== null && fromMs >= toMs)
    input.note({ at: '--to', text: 'does not lie behind --from: the range would be empty' })
  const namespace = input.text('into') ?? ''
  const problem = namespace === '' ? 'is missing' : namespaceProblem(namespace)
  if (problem !== undefined) input.note({ at: '--into', text: problem })
  const tenant = input.text('tenant')
  const timeframe = input.parsed<Timeframe>('timeframe', (text) => readFrame(text, io.clock.nowMs()))
  const rate = input.parsed<number | 'none'>('rate', readRate)
  return {
    request: {
      namespace,
      fromMs,
      toMs,
      ...(tenant === undefined ? {} : { tenant }),
      ...(timeframe === undefined ? {} : { timeframe }),
    },
    ...(rate === undefined ? {} : { rate: rate === 'none' ? null : rate }),
  }
}

const thousands: Readonly<Record<string, number>> = { '': 1, k: 1_000, m: 1_000_000 }

/** `500`, `5K`, `2.5M`, `none`. */
const readRate = (text: string): number | 'none' | { readonly problem: string } => {
  if (text === 'none') return 'none'
  const [, digits, suffix = ''] = /^(\d+(?:\.\d+)?)([km]?)$/i.exec(text) ?? []
  const rate = Number(digits) * (thousands[suffix.toLowerCase()] ?? 1)
  if (digits !== undefined && rate > 0) return rate
  return { problem: `${JSON.stringify(text)} is no rate: write records a second, such as 500, 5K or 2M, or none` }
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
  const hint = text === undefined ? { hint: 'Or --follow: it goes on with what comes.' } : {}
  input.note({ at: `--${name}`, text: problem, ...hint })
  return Number.NaN
}
