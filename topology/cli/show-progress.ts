/** The line of progress of a run on a terminal: share done, records, rate, lag. Off a terminal it does nothing. */
import type { RunHandle, TopologyStatus } from '../model/run-handle.ts'
import type { CommandIo } from './command.ts'
import type { Talk } from './talk.ts'
import { bar, formatNumber } from './text-table.ts'

const everyMs = 200
const barWidth = 24
// Rates are told over this many steps: 2 s are calm and still follow a change.
const rateSteps = 10

export const showProgress = (
  io: CommandIo,
  talk: Talk,
  handle: RunHandle,
  untilCaughtUp: boolean,
): { end(): Promise<void> } => {
  const over = new AbortController()
  const loop = async (): Promise<void> => {
    const first = positionOf(handle.status())
    let most = Math.max(1, first.open)
    const steps = [{ atMs: io.clock.nowMs(), read: first.read }]
    while (!over.signal.aborted) {
      await io.clock.sleep(everyMs, over.signal)
      if (over.signal.aborted) break
      const { read, lag, held, open } = positionOf(handle.status())
      most = Math.max(most, open)
      const nowMs = io.clock.nowMs()
      steps.push({ atMs: nowMs, read })
      if (steps.length > rateSteps) steps.shift()
      const { atMs, read: before } = steps[0]!
      const rate = Math.round(((read - before) * 1_000) / Math.max(1, nowMs - atMs))
      const share = 1 - open / most
      const head = untilCaughtUp
        ? `${bar(share, barWidth).padEnd(barWidth, '░')} ${String(Math.floor(share * 100)).padStart(3)} %  `
        : ''
      const counts = `${formatNumber(read - first.read)} records, ${formatNumber(rate)} a second`
      talk.progress(`${head}${counts}, lag ${formatNumber(lag)}, held ${formatNumber(held)}`)
    }
    talk.clear()
  }
  const shown = io.isLive ? loop() : Promise.resolve()
  return {
    end: async () => {
      over.abort()
      await shown
    },
  }
}

interface RunPosition {
  /** Records read by the sink that has read most. */
  readonly read: number
  /** Of the sink that is furthest behind. */
  readonly lag: number
  readonly held: number
  /** Lag and held of all sinks together: what is still to do. */
  readonly open: number
}

const positionOf = (status: TopologyStatus): RunPosition => {
  const bySink = new Map<string, { read: number; lag: number; held: number }>()
  for (const [name, { counters }] of Object.entries(status.sinks))
    bySink.set(name, { read: counters.received, lag: 0, held: 0 })
  for (const lane of status.lanes) {
    const sink = bySink.get(lane.sink)
    if (sink === undefined) continue
    sink.read += lane.position - lane.at
    sink.lag += lane.lagEvents
    sink.held += lane.heldEvents
  }
  let [read, lag, held, open] = [0, 0, 0, 0]
  for (const sink of bySink.values()) {
    read = Math.max(read, sink.read)
    lag = Math.max(lag, sink.lag)
    held = Math.max(held, sink.held)
    open += sink.lag + sink.held
  }
  return { read, lag, held, open }
}
