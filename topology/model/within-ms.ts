/** Work that somebody waits for no longer than a while: first words with servers above all, which may never answer. */
import type { Clock } from './ports/clock.ts'

/** What the work gives, or what `late` makes as an error; the work itself is not ended by that. */
export const withinMs = async <Result>(
  clock: Clock,
  ms: number,
  late: () => Error,
  work: () => Promise<Result>,
): Promise<Result> => {
  const ended = new AbortController()
  const tooLate = async (): Promise<Result> => {
    await clock.sleep(ms, ended.signal)
    throw late()
  }
  try {
    return await Promise.race([work(), tooLate()])
  } finally {
    // Nobody asks for the reason, and making one costs more than the wait.
    ended.abort('over')
  }
}
