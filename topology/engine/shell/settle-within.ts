/** Waits until what is under way has come to rest, but no longer than is good for whoever waits. */
import type { EngineParts } from './engine-parts.ts'
import type { Pulse } from './pulse.ts'
import { waitForBeat } from './wait-for-beat.ts'

/** `pulse` beats whenever something may have come to rest. */
export const settleWithin = async (
  { clock, knob }: Pick<EngineParts, 'clock' | 'knob'>,
  pulse: Pulse,
  mostMs: number,
  isSettled: () => boolean,
): Promise<void> => {
  const endMs = clock.nowMs() + mostMs
  while (!isSettled()) {
    const restMs = endMs - clock.nowMs()
    if (restMs <= 0) return
    await waitForBeat(clock, pulse, Math.min(restMs, knob('ledger.tickMs')))
  }
}
