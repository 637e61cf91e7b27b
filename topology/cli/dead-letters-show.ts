/** `topology dead-letters show`: one record of the quarantine, whole. */
import { type DeadLetter, everySink } from '../../sinks/rows/dead-letters.ts'
import { formatTime } from '../model/event-time.ts'
import type { JsonValue } from '../model/json.ts'
import type { CommandDefinition, ExitCode } from './command.ts'
import { deadLetterJson } from './dead-letter-json.ts'
import { formatPlace, lettersAt } from './dead-letter-place.ts'
import { withReader } from './open-reader.ts'
import { printJson } from './print-json.ts'
import { printable } from './text-table.ts'

export const deadLettersShow: CommandDefinition = {
  name: 'dead-letters show',
  doc: 'Shows one dead letter: cause, key, headers and the raw bytes. --raw gives the bytes alone, for a file.',
  arguments: [{ name: 'PLACE', doc: '[SPOUT/]PARTITION/OFFSET, as the list shows it', isRequired: true }],
  options: [{ flags: '--raw', doc: 'the value as it is, and nothing else' }],
  common: ['rows', 'topology', 'json'],
  examples: ['topology dead-letters show 0/1234', 'topology dead-letters show events/0/1234 --raw > event.json'],
  run: (io, input) =>
    withReader<ExitCode>(io, input, async ({ rows, topology }) => {
      const letters = await lettersAt(rows, topology, input.operands)
      const first = letters[0]!
      if (input.flag('raw')) await io.print(first.raw)
      else if (input.flag('json')) await printJson(io, input, letters.map(letterJson))
      else await io.print(letters.map(letterText).join('\n'))
      return 0
    }),
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Text of the value; `undefined` when it is no UTF-8. */
const rawText = (letter: DeadLetter): string | undefined => {
  try {
    return utf8.decode(letter.raw)
  } catch {
    return undefined
  }
}

const letterJson = (letter: DeadLetter): JsonValue => {
  const text = rawText(letter)
  return {
    ...deadLetterJson(letter),
    key: letter.key,
    headers: Object.fromEntries(letter.headers),
    ...(text === undefined ? { base64: Buffer.from(letter.raw).toString('base64') } : { text }),
    truncated: letter.isTruncated,
  }
}

const letterText = (letter: DeadLetter): string => {
  const text = rawText(letter)
  const lines = [
    ['place', formatPlace(letter)],
    ['appended', formatTime(letter.atMs)],
    ['sink', letter.sink === everySink ? 'all' : letter.sink],
    ['cause', `${letter.cause}: ${letter.message}`],
    ['attempts', String(letter.attempts)],
    ['redriven', letter.redrivenAtMs === undefined ? 'no' : formatTime(letter.redrivenAtMs)],
    ['key', letter.key ?? 'none'],
    ...letter.headers.map(([name, value]) => [`header ${name}`, value]),
    [letter.isTruncated ? 'value (cut)' : 'value', text ?? `base64 ${Buffer.from(letter.raw).toString('base64')}`],
  ]
  return lines.map(([name = '', value = '']) => `${printable(name)}: ${printable(value)}\n`).join('')
}
