/** Records, maps, arrays, enums and unions of Avro as JSON. Depth is bounded here, length by the output. */
import { nestingLevelsMax } from '../../model/limits.ts'
import type { AvroInput } from './avro-input.ts'
import type { JsonOutput } from './json-output.ts'
import type { Transcode } from './logical-text.ts'
import { MalformedAvro } from './malformed-avro.ts'

const [openObject, closeObject, openList, closeList] = [0x7b, 0x7d, 0x5b, 0x5d]
const [comma, colon] = [0x2c, 0x3a]

export interface FieldText {
  /** `"name":` */
  readonly label: Uint8Array
  readonly read: Transcode
  /** Index of the null branch that stands for an absent property, -1 where there is none. */
  readonly absent: number
  /** Set where the field is a map whose entries belong to the record itself: how their values are read. */
  readonly spread?: Transcode
}

export const recordText = (fields: readonly FieldText[]): Transcode =>
  fields.length > 0 && fields.every(({ absent, spread }) => absent < 0 && spread === undefined)
    ? wholeRecordText(fields)
    : sparseRecordText(fields)

/** All fields are always there, so their labels hold what is in front of them. */
const wholeRecordText = (fields: readonly FieldText[]): Transcode => {
  const labels = fields.map(({ label }, index) => Buffer.concat([Buffer.of(index === 0 ? openObject : comma), label]))
  const reads = fields.map(({ read }) => read)
  return (input, output, level) => {
    checkLevel(level)
    for (let i = 0; i < reads.length; i++) {
      output.raw(labels[i]!)
      reads[i]!(input, output, level + 1)
    }
    output.byte(closeObject)
  }
}

const sparseRecordText =
  (fields: readonly FieldText[]): Transcode =>
  (input, output, level) => {
    checkLevel(level)
    let mark = openObject
    for (const { label, read, absent, spread } of fields) {
      if (absent >= 0 && isBranch(input, absent)) continue
      if (spread !== undefined) {
        eachItem(input, () => {
          output.byte(mark)
          mark = comma
          entryText(input, output, spread, level + 1)
        })
        continue
      }
      output.byte(mark)
      mark = comma
      output.raw(label)
      read(input, output, level + 1)
    }
    if (mark === openObject) output.byte(openObject)
    output.byte(closeObject)
  }

/** Takes the index of the branch, where it is this one. */
const isBranch = (input: AvroInput, index: number): boolean => {
  if (input.at >= input.end || input.bytes[input.at] !== 2 * index) return false
  input.at++
  return true
}

export const listText =
  (item: Transcode): Transcode =>
  (input, output, level) => {
    checkLevel(level)
    let mark = openList
    eachItem(input, () => {
      output.byte(mark)
      mark = comma
      item(input, output, level + 1)
    })
    if (mark === openList) output.byte(openList)
    output.byte(closeList)
  }

export const mapText =
  (value: Transcode): Transcode =>
  (input, output, level) => {
    checkLevel(level)
    let mark = openObject
    eachItem(input, () => {
      output.byte(mark)
      mark = comma
      entryText(input, output, value, level + 1)
    })
    if (mark === openObject) output.byte(openObject)
    output.byte(closeObject)
  }

/** A name and its value. */
const entryText = (input: AvroInput, output: JsonOutput, value: Transcode, level: number): void => {
  const length = input.length()
  const at = input.take(length)
  output.string(input.bytes, at, at + length)
  output.byte(colon)
  value(input, output, level)
}

/** Items of all blocks. Each writes a byte at least, so an endless block ends at the limit of the output. */
const eachItem = (input: AvroInput, write: () => void): void => {
  for (let count = input.blockCount(); count > 0; count = input.blockCount()) for (; count > 0; count--) write()
}

export const enumText = (symbols: readonly string[]): Transcode => {
  const texts = symbols.map((symbol) => Buffer.from(JSON.stringify(symbol)))
  return (input, output) => {
    const text = texts[Number(input.long())]
    if (text === undefined) throw new MalformedAvro('an enum has no such symbol')
    output.raw(text)
  }
}

export const unionText =
  (branches: readonly Transcode[]): Transcode =>
  (input, output, level) => {
    const branch = branches[Number(input.long())]
    if (branch === undefined) throw new MalformedAvro('a union has no such branch')
    branch(input, output, level)
  }

/** `level` objects and lists are around this one. */
const checkLevel = (level: number): void => {
  if (level >= nestingLevelsMax) throw new MalformedAvro(`the value nests deeper than ${nestingLevelsMax} levels`)
}
