/**
 * What `status --watch` says where nothing can be redrawn: a line on each change, and one when nothing was said for as
 * long as people may be left in the dark, also to say that nothing has changed. Pure.
 */
import type { ReadStatus } from './read-status.ts'

export class StatusVoice {
  #told: string | undefined
  #toldAtMs = 0

  /** A line, or nothing to say now. `updateMs`: the longest silence. */
  line(
    sentence: string,
    found: Pick<ReadStatus, 'state' | 'snapshot' | 'waitingFor'>,
    nowMs: number,
    updateMs: number,
  ): string | undefined {
    const mark = markOf(found)
    const isSame = this.#told === mark
    if (isSame && nowMs - this.#toldAtMs < updateMs) return undefined
    const isFirst = this.#told === undefined
    this.#told = mark
    this.#toldAtMs = nowMs
    return isFirst || !isSame ? sentence : `nothing has changed: ${sentence}`
  }

  /** The same for a look that failed. */
  failure(reason: string, nowMs: number, updateMs: number): string | undefined {
    const mark = `failed: ${reason}`
    if (this.#told === mark && nowMs - this.#toldAtMs < updateMs) return undefined
    this.#told = mark
    this.#toldAtMs = nowMs
    return `could not look: ${reason}`
  }
}

/** What a person wants to hear of when it changes: words, not figures. */
const markOf = ({ state, snapshot, waitingFor }: Pick<ReadStatus, 'state' | 'snapshot' | 'waitingFor'>): string =>
  JSON.stringify([
    state,
    snapshot?.state,
    snapshot?.verdict.kind,
    snapshot?.profile.name,
    snapshot?.branches.map((one) => [one.branch, one.state]).sort(),
    snapshot?.alerts.map((one) => [one.rule, one.subject]).sort(),
    snapshot?.dependencies.map((one) => [one.kind, one.name, one.state]),
    snapshot?.workers.map((one) => [one.worker, one.state, one.replaced]),
    snapshot?.tenants
      .filter(({ place }) => place !== 'live')
      .map((one) => [one.tenant, one.place])
      .sort(),
    snapshot?.pins.map((one) => [one.knob, one.value]),
    snapshot?.tenantRules.map((one) => [one.tenant, one.branch, one.rule, one.eventsPerSecond]),
    waitingFor.map((one) => [one.resource, one.name]),
  ])
