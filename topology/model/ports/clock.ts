/** Time as the engine sees it. Production reads the system; tests and the simulation move it by hand. */
export interface Clock {
  /** Milliseconds since 1970. May jump: use it for ages and stamps that people read, never for order. */
  nowMs(): number
  /** Resolves after `ms`, or at once (never rejecting) when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
