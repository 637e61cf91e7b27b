import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createWorld } from './cli-world.ts'

const receiver = async (status: number, got: string[] = []): Promise<string> => {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += String(chunk)
    })
    request.on('end', () => {
      got.push(body)
      response.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on a port
}

test('C14: topology alert test tries every way, and says which works', async () => {
  const got: string[] = []
  const [up, down] = [await receiver(204, got), await receiver(402)]
  const world = createWorld()
  const yaml = (url: string): string =>
    `alerts:\n  webhook: \${HOOK}\n  second: {webhook: ${url}/b}\n  heartbeat: ${up}/beat\n`
  world.write('spillway.yaml', yaml(`${up}`))
  const env = { HOOK: `${up}/s3cret` }
  const well = await world.topology('alert test --json', { env })
  expect([well.exit, JSON.parse(well.stdout)]).toEqual([
    0,
    ['first', 'second', 'heartbeat'].map((use) => ({ use, channel: expect.any(String), ok: true, reason: '' })),
  ])
  expect(got.filter((body) => body !== '').map((body) => JSON.parse(body).text)).toEqual(
    Array(2).fill('[spillway] test of the alert path: nothing is wrong'),
  )
  world.write('spillway.yaml', yaml(down))
  const broken = await world.topology('alert test', { env })
  expect(broken.exit).toBe(1)
  expect(broken.stdout).toMatch(/^second +webhook 127\.0\.0\.1:\d+ +failed: it answers 402$/m)
  expect(broken.stdout).not.toContain('s3cret')
})

test('without anybody to tell it is wrong usage', async () => {
  const { exit, stderr } = await createWorld().topology('alert test')
  expect([exit, stderr]).toEqual([2, expect.stringContaining('spillway.yaml has no section alerts')])
})

test('a secret that is missing is named', async () => {
  const world = createWorld()
  world.write('spillway.yaml', `alerts: {webhook: "\${HOOK}"}\n`)
  const { exit, stderr } = await world.topology('alert test')
  expect([exit, stderr]).toEqual([2, expect.stringMatching(/\$\{HOOK\} is not set in the environment/)])
})
