/** The lines of an object's plain bytes, and the place in the log that each names. */
import { parseEventId } from '../../topology/model/event-id.ts'

export interface ObjectLine {
  /** Without the line break. */
  readonly bytes: Uint8Array
  readonly start: number
  /** Behind the line break. */
  readonly end: number
}

export function* objectLines(bytes: Uint8Array): Iterable<ObjectLine> {
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(0x0a, start)
    const lineEnd = found < 0 ? bytes.length : found
    const end = found < 0 ? bytes.length : found + 1
    yield { bytes: bytes.subarray(start, lineEnd), start, end }
    start = end
  }
}

/** The `keen` members that the sink put into a line. */
export interface LineMembers {
  readonly id: unknown
  readonly createdAt: unknown
}

/** What a line of ours holds; of any other line a member is undefined, or the access throws. */
interface LineShape {
  readonly keen: Readonly<Record<string, unknown>>
}

/** `undefined`: the line is no JSON object with a `keen` object. */
export const lineMembers = (bytes: Uint8Array): LineMembers | undefined => {
  try {
    const line: LineShape = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString())
    const { keen } = line
    return { id: keen['id'], createdAt: keen['created_at'] }
  } catch {
    return undefined
  }
}

/** Offset of the event in a line; `undefined` where `keen.id` is not one of ours. */
export const offsetOfLine = (bytes: Uint8Array): number | undefined => {
  const id = lineMembers(bytes)?.id
  return typeof id === 'string' ? parseEventId(id)?.offset : undefined
}
