/**
 * A replay beside a running topology: that run takes its sinks up from the ledger, and the ledger tells how far they are.
 * Ends now and then without being done, so that the command can run the topology itself when that run is gone.
 */
import type { Ledger } from '../model/ports/ledger.ts'
import type { ReplayPlan } from '../plan-replay.ts'
import type { CommandIo } from './command.ts'
import { committedIn, readReplay, replayShare } from './replay-report.ts'
import type { Talk } from './talk.ts'
import { bar, formatDuration, formatNumber } from './text-table.ts'

const lookEveryMs = 500
// The run may have ended: then nobody serves the replay, and it costs little to try.
const looksPerRound = 6
const barWidth = 24
// A rate is told over half a minute: commits of objects come minutes apart, those of rows every second.
const paceLooks = 60

/** How fast it has been of late. */
export class ReplayPace {
  readonly #looks: { readonly atMs: number; readonly committed: number }[] = []

  /** Offsets a second; 0 at first. */
  note(atMs: number, committed: number): number {
    this.#looks.push({ atMs, committed })
    if (this.#looks.length > paceLooks) this.#looks.shift()
    const first = this.#looks[0]!
    return atMs <= first.atMs ? 0 : ((committed - first.committed) * 1_000) / (atMs - first.atMs)
  }
}

/** Resolves when the replay is done, or after a few seconds, or when the command is to end. */
export const watchReplay = async (
  io: CommandIo,
  talk: Talk,
  ledger: Ledger,
  planned: ReplayPlan,
  pace: ReplayPace,
): Promise<void> => {
  try {
    for (let look = 0; look < looksPerRound && !io.signal.aborted; look++) {
      const report = await readReplay(ledger, planned, 'open')
      if (report.state === 'done') return
      const { committed, offsets } = committedIn(report)
      const perSecond = pace.note(io.clock.nowMs(), committed)
      const share = replayShare(report)
      const shown = bar(share, barWidth).padEnd(barWidth, '░')
      const left = perSecond > 0 ? `, about ${formatDuration(((offsets - committed) * 1_000) / perSecond)} left` : ''
      const counts = `${formatNumber(committed)} of ${formatNumber(offsets)} records, ${formatNumber(Math.round(perSecond))} a second${left}`
      talk.progress(`${shown} ${String(Math.floor(share * 100)).padStart(3)} %  ${counts}`)
      await io.clock.sleep(lookEveryMs, io.signal)
    }
  } finally {
    talk.clear()
  }
}
