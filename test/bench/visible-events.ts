/** Waits until events are visible as rows, read by a bare client as any other program would. */
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'cassandra-driver'
import { blockOf, hourOf, hourText } from '../../sinks/rows/event-table.ts'
import { eventId } from '../../topology/model/event-id.ts'
import type { AppendedRange } from '../../topology/model/ports/event-log.ts'
import { servedEnv } from './served-env.ts'

const patienceMs = 30_000
const lookEveryMs = 10

export class VisibleEvents {
  readonly #client: Client
  readonly #query: string
  readonly #everyMs: number

  private constructor(client: Client, table: string, everyMs: number) {
    this.#client = client
    this.#everyMs = everyMs
    this.#query = `SELECT body FROM ${table} WHERE project = ? AND collection = ? AND hour = ? AND log_partition = ? AND block = ? AND id = ?`
  }

  /** `everyMs`: how often each event is looked for. Who waits for many asks seldom: the store is what is measured. */
  static async in(table: string, everyMs = lookEveryMs): Promise<VisibleEvents> {
    const { contactPoint, dataCenter, keyspace } = servedEnv()
    const client = new Client({ contactPoints: [contactPoint], localDataCenter: dataCenter, keyspace })
    await client.connect()
    return new VisibleEvents(client, table, everyMs)
  }

  /** The same, once the table is there: whoever runs the topology creates it. */
  static async after(table: string, everyMs = lookEveryMs): Promise<VisibleEvents> {
    const visible = await VisibleEvents.in(table, everyMs)
    for (let waitedMs = 0; ; waitedMs += lookEveryMs) {
      const found = await visible.#client.execute(`SELECT * FROM ${table} LIMIT 1`).then(
        () => true,
        () => false,
      )
      if (found) return visible
      if (waitedMs > patienceMs) throw new Error(`there is no table ${table} after ${patienceMs} ms`)
      await pause(lookEveryMs)
    }
  }

  /** How long it took from now, ms. Throws when it takes half a minute. */
  async wait({ partition, offset }: AppendedRange, timeMs: number, project = 'shop'): Promise<number> {
    const sinceMs = performance.now()
    const id = eventId(timeMs, partition, offset)
    const key = [project, 'purchases', hourText(hourOf(timeMs)), partition, blockOf(offset), id]
    for (;;) {
      const { rowLength } = await this.#client.execute(this.#query, key, { prepare: true })
      const waitedMs = performance.now() - sinceMs
      if (rowLength > 0) return waitedMs
      if (waitedMs > patienceMs)
        throw new Error(`event ${id} of partition ${partition} is not visible after ${patienceMs} ms`)
      await pause(this.#everyMs)
    }
  }

  close(): Promise<void> {
    return this.#client.shutdown()
  }
}
