/** The event rows of a drill as any Cassandra client reads them, without a line of the adapter. */
import type { Client } from 'cassandra-driver'
import type { LoggedLine } from './log-tally.ts'

/** `id` to everything that the row of an event says. */
export const readServedRows = async (
  client: Client,
  keyspace: string,
): Promise<readonly (readonly [string, string])[]> => {
  const found: (readonly [string, string])[] = []
  const query = `SELECT * FROM ${keyspace}."events"`
  for (let pageState: string | undefined; ; ) {
    const page = await client.execute(query, [], {
      fetchSize: 2_000,
      ...(pageState === undefined ? {} : { pageState }),
    })
    for (const row of page.rows) {
      const place = [row['log_partition'], row['collection']].map(String).join(' ')
      const times = [row['timestamp'], row['created_at']].map(String).join(' ')
      found.push([row['id'], row['dead'] === null ? `${place} ${times} ${row['body']}` : 'the mark of a delete'])
    }
    pageState = page.pageState
    if (!pageState) return found
  }
}

/** The same for what the log holds. */
export const expectedRows = (lines: readonly LoggedLine[]): ReadonlyMap<string, string> =>
  new Map(
    lines.map(({ id, place, collection, timestamp, createdAt, text }) => {
      const times = `${Date.parse(timestamp)} ${Date.parse(createdAt)}`
      return [id, `${place.split('/')[0]} ${collection} ${times} ${text}`] as const
    }),
  )
