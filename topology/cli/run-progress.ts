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
    let most = 1
    const steps = [{ atMs: io.clock.nowMs(), received: first.received }]
    while (!over.signal.aborted) {
      await io.clock.sleep(everyMs, over.signal)
      if (over.signal.aborted) break
      const { received, lag } = positionOf(handle.status())
      most = Math.max(most, lag)
      steps.push({ atMs: io.clock.nowMs(), received })
      if (steps.length > rateSteps) steps.shift()
      const { atMs, received: before } = steps[0]!
      const rate = Math.round(((received - before) * 1_000) / Math.max(1, io.clock.nowMs() - atMs))
      const share = 1 - lag / most
      const head = untilCaughtUp ? `${bar(share, barWidth).padEnd(barWidth, '░')} ${Math.floor(share * 100)} %  ` : ''
      talk.progress(
        `${head}${formatNumber(received - first.received)} records, ${formatNumber(rate)} a second, lag ${formatNumber(lag)}`,
      )
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

/** The sink that is furthest behind speaks for the run. */
const positionOf = (status: TopologyStatus): { readonly received: number; readonly lag: number } => {
  const bySink = new Map<string, { received: number; lag: number }>()
  for (const [name, { received }] of Object.entries(status.sinks)) bySink.set(name, { received, lag: 0 })
  for (const lane of status.lanes) {
    const sink = bySink.get(lane.sink)
    if (sink !== undefined) sink.lag += lane.lagEvents + lane.heldEvents
  }
  let slowest: { received: number; lag: number } | undefined
  for (const sink of bySink.values())
    if (
      slowest === undefined ||
      sink.lag > slowest.lag ||
      (sink.lag === slowest.lag && sink.received < slowest.received)
    )
      slowest = sink
  return slowest ?? { received: 0, lag: 0 }
}
