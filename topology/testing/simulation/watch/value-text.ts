/**
 * Any value as one line of text, for comparing what users' parts give. Properties stand in the order in which they were
 * set, because that is the order in which they would be stored.
 */
import { formatTime } from '../../../model/event-time.ts'
import { BatchEvent } from '../../../spouts/decode/batch-event.ts'
import { type AnyEvent, isEvent } from '../../../spouts/decode/changed-events.ts'

const depthMax = 60

/** Equal texts: nobody can tell the values apart, as far as data goes. Functions are all alike. */
export const valueText = (value: unknown): string => textOf(value, [])

/** As a message shows it: cut, where it is long. */
export const shortValueText = (text: string, length = 160): string =>
  text.length <= length ? text : `${text.slice(0, length)}... (${text.length} characters)`

const textOf = (value: unknown, above: readonly object[]): string => {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return String(value)
  if (above.includes(value)) return '(itself)'
  if (above.length >= depthMax) return '(deeper than can be stored)'
  return objectText(value, [...above, value])
}

const objectText = (value: object, above: readonly object[]): string => {
  if (isEvent(value)) {
    // What the decoder has parsed is JSON; the body of a changed event may be anything.
    const body = value instanceof BatchEvent ? JSON.stringify(value.body) : textOf(value.body, above)
    return `${eventHead(value)} ${body}${tailMark}${value.createdAt}`
  }
  if (Array.isArray(value)) return `[${value.map((one) => textOf(one, above)).join(',')}]`
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'no date' : `date ${value.toISOString()}`
  if (ArrayBuffer.isView(value))
    return `bytes ${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`
  if (value instanceof Map) return `map ${textOf([...value], above)}`
  if (value instanceof Set) return `set ${textOf([...value], above)}`
  if (value instanceof Error) return `${value.name} ${JSON.stringify(value.message)}`
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${textOf(member, above)}`)
  return `{${members.join(',')}}`
}

const eventHead = ({ project, collection, partition, offset, timestamp }: AnyEvent): string =>
  `event ${partition}:${offset} of ${project}/${collection} at ${formatTime(timestamp)}`

/** Told at the end: two spouts may have an event at the same place, and this is the least that tells them apart. */
const tailMark = ' appended '
const tail = / appended \d+$/

/** What came out for an event, as a message shows it beside the event: what is the same is not said again. */
export const givenText = (texts: readonly string[], event: string): string => {
  const head = event.slice(0, Math.max(0, event.indexOf(' {') + 1))
  const shown = texts.map((text) => {
    if (text === event) return 'the event itself'
    const own = text.replace(tail, '')
    return head !== '' && own.startsWith(head) ? `the event with the body ${own.slice(head.length)}` : own
  })
  return texts.length === 0 ? 'nothing' : shortValueText(shown.join(', '))
}

/** An input, as a message shows it. */
export const inputText = (text: string): string => shortValueText(text.replace(tail, ''))
