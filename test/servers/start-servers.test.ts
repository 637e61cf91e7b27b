/** Servers of one's own: killed, frozen and started again as drills do it, with the one that boots fastest. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tempFolders } from '../conformance/temp-folder.ts'
import { serverAnswers } from './server-answers.ts'
import type { Server } from './server-kinds.ts'
import { serverOf } from './server-of.ts'
import { type StartedServers, serverWay, startServers } from './start-servers.ts'

const newFolder = tempFolders()
const canStart = serverOf('s3') !== undefined && !('missing' in serverWay(['s3']))
const isAnswering = ({ kind, port }: Server): Promise<boolean> => serverAnswers(kind, port)

describe.skipIf(!canStart)('a server of its own', () => {
  let servers: StartedServers
  let folder: string
  beforeAll(async () => {
    folder = newFolder()
    servers = await startServers({ kinds: ['s3'], folder })
  }, 300_000)
  afterAll(() => servers?.stop())

  test('is none of the shared ones, and tells where it is', () => {
    const own = serverOf('s3', servers.env)
    expect(own?.endpoint).toBe(`http://127.0.0.1:${servers.get('s3').port}`)
    expect(own?.endpoint).not.toBe(serverOf('s3')?.endpoint)
    expect(() => servers.get('kafka')).toThrow('kafka was not started')
  })

  test('is gone when it was killed, and back on the same port when it was restarted', async () => {
    const server = servers.get('s3')
    await server.kill()
    expect(await isAnswering(server)).toBe(false)
    await server.restart()
    expect(await isAnswering(server)).toBe(true)
  })

  test('answers nothing while it is frozen', async () => {
    const server = servers.get('s3')
    server.freeze()
    const answer = isAnswering(server)
    const first = await Promise.race([answer, new Promise((resolve) => setTimeout(() => resolve('silence'), 300))])
    server.thaw()
    expect([first, await answer]).toEqual(['silence', true])
  })

  test('leaves nothing behind when it is stopped', async () => {
    const [other] = (await startServers({ kinds: ['s3'], folder })).all
    const path = join(folder, `s3-${other!.port}`)
    await other!.stop()
    expect([existsSync(path), await isAnswering(other!)]).toEqual([false, false])
  })
})
