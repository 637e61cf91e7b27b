/**
 * What each tenant causes in one partition: records, bytes, CPU time and deletes, by class of lanes. Counted once per
 * batch, whatever number of lanes share it.
 *
 * Tenants come from data, so their number is bounded: where there are too many, those that brought least since the last
 * report are told together.
 */
import type { DecodedBatch } from '../../model/decoder.ts'
import type { LaneClass } from '../../model/lane-permit.ts'
import type { RecordBatch } from '../../model/record.ts'
import type { TenantReport } from '../../model/work-report.ts'
import { TenantOperations } from '../tenants/tenant-operations.ts'
import { otherTenants } from '../tenants/tenant-rates.ts'

// Of one class in one partition: 200 partitions with two classes tell at most some 100,000 lines.
const tenantsMax = 256

interface Count {
  readonly tenant: string
  records: number
  bytes: number
  cpuMs: number
  deletes: number
  /** Bytes since the last report. */
  recentBytes: number
}

/** What one batch has brought, so that its cost can be charged. */
export interface TenantsOfBatch {
  /** CPU time that the batch has cost, beside what was noted before. */
  note(cpuMs: number): void
}

export class TenantMeter {
  readonly #place: { readonly spout: string; readonly partition: number }
  readonly #counts = new Map<LaneClass, Map<string, Count>>()
  /** Offsets of live lanes below are counted: lanes that stand apart read the same records again. */
  #countedTo = 0
  readonly #operations = new TenantOperations()
  /** Append time of the newest record that was counted. */
  #newestMs = 0

  constructor(spout: string, partition: number) {
    this.#place = { spout, partition }
  }

  /** Counts a batch that was brought to its lanes. */
  count(laneClass: LaneClass, batch: RecordBatch, { events, deletes }: DecodedBatch, cpuMs: number): TenantsOfBatch {
    if (laneClass === 'live' && batch.to <= this.#countedTo) return notCounted
    if (laneClass === 'live') this.#countedTo = batch.to
    const counts = this.#of(laneClass)
    const found = countsOf(counts, batch, events)
    if (laneClass !== 'replay') this.#operations.see(batch, { events, deletes })
    this.#newestMs = Math.max(this.#newestMs, batch.records.at(-1)?.appendTimeMs ?? 0)
    for (const { request } of deletes) {
      const { project } = request
      countOf(counts, typeof project === 'string' ? project : 'default').deletes += 1
    }
    // Once per batch: who looks while events are counted is not put together with others.
    if (counts.size > tenantsMax) fold(counts)
    const whole = found.reduce((sum, { bytes }) => sum + bytes, 0) || 1
    const note = (ms: number): void => {
      for (const { count, bytes } of found) count.cpuMs += (ms * bytes) / whole
    }
    note(cpuMs)
    return { note }
  }

  report(): readonly TenantReport[] {
    const told: TenantReport[] = []
    for (const [laneClass, counts] of this.#counts) {
      for (const count of counts.values()) {
        const { tenant, records, bytes, cpuMs, deletes } = count
        count.recentBytes = 0
        const begun = laneClass === 'replay' ? [] : this.#operations.newOf(tenant, this.#newestMs)
        const news = begun.length === 0 ? {} : { newOperations: begun }
        told.push({ ...this.#place, laneClass, tenant, records, bytes, cpuMs, deletes, ...news })
      }
    }
    return told
  }

  #of(laneClass: LaneClass): Map<string, Count> {
    const known = this.#counts.get(laneClass)
    if (known !== undefined) return known
    const counts = new Map<string, Count>()
    this.#counts.set(laneClass, counts)
    return counts
  }
}

const notCounted: TenantsOfBatch = { note: () => undefined }

const countOf = (counts: Map<string, Count>, tenant: string): Count => {
  const known = counts.get(tenant)
  if (known !== undefined) return known
  const count = { tenant, records: 0, bytes: 0, cpuMs: 0, deletes: 0, recentBytes: 0 }
  counts.set(tenant, count)
  return count
}

/** Bytes of the batch by tenant. Neighbours are mostly of one: its count is looked up where the name changes. */
const countsOf = (
  counts: Map<string, Count>,
  { records }: RecordBatch,
  events: DecodedBatch['events'],
): readonly { readonly count: Count; readonly bytes: number }[] => {
  const before = new Map<Count, number>()
  const projects = events.length === 0 ? [] : events.projects()
  let at = 0
  let [tenant, count]: [string | undefined, Count | undefined] = [undefined, undefined]
  for (let index = 0; index < events.length; index++) {
    const offset = events.offsets[index]!
    while (records[at]!.offset < offset) at += 1
    const record = records[at]!
    const project = projects[index]!
    if (count === undefined || project !== tenant) {
      tenant = project
      count = countOf(counts, project)
      if (!before.has(count)) before.set(count, count.bytes)
    }
    const bytes = record.end - record.start
    count.records += 1
    count.bytes += bytes
    count.recentBytes += bytes
  }
  return [...before].map(([one, bytes]) => ({ count: one, bytes: one.bytes - bytes }))
}

/** The half that brought least becomes one line. */
const fold = (counts: Map<string, Count>): void => {
  const all = [...counts.values()].filter(({ tenant }) => tenant !== otherTenants)
  all.sort((left, right) => left.recentBytes - right.recentBytes || left.bytes - right.bytes)
  const rest = countOf(counts, otherTenants)
  for (const one of all.slice(0, Math.ceil(all.length / 2))) {
    rest.records += one.records
    rest.bytes += one.bytes
    rest.cpuMs += one.cpuMs
    rest.deletes += one.deletes
    rest.recentBytes += one.recentBytes
    counts.delete(one.tenant)
  }
}
