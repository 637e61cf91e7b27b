/**
 * Alerts as a POST of JSON, and heartbeats as a GET. The address may be a secret, so only its host is ever told; an answer
 * that leads elsewhere is no success, for nobody has agreed to that place.
 */
import { shortText } from '../../model/short-text.ts'
import type { AlertChannel } from './alert-channel.ts'
import type { HeartbeatSettings, WebhookSettings } from './alert-settings.ts'

export const webhookChannel = ({ url, headers }: Omit<WebhookSettings, 'kind'>): AlertChannel => ({
  name: `webhook ${hostOf(url)}`,
  send: (message, signal) =>
    call(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(message),
      signal,
    }),
})

/** Tells the other side that this one is still able to. */
export const heartbeatChannel = ({ url, headers }: HeartbeatSettings): AlertChannel => ({
  name: `heartbeat ${hostOf(url)}`,
  send: (_, signal) => call(url, { method: 'GET', headers: { ...headers }, signal }),
})

const call = async (url: string, request: RequestInit): Promise<void> => {
  const response = await answerOf(url, request)
  await response.body?.cancel().catch(() => undefined)
  if (!response.ok) throw new Error(`it answers ${response.status}`)
}

/** Only the code of what went wrong: texts of errors hold addresses. */
const answerOf = async (url: string, request: RequestInit): Promise<Response> => {
  try {
    return await fetch(url, { ...request, redirect: 'manual' })
  } catch (error) {
    if (request.signal?.aborted === true) throw new Error('it does not answer in time')
    throw new Error(`it cannot be reached (${codeOf(error)})`)
  }
}

const codeOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? shortText(code) : 'the request failed'
}

export const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'no address')
