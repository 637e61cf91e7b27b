/** What is asked of the servers, read from the wire: one node alone cannot show what another consistency would lose (PROTOCOL section 4). */
import { createServer, connect as dial, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { emptyDocument } from '../../../../topology/engine/ledger/document.ts'
import { shelf } from '../../../../topology/testing/conformance/row-store/fixtures.ts'
import { cassandra, ownKeyspace } from './with-keyspace.ts'

const names: Readonly<Record<number, string>> = { 1: 'ONE', 6: 'LOCAL_QUORUM', 9: 'LOCAL_SERIAL', 10: 'LOCAL_ONE' }
const [query, execute, batch] = [0x07, 0x0a, 0x0d]

/** Consistency of a request of protocol 3 or 4; of conditions too, where it has one. `undefined`: one of the driver's own. */
const consistencyOf = (opcode: number, body: Buffer): string | undefined => {
  if (opcode === batch) return names[body.readUInt16BE(body.length - 3)] ?? '?'
  if (opcode !== query && opcode !== execute) return undefined
  const at = opcode === query ? 4 + body.readInt32BE(0) : 2 + body.readUInt16BE(0)
  if (opcode === query && !body.toString('utf8', 4, at).includes(' FROM "test_')) return undefined
  const flags = body[at + 2]!
  const serialAt = body.length - ((flags & 0x20) === 0 ? 2 : 10)
  const serial = (flags & 0x10) === 0 ? '' : `, ${names[body.readUInt16BE(serialAt)]}`
  return `${names[body.readUInt16BE(at)]}${serial}`
}

/** Stands between a client and the server, and notes what is asked for. */
class WireTap {
  readonly noted: string[] = []
  readonly #server: Server

  constructor(target: string) {
    const [host, port] = target.split(':')
    this.#server = createServer((client) => {
      const server = dial(Number(port ?? 9_042), host)
      let rest = Buffer.alloc(0)
      client.on('data', (bytes) => {
        rest = this.#note(Buffer.concat([rest, Buffer.from(bytes)]))
      })
      client.on('error', () => server.destroy()).pipe(server)
      server.on('error', () => client.destroy()).pipe(client)
    })
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const address = this.#server.address()
    return `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  }

  close(): void {
    this.#server.close()
  }

  #note(bytes: Buffer): Buffer<ArrayBuffer> {
    let at = 0
    while (at + 9 <= bytes.length && at + 9 + bytes.readInt32BE(at + 5) <= bytes.length) {
      const [opcode, end] = [bytes[at + 4]!, at + 9 + bytes.readInt32BE(at + 5)]
      const consistency = consistencyOf(opcode, bytes.subarray(at + 9, end))
      if (consistency !== undefined) this.noted.push(consistency)
      at = end
    }
    return Buffer.from(bytes.subarray(at))
  }
}

describe.skipIf(cassandra === undefined)('the consistency of', () => {
  const own = ownKeyspace()
  const tap = new WireTap(cassandra?.contactPoints[0] ?? '')
  let stores: Awaited<ReturnType<typeof own.open>>

  beforeAll(async () => {
    await own.open()
    stores = await own.open({ contactPoints: [await tap.listen()] })
    await stores.rows.ensureTable(shelf)
  })
  afterAll(() => tap.close())

  /** What the work asks for. */
  const asked = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
    tap.noted.length = 0
    await work()
    return [...new Set(tap.noted)]
  }

  test('rows is the quorum of the data centre, written, read and scanned', async () => {
    const { rows } = stores
    const row = ['r', 1, 1, 'l', 't']
    await rows.write(shelf, [row], 1)
    expect(await asked(() => rows.write(shelf, [row], 2))).toEqual(['LOCAL_QUORUM'])
    expect(await asked(() => rows.read(shelf, [row.slice(0, 4)]))).toEqual(['LOCAL_QUORUM, LOCAL_SERIAL'])
    expect(await asked(() => Array.fromAsync(rows.scan(shelf)))).toEqual(['LOCAL_QUORUM, LOCAL_SERIAL'])
  })

  test('the ledger is serial in the data centre: a read sees what a lost change has left half done', async () => {
    const { ledger } = stores
    const key = { topology: 't', spout: 's', partition: 0 }
    const first = { ...emptyDocument('log', 0, 0), ver: 1 }
    expect(await asked(() => ledger.compareAndSet(key, undefined, first))).toEqual(['LOCAL_QUORUM, LOCAL_SERIAL'])
    expect(await asked(() => ledger.compareAndSet(key, 1, { ...first, ver: 2 }))).toEqual([
      'LOCAL_QUORUM, LOCAL_SERIAL',
    ])
    expect(await asked(() => ledger.read(key))).toEqual(['LOCAL_SERIAL, LOCAL_SERIAL'])
  })
})
