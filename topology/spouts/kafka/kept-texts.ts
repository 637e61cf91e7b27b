/**
 * Strings and headers of records, made once per different bytes: equal ones are the same string and the same array.
 *
 * A table of few places, each with the bytes that it last gave an answer for; another answer takes the place. So a
 * producer that never repeats itself fills no memory, and one that does (keys are projects) pays a comparison.
 */
import type { Headers } from '../../model/record.ts'

const placesMask = 0xff
// Longer ones are made each time: nobody groups by them.
const bytesMax = 1_024

interface Place<Answer> {
  readonly bytes: Uint8Array
  readonly answer: Answer
}

export class KeptTexts<Answer> {
  readonly #make: (bytes: Buffer, from: number, to: number) => Answer
  readonly #places: (Place<Answer> | undefined)[] = new Array(placesMask + 1).fill(undefined)
  #last: Place<Answer> | undefined

  constructor(make: (bytes: Buffer, from: number, to: number) => Answer) {
    this.#make = make
  }

  at(bytes: Buffer, from: number, to: number): Answer {
    const last = this.#last
    if (last !== undefined && isSame(last.bytes, bytes, from, to)) return last.answer
    if (to - from > bytesMax) return this.#make(bytes, from, to)
    let hash = to - from
    for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
    const index = (hash ^ (hash >>> 15)) & placesMask
    let place = this.#places[index]
    if (place === undefined || !isSame(place.bytes, bytes, from, to)) {
      place = { bytes: Uint8Array.prototype.slice.call(bytes, from, to), answer: this.#make(bytes, from, to) }
      this.#places[index] = place
    }
    this.#last = place
    return place.answer
  }
}

const isSame = (known: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean => {
  if (known.length !== to - from) return false
  for (let at = 0; at < known.length; at += 1) if (known[at] !== bytes[from + at]) return false
  return true
}

export const createKeptKeys = (): KeptTexts<string> =>
  new KeptTexts((bytes, from, to) => bytes.toString('utf8', from, to))

/** Of the bytes of a record's headers: their number, then names and values, each behind its length. A null value is read as ''. */
export const createKeptHeaders = (): KeptTexts<Headers> =>
  new KeptTexts((bytes, from, to) => {
    const texts: string[] = []
    for (let at = afterVarint(bytes, from); at < to; ) {
      const length = varintAt(bytes, at)
      at = afterVarint(bytes, at)
      texts.push(length < 0 ? '' : bytes.toString('utf8', at, at + length))
      at += Math.max(0, length)
    }
    const headers: (readonly [string, string])[] = []
    for (let index = 0; index + 1 < texts.length; index += 2) headers.push([texts[index]!, texts[index + 1]!])
    return headers
  })

/** A zigzag number of up to 32 bits. */
export const varintAt = (bytes: Uint8Array, at: number): number => {
  let value = 0
  for (let shift = 0, place = at; shift < 35; shift += 7, place += 1) {
    const byte = bytes[place]!
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) break
  }
  return (value >>> 1) ^ -(value & 1)
}

export const afterVarint = (bytes: Uint8Array, at: number): number => {
  let place = at
  while (bytes[place]! >= 0x80) place += 1
  return place + 1
}
