/** What a process can be asked about itself: memory, and how busy and how late its event loop is. */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import type { ProcessMeasures } from './engine/shell/meters.ts'
import type { Clock } from './model/ports/clock.ts'

// Fine enough for a bound of 100 ms, and some fifty wake-ups a second.
const resolutionMs = 20

/** `end`: nobody asks any more. */
export const measureProcess = (): ProcessMeasures & { end(): void } => {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs })
  delays.enable()
  let used = performance.eventLoopUtilization()
  return {
    pid: process.pid,
    stopwatch: () => performance.now(),
    rssBytes: () => process.memoryUsage.rss(),
    loopDelayMs: () => {
      const longestMs = Math.max(0, delays.max / 1e6 - resolutionMs)
      delays.reset()
      return Math.round(longestMs)
    },
    loopUsedRatio: () => {
      const now = performance.eventLoopUtilization()
      const { utilization } = performance.eventLoopUtilization(now, used)
      used = now
      return utilization
    },
    end: () => delays.disable(),
  }
}

/** Of a run whose time is not the machine's: nothing is known but time. */
export const measuresOf = (clock: Clock): ProcessMeasures & { end(): void } => ({
  pid: process.pid,
  stopwatch: () => clock.nowMs(),
  rssBytes: () => 0,
  loopDelayMs: () => 0,
  end: () => undefined,
})
