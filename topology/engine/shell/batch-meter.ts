/** Measures what is done with the batches of one cursor: decoding, and each bolt with its CPU time and waiting apart. */
import type { DecodedBatch } from '../../model/decoder.ts'
import type { WorkClass } from '../../model/lane-permit.ts'
import type { RecordBatch } from '../../model/record.ts'
import type { BoltRuns } from '../run-bolts.ts'
import type { Meters } from './meters.ts'
import type { PartitionContext } from './partition-context.ts'
import type { TenantsOfBatch } from './tenant-meter.ts'

export class BatchMeter implements BoltRuns {
  readonly #context: Pick<PartitionContext, 'parts' | 'plan' | 'log' | 'partition' | 'tenants'>
  readonly #workClass: () => WorkClass
  /** Of the batch at hand. */
  #cpuMs = 0
  #range = ''

  constructor(
    context: Pick<PartitionContext, 'parts' | 'plan' | 'log' | 'partition' | 'tenants'>,
    workClass: () => WorkClass,
  ) {
    this.#context = context
    this.#workClass = workClass
  }

  /** Decodes the next batch; nothing in it waits. */
  decode(batch: RecordBatch, decode: () => DecodedBatch): DecodedBatch {
    const { parts, plan } = this.#context
    this.#cpuMs = 0
    const { meters } = parts
    if (meters === undefined) return decode()
    this.#range = `[${batch.from}, ${batch.to})`
    const beganMs = meters.stopwatch()
    const decoded = decode()
    const ms = meters.stopwatch() - beganMs
    this.#cpuMs = ms
    meters.stage('decode', plan.spout.name, this.#workClass()).ended(batch.records.length, batch.byteLength, ms, 0)
    return decoded
  }

  run<T>(bolt: string, records: number, work: () => T | Promise<T>): T | Promise<T> {
    const { meters } = this.#context.parts
    return meters === undefined ? work() : this.#measure(meters, bolt, records, work)
  }

  /** The batch was brought to its lanes: each tenant is charged for its share. */
  charge(batch: RecordBatch, decoded: DecodedBatch): TenantsOfBatch | undefined {
    const workClass = this.#workClass()
    if (workClass === 'delete') return undefined
    return this.#context.tenants?.count(workClass, batch, decoded, this.#cpuMs)
  }

  #measure<T>(meters: Meters, bolt: string, records: number, work: () => T | Promise<T>): T | Promise<T> {
    const meter = meters.stage('bolt', bolt, this.#workClass())
    const beganMs = meters.stopwatch()
    const spent = (): number => {
      const ms = meters.stopwatch() - beganMs
      this.#cpuMs += ms
      return ms
    }
    let result: T | Promise<T>
    try {
      result = work()
    } catch (error) {
      meter.failed(error, spent(), 0)
      throw error
    }
    const ms = spent()
    if (!(result instanceof Promise)) {
      meter.ended(records, 0, ms, 0)
      return result
    }
    const { log, partition } = this.#context
    const call = meters.open(meter, { what: `records ${this.#range} of ${log.topic}/${partition}`, partition }, ms)
    return result.then(
      (value) => {
        call.end(records)
        return value
      },
      (error: unknown) => {
        call.fail(error)
        throw error
      },
    )
  }
}
