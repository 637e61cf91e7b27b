/** The types of Avro that hold nothing else, as JSON. */
import type { AvroInput } from './avro-input.ts'
import type { JsonOutput } from './json-output.ts'
import type { Transcode } from './logical-text.ts'

const quote = 0x22
const [nullBytes, trueBytes, falseBytes] = ['null', 'true', 'false'].map((text) => Buffer.from(text)) as [
  Buffer,
  Buffer,
  Buffer,
] // three in, three out

const integer: Transcode = (input, output) => {
  const value = input.long()
  if (typeof value === 'number') output.number(value)
  else output.token(String(value))
}

/** By the name of the type. */
export const plainText: ReadonlyMap<string, Transcode> = new Map<string, Transcode>([
  ['null', (_input, output) => output.raw(nullBytes)],
  ['boolean', (input, output) => output.raw(input.boolean() ? trueBytes : falseBytes)],
  ['int', (input, output) => output.number(input.int())],
  ['long', integer],
  ['float', (input, output) => output.number(input.float())],
  ['double', (input, output) => output.number(input.double())],
  ['bytes', (input, output) => base64(input, input.length(), output)],
  [
    'string',
    (input, output) => {
      const length = input.length()
      const at = input.take(length)
      output.string(input.bytes, at, at + length)
    },
  ],
])

export const fixedText =
  (size: number): Transcode =>
  (input, output) =>
    base64(input, size, output)

/** Bytes that hold JSON. */
export const jsonText: Transcode = (input, output) => {
  const length = input.length()
  const at = input.take(length)
  output.raw(input.bytes, at, at + length)
}

const base64 = (input: AvroInput, length: number, output: JsonOutput): void => {
  const at = input.take(length)
  output.byte(quote)
  output.token(Buffer.from(input.bytes.buffer, input.bytes.byteOffset + at, length).toString('base64'))
  output.byte(quote)
}
