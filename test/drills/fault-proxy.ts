/**
 * Stands between a client and an HTTP server and does what networks and busy servers do: refuses, breaks off, answers
 * late, answers half, fails after the request took effect. What it does is told by a plan: by a script or by a seed.
 *
 * Headers go on as they came, the Host too, so that signed requests stay valid.
 */
import { Agent, createServer, type IncomingMessage, request as openRequest, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export type Fault =
  | 'pass'
  /** The connection ends before the server sees anything. */
  | 'resetBefore'
  /** The request takes effect, and its answer is lost. */
  | 'resetAfter'
  /** The request takes effect, and the answer is a 500. */
  | 'errorAfter'
  /** The server sees half of the body, then the connection ends. */
  | 'halfRequest'
  /** The client sees half of the answer, then the connection ends. */
  | 'halfResponse'
  /** The answer comes after `slowMs`. */
  | 'slow'
  /** No answer ever, and the server sees nothing. */
  | 'hang'
  /** A refusal by a condition (412) is told as success, as a store does that does not know conditions. */
  | 'ignoreCondition'
  /** An answer of S3's kind, and the server sees nothing. */
  | { readonly status: number; readonly code: string }

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly byteLength: number
}

export type FaultPlan = (request: SeenRequest) => Fault

export const slowDown: Fault = { status: 503, code: 'SlowDown' }
export const tooMany: Fault = { status: 429, code: 'TooManyRequests' }
export const internalError: Fault = { status: 500, code: 'InternalError' }
export const accessDenied: Fault = { status: 403, code: 'AccessDenied' }
export const conflict: Fault = { status: 409, code: 'ConditionalRequestConflict' }

/** One fault after the other for the requests that are meant, then none. */
export const scriptedFaults = (
  faults: readonly Fault[],
  isMeant: (request: SeenRequest) => boolean = () => true,
): FaultPlan => {
  const left = [...faults]
  return (request) => (isMeant(request) ? (left.shift() ?? 'pass') : 'pass')
}

/** Each request has the chance to meet one of the faults; the same seed draws the same numbers. */
export const seededFaults = (seed: number, chance: number, faults: readonly Fault[]): FaultPlan => {
  let state = seed >>> 0
  const next = (): number => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return () => (next() < chance ? faults[Math.floor(next() * faults.length)]! : 'pass')
}

export interface FaultProxyOptions {
  /** `http://HOST:PORT` of the server. */
  readonly target: string
  /** Default: everything passes. */
  readonly plan?: FaultPlan
  readonly slowMs?: number
}

export class FaultProxy {
  plan: FaultPlan
  /** What came, with what was done about it. */
  readonly seen: (SeenRequest & { readonly fault: Fault })[] = []
  readonly #target: URL
  readonly #slowMs: number
  readonly #agent = new Agent({ keepAlive: true })
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch(() => response.destroy())
  })

  constructor({ target, plan = () => 'pass', slowMs = 300 }: FaultProxyOptions) {
    this.#target = new URL(target)
    this.#slowMs = slowMs
    this.plan = plan
  }

  /** `http://127.0.0.1:PORT` */
  get url(): string {
    const address = this.#server.address() as AddressInfo // it listens on TCP
    return `http://127.0.0.1:${address.port}`
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    this.#agent.destroy()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bytesOf(request)
    const { method = 'GET', url: path = '/', headers } = request
    const seen: SeenRequest = { method, path, headers, byteLength: body.length }
    const fault = this.plan(seen)
    this.seen.push({ ...seen, fault })
    if (fault === 'hang') return
    if (fault === 'resetBefore') return void response.destroy()
    if (typeof fault === 'object') return sendError(response, fault.status, fault.code)
    if (fault === 'halfRequest') {
      // Half of nothing would be the whole request.
      if (body.length > 0) await this.#forwardHalf(request, body)
      return void response.destroy()
    }
    const answer = await this.#forward(request, body)
    if (fault === 'resetAfter') return void response.destroy()
    if (fault === 'errorAfter') return sendError(response, 500, 'InternalError')
    if (fault === 'slow') await sleep(this.#slowMs)
    if (fault === 'ignoreCondition' && answer.status === 412) return sendSuccess(response)
    response.writeHead(answer.status, answer.rawHeaders)
    if (fault !== 'halfResponse') return void response.end(answer.body)
    if (answer.body.length > 1) response.write(answer.body.subarray(0, answer.body.length >> 1))
    else response.flushHeaders()
    setImmediate(() => response.destroy())
  }

  #open(from: IncomingMessage, answered: (answer: IncomingMessage) => void): ReturnType<typeof openRequest> {
    const { hostname, port } = this.#target
    const { method, url: path, rawHeaders: headers } = from
    return openRequest({ hostname, port, method, path, headers, agent: this.#agent, setHost: false }, answered)
  }

  async #forward(from: IncomingMessage, body: Buffer): Promise<Answer> {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      this.#open(from, resolve).on('error', reject).end(body)
    })
    return { status: answer.statusCode ?? 500, rawHeaders: answer.rawHeaders, body: await bytesOf(answer) }
  }

  /** Ends once the server has seen the half. */
  #forwardHalf(from: IncomingMessage, body: Buffer): Promise<void> {
    return new Promise((resolve) => {
      const half = this.#open(from, () => resolve()).on('error', () => resolve())
      half.flushHeaders()
      half.write(body.subarray(0, body.length >> 1), () => {
        half.destroy()
        resolve()
      })
    })
  }
}

interface Answer {
  readonly status: number
  readonly rawHeaders: string[]
  readonly body: Buffer
}

const bytesOf = async (message: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const sendError = (response: ServerResponse, status: number, code: string): void => {
  const text = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>by the proxy</Message></Error>`
  const headers = { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(text) }
  response.writeHead(status, headers).end(text)
}

/** What a put and the completion of an upload answer. */
const sendSuccess = (response: ServerResponse): void => {
  const text = '<CompleteMultipartUploadResult><ETag>"0"</ETag></CompleteMultipartUploadResult>'
  response.writeHead(200, { etag: '"0"', 'content-length': Buffer.byteLength(text) }).end(text)
}
