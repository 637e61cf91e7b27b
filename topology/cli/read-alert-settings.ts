/**
 * The section `alerts` of `spillway.yaml`: `webhook` or `command`, a `second` of either kind, a `heartbeat`. Every problem
 * is noted; a secret that is written out is one of them, and is never repeated.
 */
import { parseDuration } from '../model/quantity.ts'
import { hasCredentials } from '../model/shown-url.ts'
import {
  type AlertSettings,
  type ChannelSettings,
  type HeartbeatSettings,
  heartbeatEveryMs,
} from '../observe/alerts/alert-settings.ts'
import { didYouMean } from './did-you-mean.ts'

/** A part of a settings file, without the library that has read it. */
export interface WrittenNode {
  /** Where it stands. */
  readonly place: unknown
  readonly value: string | number | boolean | null | readonly WrittenNode[] | ReadonlyMap<string, WrittenNode>
}

type Note = (place: unknown, text: string) => void

interface Called {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

export const readAlertSettings = (written: WrittenNode, note: Note): AlertSettings => {
  const fields = fieldsOf(written, 'alerts', ['webhook', 'command', 'second', 'heartbeat'], note)
  const first = readChannel(written, fields, 'alerts', note)
  const seconds = fields.get('second')
  const second =
    seconds === undefined
      ? undefined
      : readChannel(seconds, fieldsOf(seconds, 'second', ['webhook', 'command'], note), 'second', note)
  const beat = fields.get('heartbeat')
  const heartbeat = beat === undefined ? undefined : readHeartbeat(beat, note)
  if (first === undefined && seconds !== undefined && !fields.has('webhook') && !fields.has('command'))
    note(seconds.place, 'a second channel needs a first one: alerts has webhook or command')
  return {
    ...(first === undefined ? {} : { first }),
    ...(second === undefined ? {} : { second }),
    ...(heartbeat === undefined ? {} : { heartbeat }),
  }
}

const noFields: ReadonlyMap<string, WrittenNode> = new Map()

const fieldsOf = (
  { place, value }: WrittenNode,
  name: string,
  known: readonly string[],
  note: Note,
): ReadonlyMap<string, WrittenNode> => {
  if (!isFields(value)) {
    note(place, `${name} is a mapping with ${known.join(', ')}`)
    return noFields
  }
  for (const [key, field] of value)
    if (!known.includes(key)) note(field.place, `${name} has no ${JSON.stringify(key)}${didYouMean(key, known)}`)
  return value
}

const isFields = (value: WrittenNode['value']): value is ReadonlyMap<string, WrittenNode> => value instanceof Map

const readChannel = (
  whole: WrittenNode,
  fields: ReadonlyMap<string, WrittenNode>,
  name: string,
  note: Note,
): ChannelSettings | undefined => {
  const [webhook, command] = [fields.get('webhook'), fields.get('command')]
  if (webhook !== undefined && command !== undefined) {
    const other = name === 'alerts' ? ': the other one stands under second' : ''
    note(command.place, `${name} has webhook or command, not both${other}`)
  }
  if (webhook !== undefined) {
    const called = readCalled(webhook, 'webhook', [], note)
    return called === undefined ? undefined : { kind: 'webhook', ...called }
  }
  if (command !== undefined) return readCommand(command, note)
  if (name === 'second') note(whole.place, 'second has webhook or command')
  return undefined
}

const readCommand = ({ place, value }: WrittenNode, note: Note): ChannelSettings | undefined => {
  const words = typeof value === 'string' ? [value] : Array.isArray(value) ? value.map(textOf) : []
  const texts = words.filter((word) => typeof word === 'string')
  if (texts.length < words.length || (texts[0] ?? '') === '') {
    note(place, 'command is a program, or a list of a program and its arguments such as [notify, --loud]')
    return undefined
  }
  // One text is one program: nothing takes it apart.
  if (typeof value === 'string' && /\s/.test(value)) {
    note(place, `command with arguments is a list: [${value.trim().split(/\s+/).join(', ')}]`)
    return undefined
  }
  return { kind: 'command', words: texts }
}

const textOf = ({ value }: WrittenNode): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined

const readHeartbeat = (written: WrittenNode, note: Note): HeartbeatSettings | undefined => {
  const called = readCalled(written, 'heartbeat', ['every'], note)
  const every = isFields(written.value) ? written.value.get('every') : undefined
  const everyMs = every === undefined ? heartbeatEveryMs : readEvery(every, note)
  return called === undefined ? undefined : { ...called, everyMs }
}

const everyBounds = { min: 10_000, max: 86_400_000 }

const readEvery = ({ place, value }: WrittenNode, note: Note): number => {
  const ms = typeof value === 'string' || typeof value === 'number' ? parseDuration(value) : 'every is a duration'
  if (typeof ms === 'string') note(place, ms)
  else if (ms < everyBounds.min || ms > everyBounds.max) note(place, 'every is between 10 seconds and 1 day')
  else return ms
  return heartbeatEveryMs
}

const readCalled = (written: WrittenNode, name: string, more: readonly string[], note: Note): Called | undefined => {
  if (typeof written.value === 'string') {
    const url = readUrl(written, name, note)
    return url === undefined ? undefined : { url, headers: {} }
  }
  const fields = fieldsOf(written, name, ['url', 'headers', ...more], note)
  const [place, headers] = [fields.get('url'), fields.get('headers')]
  if (place === undefined) {
    if (isFields(written.value)) note(written.place, `${name} has no url`)
    return undefined
  }
  const read = headers === undefined ? {} : readHeaders(headers, name, note)
  const url = readUrl(place, `url of ${name}`, note)
  return url === undefined ? undefined : { url, headers: read }
}

const wholeVariable = /^\$\{[A-Za-z_]\w*\}$/
const oneVariable = /\$\{[A-Za-z_]\w*\}/g
const secretParameter = /(?:token|key|secret|password|signature|auth)/i

/** The address as it is written, if it may stand there. */
const readUrl = ({ place, value }: WrittenNode, name: string, note: Note): string | undefined => {
  const url = typeof value === 'string' ? value : ''
  // Whatever the variables hold, they stand for letters.
  const shape = url.replace(oneVariable, 'x')
  const problem = wholeVariable.test(url) ? undefined : urlProblem(url, shape)
  if (problem === undefined) return url
  note(place, `${name} ${problem}`)
  return undefined
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: what a person writes
const byName = '${NAME}'

const urlProblem = (url: string, shape: string): string | undefined => {
  if (!URL.canParse(shape) || !/^https?:$/.test(new URL(shape).protocol))
    return `is an address that begins with http:// or https://, or ${byName} for one in the environment`
  if (hasCredentials(url)) return `holds a user or password: they come from the environment, as ${byName} in a header`
  const open = [...new URL(url.replace(oneVariable, '')).searchParams].find(
    ([parameter, text]) => secretParameter.test(parameter) && text !== '',
  )
  return open === undefined ? undefined : `holds a secret in ${open[0]}: write ${byName} and set it in the environment`
}

const headerName = /^[!#$%&'*+.^`|~\w-]+$/
const secretHeader = /^(?:authorization|cookie|proxy-authorization)$|token|key|secret|password|signature/i

const readHeaders = (written: WrittenNode, name: string, note: Note): Readonly<Record<string, string>> => {
  if (!isFields(written.value)) {
    note(written.place, `headers of ${name} is a mapping of texts`)
    return {}
  }
  const headers: Record<string, string> = {}
  for (const [header, field] of written.value) {
    const text = textOf(field)
    if (!headerName.test(header)) note(field.place, `${JSON.stringify(header)} is no name of a header`)
    else if (text === undefined || /[\r\n]/.test(text)) note(field.place, `header ${header} is a text of one line`)
    else if (secretHeader.test(header) && text.match(oneVariable) === null)
      note(field.place, `header ${header} is a secret: write ${byName} and set it in the environment`)
    else headers[header.toLowerCase()] = text
  }
  return headers
}
