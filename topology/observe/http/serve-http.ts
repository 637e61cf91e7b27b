/**
 * The one server: answers what it is told to answer, and nothing that a client does holds it. In the supervisor's
 * process, which runs no user code, so it answers whatever workers do.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { errors } from '../../model/errors.ts'
import { messageOf } from '../../model/spillway-error.ts'
import type { HttpAnswer, HttpRequest } from './answer-request.ts'
import { type HttpAddress, isOwnHost } from './http-address.ts'

export interface HttpServing {
  /** `http://127.0.0.1:9090`, with the port that was given out. */
  readonly url: string
  end(): Promise<void>
}

const clientMs = 10_000
const connectionsMax = 256

/** Throws (class `stop`) when it cannot listen there. */
export const serveHttp = async (
  address: HttpAddress,
  answer: (request: HttpRequest) => HttpAnswer,
): Promise<HttpServing> => {
  const server = createServer((request, response) => respond(address, answer, request, response))
  // A client that never ends its request, or never reads, is let go.
  server.headersTimeout = clientMs
  server.requestTimeout = clientMs
  server.timeout = clientMs
  server.maxConnections = connectionsMax
  await listen(server, address)
  // Whoever only looks on must not keep the process alive.
  server.unref()
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port
  const host = address.host.includes(':') ? `[${address.host}]` : address.host
  return { url: `http://${host}:${port}`, end: () => close(server) }
}

const listen = (server: Server, address: HttpAddress): Promise<void> =>
  new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => reject(listenError(address, error))
    server.once('error', refuse)
    server.listen({ ...address, exclusive: true }, () => {
      server.off('error', refuse)
      // A connection that breaks is the client's affair.
      server.on('error', () => undefined)
      resolve()
    })
  })

const listenError = ({ host, port }: HttpAddress, error: NodeJS.ErrnoException): Error => {
  if (error.code === 'EADDRINUSE') return errors.portTaken({ host, port }, error)
  return errors.cannotListen({ host, port, reason: messageOf(error) }, error)
}

const respond = (
  { host }: HttpAddress,
  answer: (request: HttpRequest) => HttpAnswer,
  request: IncomingMessage,
  response: ServerResponse,
): void => {
  // What comes with a request is not read; a body would only fill memory.
  request.resume()
  const { method = 'GET', url: target = '/' } = request
  const { status, headers, body } = isOwnHost(host, request.headers.host)
    ? answered(answer, { method, target })
    : failure(421, `this answers to localhost and to plain addresses only\n`)
  const length = Buffer.byteLength(body)
  response.writeHead(status, { ...headers, 'content-length': length })
  response.end(method === 'HEAD' ? undefined : body)
}

/** A fault in an answer must not end the run that it tells of. */
const answered = (answer: (request: HttpRequest) => HttpAnswer, request: HttpRequest): HttpAnswer => {
  try {
    return answer(request)
  } catch (error) {
    return failure(500, `${messageOf(error)}\n`)
  }
}

const failure = (status: number, body: string): HttpAnswer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  body,
})

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
