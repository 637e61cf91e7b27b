/**
 * The bytes of an event whose body a bolt has replaced: what a sink stores of it.
 *
 * `keen.id` and `keen.created_at` are left out: the sink writes its own into `keen`.
 */
import { errors } from '../../model/errors.ts'
import { messageOf } from '../../model/spillway-error.ts'
import { findKeen } from './find-keen.ts'

export interface ChangedBytes {
  readonly buffer: Uint8Array
  readonly start: number
  readonly end: number
  readonly keenAt: number
  readonly hasTimestamp: boolean
}

/** Writes a body. Throws `boltFailed` for a body that is no JSON object or whose `keen` is none. */
export const encodeBody = (body: unknown, bolt: string): ChangedBytes => {
  const plain = plainBody(body, bolt)
  const keen = Object.hasOwn(plain, 'keen') ? plain['keen'] : undefined
  if (keen !== undefined && !isRecord(keen))
    throw errors.boltFailed({ bolt, reason: 'property keen of the new body is not an object' })
  const buffer = Buffer.from(JSON.stringify(keen === undefined ? plain : { ...plain, keen: withoutOurs(keen) }))
  return {
    buffer,
    start: 0,
    end: buffer.length,
    keenAt: keen !== undefined ? findKeen(buffer, 0, buffer.length) : -1,
    hasTimestamp: keen?.['timestamp'] !== undefined,
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The body as JSON keeps it: dates are texts, what JSON cannot say is gone. */
const plainBody = (body: unknown, bolt: string): Record<string, unknown> => {
  let plain: unknown
  try {
    plain = JSON.parse(JSON.stringify(body) ?? 'null')
  } catch (error) {
    throw errors.boltFailed({ bolt, reason: `the new body is no JSON: ${messageOf(error)}` }, error)
  }
  if (!isRecord(plain)) throw errors.boltFailed({ bolt, reason: 'the new body is not an object' })
  return plain
}

const withoutOurs = (keen: Record<string, unknown>): Record<string, unknown> => {
  const { id: _id, created_at: _createdAt, ...rest } = keen
  return rest
}
