/**
 * A replay beside a running topology: that run takes its sinks up from the ledger, and the ledger tells how far they are.
 * Ends now and then without being done, so that the command can run the topology itself when that run is gone.
 */
import type { ReplayPlan } from '../begin-replay.ts'
import type { Ledger } from '../model/ports/ledger.ts'
import type { CommandIo } from './command.ts'
import { readReplay, replayShare } from './replay-report.ts'
import type { Talk } from './talk.ts'
import { bar } from './text-table.ts'

const lookEveryMs = 500
// The run may have ended: then nobody serves the replay, and it costs little to try.
const looksPerRound = 6
const barWidth = 24

/** Resolves when the replay is done, or after a few seconds, or when the command is to end. */
export const watchReplay = async (io: CommandIo, talk: Talk, ledger: Ledger, planned: ReplayPlan): Promise<void> => {
  try {
    for (let look = 0; look < looksPerRound && !io.signal.aborted; look++) {
      const report = await readReplay(ledger, planned, 'open')
      if (report.state === 'done') return
      const share = replayShare(report)
      const shown = bar(share, barWidth).padEnd(barWidth, '░')
      talk.progress(`${shown} ${String(Math.floor(share * 100)).padStart(3)} %`)
      await io.clock.sleep(lookEveryMs, io.signal)
    }
  } finally {
    talk.clear()
  }
}
