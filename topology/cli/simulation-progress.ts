/** The line of progress of a simulation on a terminal: share done, histories, rate. Off a terminal it does nothing. */
import type { SimulationProgress } from '../testing/simulation/play-seeds.ts'
import type { CommandIo } from './command.ts'
import type { Talk } from './talk.ts'
import { bar, formatNumber, plural } from './text-table.ts'

const everyMs = 200
const barWidth = 24

export const simulationProgress = (io: CommandIo, talk: Talk, of: number): ((state: SimulationProgress) => void) => {
  const startMs = io.clock.nowMs()
  let toldMs = startMs
  return ({ histories, shrinking }) => {
    const nowMs = io.clock.nowMs()
    if (!io.isLive || nowMs - toldMs < everyMs) return
    toldMs = nowMs
    if (shrinking !== undefined) {
      const { seed, plays } = shrinking
      talk.progress(`seed ${seed} fails: looking for the shortest history that still does, ${plural(plays, 'play')}`)
      return
    }
    const share = Math.min(1, histories / of)
    const rate = Math.round((histories * 1_000) / Math.max(1, nowMs - startMs))
    const head = `${bar(share, barWidth).padEnd(barWidth, '░')} ${String(Math.floor(share * 100)).padStart(3)} %`
    talk.progress(
      `${head}  ${formatNumber(histories)} of ${formatNumber(of)} histories, ${formatNumber(rate)} a second`,
    )
  }
}
