/**
 * Bytes that JSON gives a meaning, and two tables that classify all 256.
 *
 * The scanner asks a table once per byte instead of comparing it with each meaning in turn.
 */
import { type TypeName, typeNames } from '../../model/event.ts'

export const jsonBytes = {
  tab: 0x09,
  lineFeed: 0x0a,
  carriageReturn: 0x0d,
  blank: 0x20,
  quote: 0x22,
  plus: 0x2b,
  comma: 0x2c,
  minus: 0x2d,
  dot: 0x2e,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  upperE: 0x45,
  openList: 0x5b,
  backslash: 0x5c,
  closeList: 0x5d,
  lowerE: 0x65,
  lowerU: 0x75,
  openObject: 0x7b,
  closeObject: 0x7d,
} as const

/** What a value is, by its first byte. The scalars have the numbers of their types in the schema. */
export const kindOf = {
  string: 0,
  num: 1,
  bool: 2,
  datetime: 3,
  list: 4,
  null: 5,
  object: 6,
  none: 7,
} as const

/** Type of a kind below `object`. */
export const typeOfKind = (kind: number): TypeName => typeNames[kind]!

/** Kind of the value that begins with a byte; `kindOf.none` where none can. */
export const kindByFirstByte: Uint8Array = new Uint8Array(256).fill(kindOf.none)
kindByFirstByte[jsonBytes.quote] = kindOf.string
kindByFirstByte[jsonBytes.minus] = kindOf.num
kindByFirstByte.fill(kindOf.num, jsonBytes.zero, jsonBytes.nine + 1)
kindByFirstByte[0x74] = kindOf.bool
kindByFirstByte[0x66] = kindOf.bool
kindByFirstByte[0x6e] = kindOf.null
kindByFirstByte[jsonBytes.openList] = kindOf.list
kindByFirstByte[jsonBytes.openObject] = kindOf.object

/** 1 for a byte that stands for itself within a string: ASCII but control characters, quote and backslash. */
export const isPlainByte: Uint8Array = new Uint8Array(256).fill(1, 0x20, 0x80)
isPlainByte[jsonBytes.quote] = 0
isPlainByte[jsonBytes.backslash] = 0
