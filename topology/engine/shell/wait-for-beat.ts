/** Waits for the partition's pulse, but no longer than `ms`. */
import type { PartitionContext } from './partition-context.ts'

export const waitForBeat = async (context: PartitionContext, ms: number): Promise<void> => {
  const end = new AbortController()
  const stop = (): void => end.abort()
  context.signal.addEventListener('abort', stop, { once: true })
  await Promise.race([context.pulse.next(end.signal), context.parts.clock.sleep(ms, end.signal)])
  context.signal.removeEventListener('abort', stop)
  end.abort()
}
