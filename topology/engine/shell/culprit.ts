/**
 * Which of a run's resources an error came from. What a sink or a delete meets may be the rows or the objects, and its
 * error does not say which; so the ports are wrapped once, and an error is remembered with the port that it came out of.
 */
import type { Resources, WaitingFor } from '../../model/run-handle.ts'

export type Culprit = Pick<WaitingFor, 'resource' | 'name'>

/** Hears how each call of a port has ended; without an error it was answered. */
export interface CallsHeard {
  ended(culprit: Culprit, error?: unknown): void
}

const known = new WeakMap<object, Culprit>()

/** `undefined`: it came from elsewhere, a bolt for example. */
export const culpritOf = (error: unknown): Culprit | undefined =>
  typeof error === 'object' && error !== null ? known.get(error) : undefined

/** The same ports; what they throw is known by `culpritOf`, and how each call ends is heard. */
export const blamed = (resources: Resources, heard?: CallsHeard): Resources => {
  const watched = <Port extends object>(port: Port, culprit: Culprit): Port => watchedPort(port, { culprit, heard })
  const { logs, rows, objects, ledger } = resources
  const blamedLogs = Object.entries(logs).map(([spout, log]) => [
    spout,
    watched(log, { resource: 'log', name: log.topic }),
  ])
  return {
    ...resources,
    logs: Object.fromEntries(blamedLogs),
    rows: watched(rows, { resource: 'rows', name: rows.name }),
    objects: watched(objects, { resource: 'objects', name: objects.name }),
    // It lives beside the rows and has no name of its own.
    ledger: watched(ledger, { resource: 'ledger', name: rows.name }),
  }
}

/** For an answer that is no error of the port, and yet its fault. */
export const blamedOn = <Thrown extends object>(error: Thrown, culprit: Culprit): Thrown => {
  known.set(error, culprit)
  return error
}

interface Watch {
  readonly culprit: Culprit
  readonly heard: CallsHeard | undefined
}

const watchedPort = <Port extends object>(port: Port, watch: Watch): Port => {
  const methods = new Map<PropertyKey, unknown>()
  return new Proxy(port, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key, target)
      if (typeof member !== 'function') return member
      if (!methods.has(key)) methods.set(key, (...values: unknown[]) => blame(member.apply(target, values), watch))
      return methods.get(key)
    },
  })
}

/** Errors of a promise or of what an iteration gives. */
const blame = (answer: unknown, watch: Watch): unknown => {
  if (answer instanceof Promise)
    return answer.then(
      (value: unknown) => {
        watch.heard?.ended(watch.culprit)
        return value
      },
      (error: unknown) => note(error, watch),
    )
  if (typeof answer !== 'object' || answer === null || !(Symbol.asyncIterator in answer)) return answer
  return blamedItems(answer as AsyncIterable<unknown>, watch) // what has the member is one
}

async function* blamedItems(items: AsyncIterable<unknown>, watch: Watch): AsyncGenerator<unknown, void, undefined> {
  try {
    for await (const item of items) {
      watch.heard?.ended(watch.culprit)
      yield item
    }
  } catch (error) {
    note(error, watch)
  }
}

const note = (error: unknown, { culprit, heard }: Watch): never => {
  if (typeof error === 'object' && error !== null) known.set(error, culprit)
  heard?.ended(culprit, error)
  throw error
}
