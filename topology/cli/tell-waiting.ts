/**
 * Tells what a run waits for: one line when a dependency has not answered for a second, one when it answers again. Every
 * lane that meets the trouble reports it by itself; a person wants to hear of the server once.
 */
import type { Clock } from '../model/ports/clock.ts'
import type { RunHandle, WaitingFor } from '../model/run-handle.ts'
import type { Talk } from './talk.ts'
import { formatDuration } from './text-table.ts'

const lookEveryMs = 1_000
/** What is repeated and then succeeds within this time is no news. */
const patientMs = 1_000

export const tellWaiting = (clock: Clock, talk: Talk, handle: Pick<RunHandle, 'status'>): { end(): Promise<void> } => {
  const over = new AbortController()
  const told = new Map<string, WaitingFor>()
  const look = async (): Promise<void> => {
    while (!over.signal.aborted) {
      tell(told, handle.status().waitingFor, clock.nowMs(), talk)
      await clock.sleep(lookEveryMs, over.signal)
    }
  }
  const looking = look()
  return {
    end: () => {
      over.abort()
      return looking
    },
  }
}

const tell = (told: Map<string, WaitingFor>, waitingFor: readonly WaitingFor[], nowMs: number, talk: Talk): void => {
  const waits = new Map(waitingFor.map((one) => [keyOf(one), one]))
  for (const [key, one] of told) {
    if (waits.has(key)) continue
    told.delete(key)
    tellBack(talk, one, nowMs)
  }
  for (const [key, one] of waits) {
    if (told.has(key) || nowMs - one.sinceMs < patientMs) continue
    told.set(key, one)
    tellAway(talk, one)
  }
}

export const tellAway = (talk: Talk, one: WaitingFor): void =>
  talk.warn(`waiting for ${waitText(one)}; work goes on by itself`)

export const tellBack = (talk: Talk, one: WaitingFor, nowMs: number): void =>
  talk.info(`${keyOf(one)} answers again after ${formatDuration(nowMs - one.sinceMs)}`)

/** The ledger lives beside the rows: one server, one line. */
const keyOf = ({ resource, name }: WaitingFor): string => `${resource === 'ledger' ? 'rows' : resource} ${name}`

/** The dependency and the reason, which may name it already. */
export const waitText = (one: WaitingFor): string => {
  const key = keyOf(one)
  const said = [key, one.name].find((name) => one.reason.startsWith(`${name}: `))
  return `${key}: ${said === undefined ? one.reason : one.reason.slice(said.length + 2)}`
}
