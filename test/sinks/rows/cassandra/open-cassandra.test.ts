/** What a person sees when rows cannot be opened: one line, within ten seconds, without a secret. */
import { createServer, type Server } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createKeyspace, openCassandra } from '../../../../sinks/rows/cassandra/open-cassandra.ts'
import { cassandra, optionsFor, ownKeyspace } from './with-keyspace.ts'

const refusalOf = async (
  work: Promise<unknown>,
): Promise<{ readonly publicName: string; readonly message: string }> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return error as { publicName: string; message: string } // every refusal is a SpillwayError
}

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

test('a port that nobody listens at is told with the address', async () => {
  const error = await refusalOf(openCassandra({ ...optionsFor('k'), contactPoints: ['127.0.0.1:9'] }))
  expect(error.publicName).toBe('rowsUnreachable')
  expect(error.message).toContain('cassandra://127.0.0.1:9/k cannot be reached: 127.0.0.1:9: connect ECONNREFUSED')
})

test('a host that does not exist is told', async () => {
  const error = await refusalOf(openCassandra({ ...optionsFor('k'), contactPoints: ['no.such.host.invalid'] }))
  expect(error.publicName).toBe('rowsUnreachable')
  expect(error.message).toContain('no.such.host.invalid')
})

test('a server that never answers is given up', async () => {
  const sockets = new Set<{ destroy(): void }>()
  const server = createServer((socket) => sockets.add(socket))
  const port = await listen(server)
  const begun = performance.now()
  const error = await refusalOf(openCassandra({ ...optionsFor('k'), contactPoints: [`127.0.0.1:${port}`] }))
  expect(error.publicName).toBe('rowsUnreachable')
  expect(performance.now() - begun).toBeLessThan(10_000)
  for (const socket of sockets) socket.destroy()
  server.close()
})

test('a keyspace of another alphabet is refused before anything is connected', async () => {
  const error = await refusalOf(openCassandra(optionsFor('no-such')))
  expect(error.message).toContain('keyspace "no-such": 1 to 48 letters, digits or _')
})

describe.skipIf(cassandra === undefined)('on a real server', () => {
  const own = ownKeyspace()

  test('a keyspace that is not there is named, with the command that creates it', async () => {
    const error = await refusalOf(openCassandra(optionsFor('no_such_keyspace')))
    expect(error).toMatchObject({ publicName: 'keyspaceMissing', hint: expect.stringContaining('init --keyspace') })
    expect(error.message).toMatch(/there is no keyspace no_such_keyspace$/)
  })

  test('a data centre that is not there is named beside those that are', async () => {
    const error = await refusalOf(openCassandra({ ...own.options, dataCenter: 'mars' }))
    expect(error.publicName).toBe('rowsDataCenter')
    expect(error.message).toContain(`there is no data centre mars, only ${cassandra?.dataCenter}`)
  })

  test('the data centre may be left out', async () => {
    const { dataCenter: _, ...options } = own.options
    const stores = await openCassandra(options)
    await stores.close()
  })

  test('processes that begin at the same moment in a new keyspace all open it', async () => {
    const options = { ...own.options, keyspace: `${own.keyspace}_new` }
    await createKeyspace(options)
    onTestFinished(async () => void (await own.client.execute(`DROP KEYSPACE "${options.keyspace}"`)))
    const opened = await Promise.allSettled(Array.from({ length: 6 }, () => openCassandra(options)))
    for (const one of opened) if (one.status === 'fulfilled') await one.value.close()
    expect(opened.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))).toEqual([])
  }, 60_000)

  test('a keyspace is created once', async () => {
    expect(await createKeyspace(own.options)).toBe('exists')
  })

  test('rows of another format are refused', async () => {
    await own.open()
    const update = `UPDATE "${own.keyspace}".spillway_format SET value = '99' WHERE name = 'format' IF EXISTS`
    await own.client.execute(update)
    const error = await refusalOf(openCassandra(own.options))
    await own.client.execute(update.replace("'99'", "'1'"))
    expect(error.message).toContain('rows of format 99, this version reads format 2')
  })
})

const user = process.env['CASSANDRA_USERNAME']

describe.skipIf(cassandra === undefined || user === undefined)('on a server that asks who one is', () => {
  const own = ownKeyspace()

  test('a wrong password is told, and not shown', async () => {
    const error = await refusalOf(openCassandra({ ...own.options, password: 'open sesame' }))
    expect(error.publicName).toBe('rowsCredentials')
    expect(JSON.stringify(error) + error.message).not.toContain('sesame')
  })

  test('no password is told', async () => {
    const { username: _, password: __, ...options } = own.options
    const error = await refusalOf(openCassandra(options))
    expect(error.message).toContain('it wants user and password')
  })

  test('a user without rights is told', async () => {
    const name = `u_${own.keyspace}`
    await own.client.execute(`CREATE ROLE ${name} WITH PASSWORD = 'open sesame' AND LOGIN = true`)
    const error = await refusalOf(openCassandra({ ...own.options, username: name, password: 'open sesame' }))
    await own.client.execute(`DROP ROLE ${name}`)
    expect(error.publicName).toBe('rowsRights')
    expect(error.message).not.toContain('sesame')
  })
})
