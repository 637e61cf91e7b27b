/** From a second on, a live terminal shows that a command works, and for how long. Off a terminal it does nothing. */
import type { CommandIo } from './command.ts'
import type { Talk } from './talk.ts'

export interface ShownWait {
  /** Takes the line away; may be called again. */
  end(): Promise<void>
}

export const showWaiting = (io: CommandIo, talk: Talk, text: string): ShownWait => {
  const over = new AbortController()
  const show = async (): Promise<void> => {
    if (!io.isLive) return
    for (let seconds = 1; ; seconds += 1) {
      await io.clock.sleep(1_000, over.signal)
      if (over.signal.aborted) break
      talk.progress(`${text}, ${seconds} s`)
    }
    talk.clear()
  }
  const showing = show()
  return {
    end: () => {
      over.abort()
      return showing
    },
  }
}
