import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { testMessage } from '../../../topology/observe/alerts/alert-channel.ts'
import { commandChannel } from '../../../topology/observe/alerts/command-channel.ts'
import { heartbeatChannel, webhookChannel } from '../../../topology/observe/alerts/webhook-channel.ts'
import { startMs } from '../given-snapshot.ts'

const message = testMessage({ topology: 'shop', process: 'host#1' }, startMs)
const never = new AbortController().signal

const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-channel-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

interface Receiver {
  readonly url: string
  readonly got: { readonly method: string; readonly headers: IncomingMessage['headers']; readonly body: string }[]
}

const givenReceiver = async (status = 204, headers: Record<string, string> = {}): Promise<Receiver> => {
  const got: Receiver['got'] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.on('end', () => {
      got.push({ method: request.method ?? '', headers: request.headers, body })
      if (status > 0) response.writeHead(status, headers).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/s3cret`, got } // it listens on a port
}

describe('a webhook', () => {
  test('gets the message as JSON', async () => {
    const { url, got } = await givenReceiver()
    await webhookChannel({ url, headers: { authorization: 'Bearer t' } }).send(message, never)
    expect(got).toHaveLength(1)
    expect(JSON.parse(got[0]!.body)).toEqual(message)
    expect(got[0]).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer t' },
    })
  })
  test.each([500, 302, 404])('that answers %i has not taken it', async (status) => {
    const { url } = await givenReceiver(status, { location: 'http://127.0.0.1:1/' })
    await expect(webhookChannel({ url, headers: {} }).send(message, never)).rejects.toThrow(`it answers ${status}`)
  })
  test('that is away, or never answers, tells no secret', async () => {
    const gone = webhookChannel({ url: 'http://127.0.0.1:1/s3cret', headers: {} })
    expect(gone.name).toBe('webhook 127.0.0.1:1')
    await expect(gone.send(message, never)).rejects.toThrow(
      /^it cannot be reached \(\w+\)$|^it cannot be reached \(the request failed\)$/,
    )
    const { url } = await givenReceiver(0)
    const end = new AbortController()
    const sent = webhookChannel({ url, headers: {} }).send(message, end.signal)
    end.abort()
    await expect(sent).rejects.toThrow('it does not answer in time')
  })
})

test('a heartbeat is a GET', async () => {
  const { url, got } = await givenReceiver(200)
  await heartbeatChannel({ url, headers: {}, everyMs: 60_000 }).send(message, never)
  expect(got).toMatchObject([{ method: 'GET', body: '' }])
})

describe('a command', () => {
  const script = (text: string): string => {
    const path = join(temporaryFolder(), 'notify.mjs')
    writeFileSync(path, text)
    return path
  }
  test('gets the message on its input, and its arguments as they are', async () => {
    const path = script(
      `import fs from 'node:fs'; fs.writeFileSync(process.argv[2], fs.readFileSync(0, 'utf8') + process.argv[3])`,
    )
    const out = join(temporaryFolder(), 'out')
    await commandChannel({ words: [process.execPath, path, out, '$(touch x); `id`'] }).send(message, never)
    expect(readFileSync(out, 'utf8')).toBe(`${JSON.stringify(message)}\n$(touch x); \`id\``)
  })
  test('says by its exit code whether somebody was told', async () => {
    const path = script(`console.error('first'); console.error('no such user'); process.exit(3)`)
    const channel = commandChannel({ words: [process.execPath, path] })
    await expect(channel.send(message, never)).rejects.toThrow('it ends with 3: no such user')
  })
  test('that does not exist, or does not end, is no success', async () => {
    await expect(commandChannel({ words: ['no-such-program'] }).send(message, never)).rejects.toThrow(
      'it cannot be started (ENOENT)',
    )
    const end = new AbortController()
    const sent = commandChannel({ words: [process.execPath, script('setInterval(() => {}, 1000)')] }).send(
      message,
      end.signal,
    )
    end.abort()
    await expect(sent).rejects.toThrow('it does not end in time')
  })
})
